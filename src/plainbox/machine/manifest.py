"""What people said of this machine: the values of manifest entries, kept between sessions.

A file in JSON maps full ids to truth values and numbers; an entry that nobody has set is not in
it. The file that Checkbox keeps is read as well, never written: ours wins, entry by entry.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from plainbox.errors import StorageError
from plainbox.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value: TypeAlias = "bool | int"

NAME: Final = "manifest.json"
OF_CHECKBOX: Final = Path("/var/tmp/checkbox-ng/machine-manifest.json")  # noqa: S108 - its place
_LARGEST: Final = 1_000_000
_WORDS: Final = {
    **dict.fromkeys(("y", "yes", "t", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "f", "false", "off", "0"), False),
}


class Kept(NamedTuple):
    """A value and the file that it stands in."""

    value: Value
    place: Path


def read_bool(text: str) -> bool:
    """The truth value that a text means. Raise `ValueError`."""
    value = _WORDS.get(text.strip().lower())
    if value is None:
        raise ValueError("expected yes or no")
    return value


def read_natural(text: str) -> int:
    """The number that a text means. Raise `ValueError`."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("expected a whole number from 0 on")
    return int(text)


class ManifestStore:
    """The manifest of the machine that one state folder belongs to."""

    def __init__(self, folder: Path, older: Path = OF_CHECKBOX) -> None:
        """Keep it in the state folder `folder`; `older` is the file of Checkbox."""
        self.path = folder / NAME
        self.older = older

    def read(self) -> dict[str, Kept]:
        """All values by full id. Raise `StorageError` where our own file cannot be read."""
        kept = {key: Kept(value, self.older) for key, value in _read_older(self.older).items()}
        kept |= {key: Kept(value, self.path) for key, value in self._read_own().items()}
        return kept

    def change(self, values: Mapping[str, Value | None]) -> None:
        """Set values and, with `None`, make entries unset again. Raise `StorageError`."""
        import json

        try:
            self.path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
            with _only_one(self.path.parent):
                merged = {**self._read_own(), **values}
                known = {key: value for key, value in merged.items() if value is not None}
                content = json.dumps(known, indent=2, sort_keys=True) + "\n"
                replace_file(self.path, content.encode())
        except OSError as error:
            raise StorageError(f"{self.path} cannot be written: {error.strerror}") from error

    def _read_own(self) -> dict[str, Value]:
        try:
            return _values(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StorageError(
                f"the manifest {self.path} cannot be read: {error}",
                hints=["mend the file, or move it away and set the values again"],
            ) from error


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep other processes out while values are read and written."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _values(content: bytes) -> dict[str, Value]:
    """The values that a file holds; `null`, which Checkbox writes for no answer, is none."""
    import json

    decoded = json.loads(content)
    if not isinstance(decoded, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - of what is in a file
    return {key: value for key, value in decoded.items() if isinstance(value, bool | int)}


def _read_older(path: Path) -> dict[str, Value]:
    """What Checkbox keeps, where it can be trusted: its folder is open to every user."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return {}
    with open(descriptor, "rb") as stream:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_uid not in _trusted():
            return {}
        try:
            return _values(stream.read(_LARGEST))
        except (OSError, ValueError, RecursionError):
            return {}


def _trusted() -> set[int]:
    """Root, this user, and who called sudo."""
    caller = os.environ.get("SUDO_UID", "")
    return {0, os.geteuid(), *([int(caller)] if caller.isdecimal() else [])}
