"""One run a machine at a time: two that test the same hardware spoil each other's results.

The lock is a file in `/run/lock`, which all users of a machine share; sessions in a state folder
that somebody named are a machine of their own, with the lock in it. The kernel gives it back when
the process ends, however it ends, and tells who has it.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.errors import MachineBusy, StorageError
from plainbox.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "plainbox.lock"
_SHARED: Final = Path("/run/lock")
_OPEN: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_MAKE: Final = _OPEN | os.O_CREAT | os.O_EXCL
_LONGEST: Final = 60


def lock_file(state_folder: Path, environ: Mapping[str, str], shared: Path = _SHARED) -> Path:
    """Where the lock is of runs with this state folder."""
    named = bool(environ.get("PLAINBOX_STATE_DIR"))
    if not named and shared.is_dir() and os.access(shared, os.W_OK | os.X_OK):
        return shared / NAME
    return state_folder / NAME


def take_turn(path: Path) -> int:
    """Have the machine for this process until the descriptor is closed.

    Raise `MachineBusy` where another process has it, `StorageError` where nobody can.
    """
    try:
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        descriptor = _opened(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = holder(descriptor)
        os.close(descriptor)
        raise MachineBusy(
            f"another run is on this machine: {who}",
            hints=["wait until it ends, or run beside it with --beside"],
        ) from None
    except OSError as error:
        os.close(descriptor)
        raise StorageError(f"{path} cannot be locked: {error.strerror}") from error
    return descriptor


def _opened(path: Path) -> int:
    """Open the file, whoever made it; a lock needs no more than that."""
    try:
        return os.open(path, _OPEN)
    except FileNotFoundError:
        pass
    try:
        descriptor = os.open(path, _MAKE, 0o644)
    except FileExistsError:
        return os.open(path, _OPEN)
    with suppress(OSError):
        os.fchmod(descriptor, 0o644)
    return descriptor


def holder(descriptor: int, proc: Path = Path("/proc")) -> str:
    """Who has the lock of an open file, since when, as far as the kernel tells."""
    inode = os.fstat(descriptor).st_ino
    try:
        lines = (proc / "locks").read_text("ascii").splitlines()
    except OSError:
        lines = []
    for line in lines:
        words = line.split()
        if "FLOCK" in words[1:2] and "->" not in words and words[5].endswith(f":{inode}"):
            return _described(int(words[4]), proc)
    return "of another process"


def _described(process: int, proc: Path) -> str:
    about = proc / str(process)
    try:
        words = (about / "cmdline").read_bytes().split(b"\0")
        uid = about.stat().st_uid
        started = float(
            (about / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
        )
    except (OSError, ValueError, IndexError):
        return f"process {process}"
    ticks = os.sysconf("SC_CLK_TCK")
    seconds = time.clock_gettime(time.CLOCK_BOOTTIME) - started / ticks
    command = printable(b" ".join(words[-4:]).decode("utf-8", "replace").strip())[-_LONGEST:]
    since = time.strftime("%H:%M", time.localtime(time.time() - seconds))
    return f"process {process} of {_name(uid)}, since {since}: {command}"


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
