"""Waiting, after a restart, until the machine is done starting: not for ever.

systemd knows when its start is over. Elsewhere a machine counts as settled when it is up for a
while and no more than busy.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.machine.programs import Call, call_all, find_program

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 180.0
"""The longest time to wait, in seconds."""

_UP_SECONDS: Final = 60.0
_PAUSE: Final = 1.0


def settle(
    root: Path = Path("/"),
    *,
    seconds: float = LIMIT,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until the machine has started; return what is to be said of it, often nothing."""
    if (root / "run/systemd/system").is_dir() and (program := find_program("systemctl")):
        words = (program, "is-system-running", "--wait")
        (reply,) = call_all([Call(words, "")], seconds=seconds)
        if reply.code is not None and (state := reply.output.strip()) in _WORDS:
            return _WORDS[state]
        if reply.code is None:
            return f"the machine was still starting after {seconds:.0f} s"
    waited = 0.0
    while not _calm(root):
        if waited >= seconds:
            return f"the machine was still busy after {seconds:.0f} s"
        pause(_PAUSE)
        waited += _PAUSE
    return ""


_WORDS: Final = {
    "running": "",
    "degraded": "the machine has started, but some of its units failed (systemctl --failed)",
    "maintenance": "the machine is in maintenance mode",
    "stopping": "the machine is going down",
}


def _calm(root: Path) -> bool:
    """Whether the machine is up for some time and not overloaded; yes where nobody knows."""
    try:
        up = float((root / "proc/uptime").read_text("ascii").split()[0])
        load = float((root / "proc/loadavg").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return True
    return up >= _UP_SECONDS and (up >= 3 * _UP_SECONDS or load <= (os.cpu_count() or 1))
