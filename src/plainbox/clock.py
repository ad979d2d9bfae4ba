"""Where time comes from.

No decision uses the wall clock: order, durations and deadlines come from the boot id and the
clock that counts since the machine started, sleep included. Wall time is only for people.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """One moment: the boot it is in, seconds since that boot, seconds since 1970."""

    boot: str
    up: float
    wall: float


class Clock(Protocol):
    """Anything that tells what moment it is."""

    def now(self) -> Stamp:
        """The present moment."""
        ...


class SystemClock:
    """The clock of the machine that plainbox runs on."""

    def __init__(self) -> None:
        try:
            self._boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        except OSError:
            self._boot = "unknown"

    def now(self) -> Stamp:
        """The present moment."""
        return Stamp(self._boot, time.clock_gettime(time.CLOCK_BOOTTIME), time.time())
