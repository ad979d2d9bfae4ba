"""Keeping the machine from going to sleep by itself while jobs run.

logind is asked through `systemd-inhibit`, which holds the lock as long as its program runs; that
ends with plainbox, however plainbox ends. A job that is to suspend the machine needs the lock
released while it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plainbox.machine.programs import Held, find_program

_PROGRAMS: Final = ("systemd-inhibit", "elogind-inhibit")
_BUS: Final = "run/dbus/system_bus_socket"
_NOBODY: Final = "nothing here can keep the machine from going to sleep while jobs run (no logind)"


class Inhibitor:
    """A lock against idle and sleep, taken and released at will; `note` says why it cannot be."""

    def __init__(self, why: str, root: Path = Path("/")) -> None:
        """`why` is what people are told who ask what keeps the machine awake."""
        self._why = why
        self._held: Held | None = None
        self._program = next(filter(None, map(find_program, _PROGRAMS)), None)
        self.note = ""
        if self._program is None or not (root / _BUS).exists():
            self._program = None
            self.note = _NOBODY

    @property
    def process(self) -> int:
        """The number of the process that holds the lock; 0 where none does."""
        return self._held.process if self._held else 0

    def hold(self) -> None:
        """Keep the machine awake from now on; where that is refused, `note` says so."""
        if self._program is None or self._held is not None:
            return
        lock = ("--what=idle:sleep", "--who=plainbox", f"--why={self._why}", "--mode=block")
        try:
            self._held = Held((self._program, *lock, "/bin/sh", "-c", "echo held; exec cat"))
        except OSError:
            self._program = None
            self.note = "logind refuses to keep the machine awake: it may go to sleep meanwhile"

    def release(self) -> None:
        """Let the machine go to sleep again."""
        if self._held is not None:
            self._held.release()
            self._held = None
