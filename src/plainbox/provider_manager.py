"""What the `manage.py` of a provider imports: a thin face for people who still run that script.

Plainbox itself only reads the script, it never runs it. The old sub-commands are passed on to
the commands of plainbox that took their place, with the folder of the script; those that build
and install have no successor yet and say so. Further names that scripts import do nothing.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import ClassVar, Final, NoReturn, TypeVar

from plainbox.cli import COMMANDS, main

T = TypeVar("T")

SUCCESSORS: Final = {
    "validate": ("check", "{folder}"),
    "info": ("list", "units", "--provider", "{folder}"),
    "test": ("run", "--provider", "{folder}"),
}
"""What took the place of the sub-commands of the script."""

_logger: Final = logging.getLogger("plainbox.provider_manager")


def N_(text: str) -> str:  # noqa: N802 - gettext looks for this name
    """Mark a text for translation."""
    return text


_ = N_


def setup(**keywords: object) -> NoReturn:  # noqa: ARG001 - plainbox reads them in the script
    """Do what the script was called for, whatever it says about the provider."""
    folder = Path(sys.argv[0]).absolute().parent
    name, *words = sys.argv[1:] or [""]
    successor = [word.format(folder=folder) for word in SUCCESSORS.get(name, ())]
    if successor and successor[0] in COMMANDS:
        sys.exit(main([*successor, *words]))
    asked = f"'{name}' does nothing here" if name else "this script names a provider"
    sys.stderr.write(f"{Path(sys.argv[0]).name}: {asked}; plainbox reads it where it lies:\n")
    for old, command in SUCCESSORS.items():
        if command[0] in COMMANDS:
            line = " ".join(command).format(folder=folder)
            sys.stderr.write(f"  plainbox {line}  # for {old}\n")
    sys.exit(2 if name else 0)


def manage_py_extension(command: T) -> T:
    """Leave a sub-command that a script defines as it is: nothing calls it."""
    return command


class InstallCommand:
    """Where scripts derive their own `install` from."""


class SourceDistributionCommand:
    """Where scripts derive their own `sdist` from."""

    _INCLUDED_ITEMS: ClassVar[list[str]] = []
