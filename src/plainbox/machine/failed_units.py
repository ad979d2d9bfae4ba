"""Units of systemd that have failed. Asking takes some 10 ms, so it is asked only now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from plainbox.machine.programs import Call, call_all, find_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS_BETWEEN: Final = 30.0
_SHARE: Final = 100
"""Asking may take one part in so many of the time."""
_LIMIT: Final = 2.0


class FailedUnits:
    """The units that had failed when they were last asked for."""

    def __init__(self, root: Path, now: Callable[[], float] = time.monotonic) -> None:
        runs = (root / "run/systemd/system").is_dir()
        self._program = find_program("systemctl") if runs else None
        self._now = now
        self._next = 0.0
        self._known: set[str] = set()
        self.new()

    def new(self) -> list[str]:
        """The units that failed since they were last asked for; nothing where it is too soon."""
        began = self._now()
        if self._program is None or began < self._next:
            return []
        words = (self._program, "list-units", "--state=failed", "--plain", "--no-legend", "--full")
        (reply,) = call_all([Call((*words, "--no-pager"), "")], seconds=_LIMIT)
        ended = self._now()
        self._next = ended + max(_SECONDS_BETWEEN, _SHARE * (ended - began))
        if reply.code != 0:
            return []
        failed = {line.split()[0] for line in reply.output.splitlines() if line.split()}
        found = sorted(failed - self._known)
        self._known = failed
        return found
