"""What is wrong with units: by themselves, with each other, and with what they would make.

Nothing in a unit is ever executed here. Shells are asked whether they could read a command, which
they answer without running it.
"""

from plainbox.checking.check import Checked, check_units
from plainbox.checking.finding import Finding
from plainbox.checking.ignoring import apply_ignores
from plainbox.checking.world import World

__all__ = ["Checked", "Finding", "World", "apply_ignores", "check_units"]
