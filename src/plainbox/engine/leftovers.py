"""Processes that an interrupted attempt left running, found by the environment they inherited."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def end_leftovers(share: Path, proc: Path = Path("/proc")) -> list[str]:
    """Kill every process whose environment names this session share; say which they were."""
    mark = b"PLAINBOX_SESSION_SHARE=" + os.fsencode(share) + b"\0"
    ended = []
    for process, name in _processes(proc, mark):
        try:
            os.kill(process, signal.SIGKILL)
        except OSError:
            continue
        ended.append(f"{name} (process {process})")
    return ended


def _processes(proc: Path, mark: bytes) -> Iterator[tuple[int, str]]:
    own = os.getpid()
    for entry in proc.iterdir():
        if not entry.name.isdecimal() or int(entry.name) == own:
            continue
        try:
            if mark in (entry / "environ").read_bytes() + b"\0":
                yield int(entry.name), (entry / "comm").read_text("utf-8", "replace").strip()
        except OSError:
            continue
