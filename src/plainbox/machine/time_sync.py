"""Whether the clock of this machine has been set by one that knows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from plainbox.machine.programs import Call, call_all, find_program

if TYPE_CHECKING:
    from pathlib import Path

_PLAUSIBLE: Final = 1_735_689_600.0
"""The start of 2025: a clock that says an earlier time was not set."""

_SECONDS: Final = 1.0
_CHRONY: Final = ("run/chrony/chronyd.pid", "run/chronyd.pid", "run/chrony/chronyd.sock")


def clock_problem(root: Path, wall: float | None = None) -> str:
    """What is wrong with the clock; empty where it is right, or nobody knows."""
    wall = time.time() if wall is None else wall
    if wall < _PLAUSIBLE:
        said = time.strftime("%Y-%m-%d", time.gmtime(wall))
        return f"clock says {said}: it was never set, times will be corrected or marked"
    return "" if _is_synchronised(root) is not False else "clock is not synchronised yet"


def _is_synchronised(root: Path) -> bool | None:
    """What the programs that set clocks say; None where there are none."""
    sync = root / "run/systemd/timesync"
    if (sync / "synchronized").exists():
        return True
    if any((root / place).exists() for place in _CHRONY):
        return _of_chrony()
    if sync.is_dir():
        return False
    return None


def _of_chrony() -> bool | None:
    program = find_program("chronyc")
    if program is None:
        return None
    (reply,) = call_all([Call((program, "-n", "tracking"), "")], seconds=_SECONDS)
    for line in reply.output.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "Leap status":
            return value.strip().lower() != "not synchronised"
    return None
