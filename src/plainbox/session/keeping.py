"""Who has a session just now, and removing sessions that nobody has any more.

A folder that is to go is renamed first, so that a removal that is cut short leaves no half
session behind; the next one sweeps up.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.errors import StorageError
from plainbox.session.store import take_lock

if TYPE_CHECKING:
    from plainbox.session.store import SessionFolder, Store

_GONE: Final = ".removed-"
_MOUNTS: Final = Path("/proc/self/mountinfo")


def holder(folder: SessionFolder) -> str:
    """Which process has a session; empty where none has. Nothing is changed by asking."""
    try:
        descriptor = os.open(folder.path / "lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return ""


def remove(folder: SessionFolder) -> None:
    """Remove a session and all that is in its folder.

    Raise `SessionBusy` where a process has it, else `StorageError`.
    """
    lock = take_lock(folder)
    try:
        if mounted := _mounts_below(folder.path):
            message = f"the session {folder.id} cannot be removed: {mounted} is mounted in it"
            raise StorageError(message, hints=[f"umount {mounted}"])
        gone = folder.path.with_name(f"{_GONE}{folder.id}.{os.getpid()}")
        folder.path.rename(gone)
    except OSError as error:
        raise StorageError(f"the session {folder.id} cannot be removed: {error}") from error
    finally:
        os.close(lock)
    _delete(gone)


def sweep(store: Store) -> None:
    """Remove what removals that were cut short have left."""
    with suppress(OSError):
        for entry in store.folder.glob(f"{_GONE}*"):
            if not _mounts_below(entry):
                shutil.rmtree(entry, ignore_errors=True)


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except PermissionError:
        _open_up(folder)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise _left(folder, error) from error
    except OSError as error:
        raise _left(folder, error) from error


def _left(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the session is removed but for some files: {error}",
        hints=[f"who may do so can remove {folder}"],
    )


def _open_up(folder: Path) -> None:
    """Let this user into folders that a job has closed."""
    with suppress(OSError):
        folder.chmod(0o700)
    for place, names, _ in os.walk(folder):
        for name in names:
            inner = Path(place, name)
            if not inner.is_symlink():
                with suppress(OSError):
                    inner.chmod(0o700)


def _mounts_below(folder: Path) -> str:
    """What is mounted in a folder: removing the folder would empty that too."""
    with suppress(OSError):
        for line in _MOUNTS.read_text("utf-8", "surrogateescape").splitlines():
            point = line.split(" ")[4].replace("\\040", " ")
            if Path(point).is_relative_to(folder):
                return point
    return ""
