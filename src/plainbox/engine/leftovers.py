"""Processes that an interrupted attempt left running, found by the environment they inherited."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS: Final = 10


def end_leftovers(share: Path, proc: Path = Path("/proc")) -> list[str]:
    """Kill every process whose environment names this session share; say which they were.

    A process may start another one while we look, so we look again until there is none.
    """
    mark = b"PLAINBOX_SESSION_SHARE=" + os.fsencode(share) + b"\0"
    ended: dict[int, str] = {}
    for _ in range(_ROUNDS):
        found = [(process, name) for process, name in _processes(proc, mark) if _kill(process)]
        if all(process in ended for process, _ in found):
            break
        ended.update(found)
    return [f"{name} (process {process})" for process, name in ended.items()]


def _kill(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        return False
    return True


def _processes(proc: Path, mark: bytes) -> Iterator[tuple[int, str]]:
    own = os.getpid()
    for entry in proc.iterdir() if proc.is_dir() else ():
        if not entry.name.isdecimal() or int(entry.name) == own:
            continue
        try:
            if mark in (entry / "environ").read_bytes() + b"\0":
                yield int(entry.name), (entry / "comm").read_text("utf-8", "replace").strip()
        except OSError:
            continue
