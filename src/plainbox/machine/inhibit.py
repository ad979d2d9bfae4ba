"""Keeping the machine from going to sleep by itself while jobs run.

logind is asked through `systemd-inhibit`, which holds the lock as long as its program runs; that
ends with plainbox, however plainbox ends. A job that is to suspend the machine needs the lock
released while it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plainbox.machine.programs import Standby, find_program

_PROGRAMS: Final = ("systemd-inhibit", "elogind-inhibit")
_BUS: Final = "run/dbus/system_bus_socket"
_NOBODY: Final = "nothing here can keep the machine from going to sleep while jobs run (no logind)"
_REFUSED: Final = "logind refuses to keep the machine awake: it may go to sleep meanwhile"


class Inhibitor:
    """A lock against idle and sleep, taken and released at will; `note` says why it cannot be.

    Make it before the first job is started.
    """

    def __init__(self, why: str, root: Path = Path("/")) -> None:
        """`why` is what people are told who ask what keeps the machine awake."""
        program = next(filter(None, map(find_program, _PROGRAMS)), None)
        self.held = False
        self.note = ""
        self._lock: Standby | None = None
        if program is None or not (root / _BUS).exists():
            self.note = _NOBODY
            return
        words = (program, "--what=idle:sleep", "--who=plainbox", f"--why={why}", "--mode=block")
        try:
            self._lock = Standby(words)
        except OSError as error:
            self.note = f"{_REFUSED} ({error.strerror})"

    def hold(self) -> None:
        """Keep the machine awake from now on; where that is refused, `note` says so."""
        if self._lock is None or self.held:
            return
        self.held = self._lock.begin()
        if not self.held:
            self.note = _REFUSED
            self.close()

    def release(self) -> None:
        """Let the machine go to sleep again."""
        if self._lock is not None and self.held:
            self._lock.end()
        self.held = False

    def close(self) -> None:
        """Let go of it for good."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self.held = False
