"""Facts of the machine that plainbox runs on."""

from plainbox.machine.about import about_machine

__all__ = ["about_machine"]
