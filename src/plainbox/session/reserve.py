"""Room on the disk that is kept for the journal, so that a session outlives a full disk.

The session that is written takes some room when it is opened and gives it back when it is
closed. When the disk is full it is released: then there is room for how the running job ended.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

RESERVE_BYTES: Final = 16 * 1024 * 1024
_NAME: Final = "reserve"
_UNITS: Final = ("bytes", "KB", "MB", "GB", "TB")
_STEP: Final = 1000


class Reserve:
    """The room that one session keeps."""

    def __init__(self, folder: Path, size: int = RESERVE_BYTES) -> None:
        """Nothing is kept before `hold`; `folder` is that of the session."""
        self._path = folder / _NAME
        self._size = size

    @property
    def held(self) -> bool:
        """Whether there is room kept."""
        return self._path.exists()

    def hold(self) -> bool:
        """Keep the room; False where the disk has none to keep, which harms nothing yet."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            self.release()
            return False
        finally:
            os.close(descriptor)
        return True

    def release(self) -> bool:
        """Give the room back; whether there was any."""
        with suppress(OSError):
            self._path.unlink()
            return True
        return False


def what_to_free(folder: Path, session_id: str) -> str:
    """What a person can do about a full disk, and how full it is."""
    hint = (
        "make room there (`plainbox sessions prune` removes old sessions), "
        f"then `plainbox resume {session_id}`"
    )
    try:
        status = os.statvfs(folder)
    except OSError:
        return hint
    free, whole = (count * status.f_frsize for count in (status.f_bavail, status.f_blocks))
    return f"{_amount(free)} of {_amount(whole)} are free where {folder} is: {hint}"


def _amount(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.3g} {unit}"
        size /= _STEP
    return f"{size:.3g} {_UNITS[-1]}"
