"""The two files in the session share that plainbox and jobs which restart the machine agree on.

file                   written by   what it holds
__respawn_checkbox     plainbox     the command that resumes the session, before a `noreturn` job
__result               the job      JSON: `outcome` (pass, fail or skip) and `comments`, its result
                                    for whoever takes the session up after it

The share belongs to the jobs: nothing is followed that they may have put there.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.text import harmless

if TYPE_CHECKING:
    from pathlib import Path

RESPAWN: Final = "__respawn_checkbox"
RESULT: Final = "__result"
_OUTCOMES: Final = {it.value: it for it in (Outcome.PASS, Outcome.FAIL, Outcome.SKIP)}
_LARGEST: Final = 1 << 20
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRESENT: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write_respawn(share: Path, command: str) -> None:
    """Write down how the session is resumed, durably. Raise `StorageError`."""
    path = share / RESPAWN
    try:
        _remove(path)
        descriptor = os.open(path, _NEW, 0o644)
        try:
            os.write(descriptor, command.encode("utf-8", "surrogateescape"))
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def forget_result(share: Path) -> None:
    """Take away a result that an earlier job left. Raise `StorageError`."""
    path = share / RESULT
    try:
        os.unlink(path)  # noqa: PTH108 - once a job
    except FileNotFoundError:
        return
    except OSError as error:
        try:
            _remove(path)
        except OSError:
            raise StorageError(f"{path} cannot be removed: {error.strerror}") from error


def take_result(share: Path) -> tuple[Outcome, str] | None:
    """The result that a job left, which is then gone; None where there is none.

    One that cannot be understood is a crash that says why.
    """
    path = share / RESULT
    try:
        descriptor = os.open(path, _PRESENT)
    except FileNotFoundError:
        return None
    except OSError as error:
        found = _unusable(f"it cannot be read: {error.strerror}")
    else:
        found = _read(descriptor)
    with suppress(OSError):
        _remove(path)
    return found


def _read(descriptor: int) -> tuple[Outcome, str]:
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST:
        os.close(descriptor)
        return _unusable("it is no file of a decent size")
    with open(descriptor, "rb") as stream:
        try:
            content: Any = json.loads(stream.read(_LARGEST))
        except (ValueError, RecursionError):
            return _unusable("it is no JSON")
    if not isinstance(content, dict):
        return _unusable("it is no JSON object")
    outcome, comments = content.get("outcome"), content.get("comments") or ""
    if not isinstance(outcome, str) or outcome not in _OUTCOMES:
        return _unusable(f"its outcome is {outcome!r}, expected pass, fail or skip")
    if not isinstance(comments, str):
        return _unusable("its comments are no text")
    return _OUTCOMES[outcome], harmless(comments) or "as the job left it in __result"


def _unusable(why: str) -> tuple[Outcome, str]:
    return Outcome.CRASH, f"the job left a {RESULT} that is of no use: {why}"


def _remove(path: Path) -> None:
    """Remove whatever is there; a folder with all that is in it."""
    try:
        path.unlink(missing_ok=True)
    except (IsADirectoryError, PermissionError):
        shutil.rmtree(path)
