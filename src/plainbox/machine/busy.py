"""What else works on this machine now and may get in the way of tests.

A package manager locks a file while it works. Who holds a lock stands in /proc/locks, by the
device and the number of the file, for everybody to read; nothing is opened or locked here.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKS: Final = {
    "var/lib/dpkg/lock-frontend": "dpkg",
    "var/lib/dpkg/lock": "dpkg",
    "var/lib/apt/lists/lock": "apt",
    "var/cache/apt/archives/lock": "apt",
    "var/lib/rpm/.rpm.lock": "rpm",
    "usr/lib/sysimage/rpm/.rpm.lock": "rpm",
    "run/dnf/rpmtransaction.lock": "dnf",
    "run/zypp.pid": "zypper",
}
_PIDS: Final = {
    "var/cache/dnf/metadata_lock.pid": "dnf",
    "var/cache/dnf/download_lock.pid": "dnf",
    "run/dnf5.pid": "dnf",
}
_LONGEST: Final = 65536
_SNAPD: Final = "run/snapd.socket"
_SNAPD_SECONDS: Final = 1.0
_REPLY_BYTES: Final = 1_000_000


class Remark(NamedTuple):
    """Something to know before a run, and what to do about it."""

    text: str
    hint: str = ""


def busy(root: Path, seconds: float = 0.0) -> Iterator[Remark]:
    """What works on the machine now, and what snapd will do within so many seconds."""
    yield from _packages(root)
    if _cloud_init_runs(root):
        yield Remark("cloud-init is still setting this machine up", "cloud-init status --wait")
    if (root / "run/reboot-required").exists():
        yield Remark("an update waits for a restart: what is tested is not what is installed")
    with suppress(OSError, ValueError):
        yield from _snaps(str(root / _SNAPD), seconds)


def _packages(root: Path) -> Iterator[Remark]:
    holders = dict(_holders(root))
    told: set[str] = set()
    for place, name in (*_LOCKS.items(), *_PIDS.items()):
        if name in told:
            continue
        number = holders.get(place) or (_pid_in(root, place) if place in _PIDS else 0)
        if number:
            told.add(name)
            program = _program(root, number)
            yield Remark(
                f"{program or name} is changing packages (process {number}): "
                "jobs may fail, and what they test may change"
            )


def _holders(root: Path) -> Iterator[tuple[str, int]]:
    """The lock files that somebody holds, with the numbers of the processes."""
    files: dict[tuple[int, int, int], str] = {}
    for place in _LOCKS:
        with suppress(OSError):
            about = (root / place).stat()
            device = about.st_dev
            files[os.major(device), os.minor(device), about.st_ino] = place
    if not files:
        return
    for line in _read(root / "proc/locks").splitlines():
        words = line.split()
        with suppress(ValueError, IndexError):
            major, minor, inode = words[5].split(":")
            place = files.get((int(major, 16), int(minor, 16), int(inode)), "")
            if place and words[1] != "->" and int(words[4]) > 0:
                yield place, int(words[4])


def _pid_in(root: Path, place: str) -> int:
    """The process that a file names, where it lives."""
    text = _read(root / place).strip()
    alive = text.isdecimal() and (root / "proc" / text / "comm").exists()
    return int(text) if alive else 0


def _program(root: Path, number: int) -> str:
    return _read(root / f"proc/{number}/comm").strip()


def _cloud_init_runs(root: Path) -> bool:
    """It began on this boot (its status is there) and has not written what came of it."""
    folder = root / "run/cloud-init"
    begun = (folder / "status.json").exists() and not (folder / "disabled").exists()
    return begun and not (folder / "result.json").exists()


def _snaps(path: str, seconds: float) -> Iterator[Remark]:
    """What snapd does now, and whether it will refresh within so many seconds."""
    if not Path(path).exists():
        return
    for change in _ask_snapd(path, "/v2/changes?select=in-progress"):
        yield Remark(f"snapd is busy: {change.get('summary', 'a change')}", "snap changes")
    about: Any = _ask_snapd(path, "/v2/system-info")
    refresh = about.get("refresh", {})
    left = _seconds_until(refresh.get("next", ""))
    hold = _seconds_until(refresh.get("hold", "")) or 0.0
    if left is not None and max(left, hold) < seconds:
        text = f"snapd wants to refresh in {max(0, round(left / 60))} min, during the run"
        yield Remark(text, "snap refresh --hold=24h")


def _ask_snapd(path: str, what: str) -> Any:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as snapd:
        snapd.settimeout(_SNAPD_SECONDS)
        snapd.connect(path)
        snapd.sendall(f"GET {what} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        reply = b""
        while len(reply) < _REPLY_BYTES and (part := snapd.recv(65536)):
            reply += part
    result = json.loads(reply.partition(b"\r\n\r\n")[2]).get("result")
    if not isinstance(result, list | dict):
        raise ValueError("no result")  # noqa: TRY004 - of what came over a socket
    return result


def _seconds_until(moment: str) -> float | None:
    """How long it is until a moment as JSON has it; None where it is none."""
    with suppress(ValueError):
        return datetime.fromisoformat(moment[:19] + "+00:00").timestamp() - time.time()
    return None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""
