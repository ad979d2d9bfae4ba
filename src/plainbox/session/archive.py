"""A session as one file: made on one machine, read on another.

    12-smoke/logs/…   12-smoke/CHECKBOX_DATA/…   12-smoke/reports/…   12-smoke/journal.db

The journal comes last: an archive that is cut short has none and is refused. None is trusted.
Only plain files and folders below those names are unpacked, within limits of number and size,
and the journal is not taken over: its events are read, checked and written to a new one. In the
logs that are exported the values of secrets are stars, so many that all sizes stay what they are.
"""

from __future__ import annotations

import gzip
import lzma
import os
import shutil
import sqlite3
import tarfile
import zlib
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

import msgspec

from plainbox.errors import InputError, StorageError
from plainbox.files import replacing
from plainbox.outcome import Outcome
from plainbox.session.events import IMPORTED_FROM, JobFinished, Noted, Opened
from plainbox.session.journal import Journal
from plainbox.session.secrets import Mask
from plainbox.session.state import State, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.session.store import SessionFolder, Store

    Events = list[tuple[Stamp, Event]]
    T = TypeVar("T")

JOURNAL: Final = "journal.db"
PLACES: Final = ("logs", "CHECKBOX_DATA", "reports")
_LOGS: Final = "logs"
_LOG: Final = ".log"
_NOTHING: Final = Mask()
_PIECE: Final = 65536
_CUT_SHORT: Final = "was running when the session was exported"
_LARGEST_READ: Final = 1 << 24
_MOST_FILES: Final = 1_000_000
_DEEPEST: Final = 64
_LONGEST_NAME: Final = 255
_FREE: Final = 64 * 10**6
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def export_session(folder: SessionFolder, target: Path) -> list[str]:
    """Write a session to a file, whose name says how it is packed; one in use may go on.

    Return the files that were left out: those that are no plain files or cannot be read. Raise
    `StorageError` or `OSError`.
    """
    copy = folder.path / f".export.{os.getpid()}"
    left_out: list[str] = []
    try:
        with closing(Journal(folder.journal)) as journal:
            journal.copy_to(copy)
        with replacing(target, mode=0o600) as stream, _writer(stream, target.name) as archive:
            mask = folder.read_mask()
            for place in PLACES:
                hiding = mask if place == _LOGS else _NOTHING
                _pack(archive, folder, folder.path / place, left_out, hiding)
            archive.add(copy, f"{folder.id}/{JOURNAL}", recursive=False, filter=_nameless)
    finally:
        copy.unlink(missing_ok=True)
    return left_out


def _writer(stream: BinaryIO, name: str) -> tarfile.TarFile:
    if name.endswith(".tar"):
        return tarfile.open(fileobj=stream, mode="w")
    if name.endswith(".tar.gz"):
        return tarfile.open(fileobj=stream, mode="w:gz", compresslevel=4)
    return tarfile.open(fileobj=stream, mode="w:xz", preset=2)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whose a file was is nobody's business elsewhere."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _pack(
    archive: tarfile.TarFile, folder: SessionFolder, place: Path, left_out: list[str], mask: Mask
) -> None:
    """Add a folder of a session and all plain files in it."""

    def refused(error: OSError) -> None:
        left_out.append(os.path.relpath(error.filename or place, folder.path))

    for here, inner, names in os.walk(place, onerror=refused):
        inner.sort()
        for name in [None, *sorted(names)]:
            path = Path(here, name) if name else Path(here)
            shown = str(path.relative_to(folder.path))
            try:
                _add(archive, path, f"{folder.id}/{shown}", mask)
            except (PermissionError, FileNotFoundError, ValueError):
                left_out.append(shown)
        linked = [name for name in inner if Path(here, name).is_symlink()]
        left_out += [str(Path(here, name).relative_to(folder.path)) for name in linked]


def _add(archive: tarfile.TarFile, path: Path, name: str, mask: Mask) -> None:
    """Add a folder or a plain file as it is now. Raise `ValueError` for anything else."""
    if path.is_dir():
        archive.add(path, name, recursive=False, filter=_nameless)
        return
    if path.is_symlink() or not path.is_file():
        raise ValueError(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as stream:
        member = archive.gettarinfo(arcname=name, fileobj=stream)
        if not member.isreg():
            member.type, member.size = tarfile.REGTYPE, os.fstat(descriptor).st_size  # a hard link
        hidden = _Masked(stream, mask) if mask and path.suffix == _LOG else stream
        archive.addfile(_nameless(member), _Exactly(hidden, member.size))


class _Masked:
    """A file in which stars stand for the values of secrets."""

    def __init__(self, stream: BinaryIO, mask: Mask) -> None:
        self._stream = stream
        self._masked = mask.stream(same_length=True)
        self._ready = b""

    def read(self, size: int) -> bytes:
        """Read on."""
        while len(self._ready) < size:
            content = self._stream.read(_PIECE)
            if not content:
                self._ready += self._masked.rest()
                break
            self._ready += self._masked.feed(content)
        content, self._ready = self._ready[:size], self._ready[size:]
        return content


class _Exactly:
    """A file that has the size that it is said to have, though a job may write to it."""

    def __init__(self, stream: BinaryIO | _Masked, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """Read on; what is missing is zeros."""
        size = self._left if size < 0 else min(size, self._left)
        content = self._stream.read(size)
        self._left -= size
        return content + bytes(size - len(content))


def import_session(file: Path, store: Store, limit: int) -> SessionFolder:
    """Make a new session of an exported one, of at most `limit` bytes unpacked.

    Raise `InputError` for a file that is no such thing, `StorageError` where there is no room.
    """
    try:
        store.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        with file.open("rb") as stream, _incoming(store.folder) as unpacked:
            _unpack(stream, unpacked, limit)
            if not (unpacked / JOURNAL).is_file():
                raise InputError(f"{file} is no exported session: it has no journal")
            return _take_over(unpacked, store)
    except OSError as error:
        raise StorageError(f"{file} cannot be imported: {error}") from error
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise InputError(f"{file} is no exported session: {error}") from error


@contextmanager
def _incoming(folder: Path) -> Iterator[Path]:
    place = folder / f".incoming-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unpack(stream: BinaryIO, target: Path, limit: int) -> None:
    """Unpack members one by one. Raise `ValueError` for one that has no place in a session."""
    number = 0
    with _Reader.of(stream) as packed, tarfile.open(fileobj=packed, mode="r:") as archive:  # type: ignore[call-overload]
        while member := archive.next():
            archive.members = []  # else it keeps them all
            number += 1
            limit -= member.size if member.isreg() else 0
            if number > _MOST_FILES or limit < 0:
                raise ValueError("it holds more than may be unpacked (--limit)")
            _unpack_one(archive, member, target)


def _unpack_one(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    path = target.joinpath(*_parts(member))
    if member.isdir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    if shutil.disk_usage(target).free < member.size + _FREE:
        raise OSError(28, "there is not enough room on the disk")
    content = archive.extractfile(member)
    if content is None or not member.isreg() or member.issparse():
        raise ValueError(f"{member.name!r} is no plain file")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, _FLAGS, 0o600 | (member.mode & 0o100)), "wb") as stream:
        shutil.copyfileobj(content, stream, 1 << 16)


def _parts(member: tarfile.TarInfo) -> tuple[str, ...]:
    """Where a member belongs in the folder of a session. Raise `ValueError` where nowhere."""
    name = member.name
    parts = PurePosixPath(name).parts
    odd = any(part in ("..", "/") or len(part.encode()) > _LONGEST_NAME for part in parts)
    if odd or "\0" in name or not 0 < len(parts) <= _DEEPEST:
        raise ValueError(f"{name!r} is no place in a session")
    if not (member.isreg() or member.isdir()):
        raise ValueError(f"{name!r} is no plain file")
    inside = parts[1:]
    allowed = member.isdir() if not inside or inside[0] in PLACES else inside == (JOURNAL,)
    if not (allowed or (len(inside) > 1 and inside[0] in PLACES)):
        raise ValueError(f"{name!r} is no place in a session")
    return inside


class _Reader:
    """Unpacks a stream while it is read; nothing can make it hold much in memory at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    @classmethod
    @contextmanager
    def of(cls, stream: BinaryIO) -> Iterator[_Reader]:
        """A reader for a stream, packed or not."""
        start = stream.read(6)
        stream.seek(0)
        if start.startswith(b"\xfd7zXZ"):
            with lzma.open(stream) as packed:
                yield cls(packed)  # type: ignore[arg-type]
        elif start.startswith(b"\x1f\x8b"):
            with gzip.open(stream) as packed:
                yield cls(packed)  # type: ignore[arg-type]
        else:
            yield cls(stream)

    def read(self, size: int = -1) -> bytes:
        """Read on. Raise `ValueError` where far more than a header is asked for at once."""
        if not 0 <= size <= _LARGEST_READ:
            raise ValueError("it has a header of an impossible size")
        return self._whole(self._stream.read, size)

    def seek(self, position: int, whence: int = 0) -> int:
        """Go forward."""
        return self._whole(self._stream.seek, position, whence)

    def _whole(self, do: Callable[..., T], *arguments: int) -> T:
        try:
            return do(*arguments)
        except (lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"it is damaged: {error}") from error

    def tell(self) -> int:
        """How much was read."""
        return self._stream.tell()


def _take_over(unpacked: Path, store: Store) -> SessionFolder:
    """Make a session of unpacked files; it is there when its journal is, which comes last."""
    events, state = _read(unpacked / JOURNAL)
    opened = state.opened
    if opened is None:
        raise ValueError("its journal has no beginning")
    folder = store.create(opened.title)
    try:
        fresh = unpacked / "fresh.db"
        with closing(Journal(fresh, write=True)) as journal:
            journal.append(_adapted(events, state, folder.id))
            journal.seal()
        for place in PLACES:
            if (unpacked / place).is_dir():
                (unpacked / place).replace(folder.path / place)
        folder.logs.chmod(0o700)
        fresh.replace(folder.journal)
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder


def _read(path: Path) -> tuple[Events, State]:
    """The events of a foreign journal, and what folds from them. Raise `ValueError`."""
    _check_schema(path)
    state = State()
    events: Events = []
    try:
        with closing(Journal(path)) as journal:
            for _, at, event in journal.read():
                fold(state, at, event)
                events.append((at, event))
    except LookupError as error:
        raise ValueError("its journal is damaged") from error
    except StorageError as error:
        raise ValueError(error.message) from error
    return events, state


def _check_schema(path: Path) -> None:
    """Raise `ValueError` for a database that holds anything but events: it could run code."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("pragma trusted_schema = off")
            found = database.execute("select type, name from sqlite_master").fetchall()
            (health,) = database.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise ValueError(f"its journal cannot be read: {error}") from error
    if found != [("table", "event")] or health != "ok":
        raise ValueError("its journal is damaged")


def _adapted(events: Events, state: State, session_id: str) -> Events:
    """The events as those of a session of this machine.

    It has its own id, and resuming it loads no provider from a folder that the archive names. A
    job that was running counts as crashed: no boot of this machine tells what became of it.
    """
    adapted: Events = []
    for at, event in events:
        if isinstance(event, Opened):
            text = f"imported: was {event.session} on {event.machine.get('host', 'a machine')}"
            machine = event.machine | {IMPORTED_FROM: event.session}
            own = msgspec.structs.replace(event, session=session_id, sources=(), machine=machine)
            adapted += [(at, own), (at, Noted(text))]
        else:
            adapted.append((at, event))
    for job_id, attempt in state.running.items():
        if state.last_at is not None:
            end = JobFinished(job_id, attempt, Outcome.CRASH, _CUT_SHORT)
            adapted.append((state.last_at, end))
    return adapted
