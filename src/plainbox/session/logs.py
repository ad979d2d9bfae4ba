"""The output of an attempt, kept as it arrives.

`<attempt>.log` holds the bytes of both streams in order of arrival; `<attempt>.idx` one record
of 16 bytes for each chunk: seconds since the start (double), stream (1 output, 2 errors), length.
Both are made at the first byte, so that a job that prints nothing costs nothing.

Of an attempt that prints more than the most that is kept, the head and the tail stay. Its log
ends after the first half with a record of stream 0; `<attempt>.<offset>.log` and `.idx` are
parts of the rest, named by where they begin in the whole output. The oldest goes when there are
two and another is begun; so the gap before the first of them is what was dropped.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTPUT: Final = 1
ERRORS: Final = 2

DROPPED: Final = 0
"""The stream of the notice that stands where output was dropped."""
MOST_KEPT: Final = 1_000_000_000
"""Bytes of log and index that are kept of an attempt, unless it is said otherwise."""

_PARTS: Final = 2
_TAIL_BYTES: Final = 4096
_CHUNK: Final = struct.Struct("<dII")
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Chunk(NamedTuple):
    """Some output: seconds since the start, the stream it came from, its bytes."""

    seconds: float
    stream: int
    content: bytes


class LogWriter:
    """Writes the log of one attempt."""

    def __init__(self, folder: Path, attempt: int, most: int = MOST_KEPT) -> None:
        """Keep no more than about `most` bytes; `size` counts those that were dropped too."""
        self._stem = f"{folder}/{attempt}"
        self._log = self._index = -1
        self._room = most // 2
        self._part_room = most // 2 // _PARTS
        self._parts: deque[int] = deque()
        self.size = 0
        self.dropped = 0

    def write(self, seconds: float, stream: int, content: bytes) -> None:
        """Keep some output. Raise `OSError`."""
        if self._log < 0:
            self._open(self._stem)
        elif self._room <= 0:
            self._go_on(seconds)
        _write_all(self._log, content)
        _write_all(self._index, _CHUNK.pack(seconds, stream, len(content)))
        self._room -= len(content) + _CHUNK.size
        self.size += len(content)

    def _open(self, stem: str) -> None:
        self._log = os.open(f"{stem}.log", _FLAGS, 0o600)
        self._index = os.open(f"{stem}.idx", _FLAGS, 0o600)

    def _go_on(self, seconds: float) -> None:
        """Begin the next part of the tail; the oldest one goes where there are enough."""
        if not self._parts:
            _write_all(self._index, _CHUNK.pack(seconds, DROPPED, 0))
        elif len(self._parts) == _PARTS:
            oldest, following = self._parts.popleft(), self._parts[0]
            self.dropped += following - oldest
            for kind in ("log", "idx"):
                os.unlink(f"{self._stem}.{oldest}.{kind}")  # noqa: PTH108 - text
        self._shut()
        self._open(f"{self._stem}.{self.size}")
        self._parts.append(self.size)
        self._room = self._part_room

    def _shut(self) -> None:
        for descriptor in (self._log, self._index):
            if descriptor >= 0:
                os.close(descriptor)
        self._log = self._index = -1

    def close(self) -> None:
        """Make what was written durable and close the files. Raise `OSError`."""
        if self._log < 0:
            return
        try:
            os.fdatasync(self._log)
        finally:
            self._shut()


def _write_all(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):
        written += os.write(descriptor, content[written:])


class Tail:
    """The last of what a job printed, in little memory whatever it prints."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, content: bytes) -> None:
        """Note some output."""
        self._chunks.append(content[-_TAIL_BYTES:])
        self._size += len(self._chunks[-1])
        while self._size - len(self._chunks[0]) > _TAIL_BYTES:
            self._size -= len(self._chunks.popleft())

    def lines(self, most: int) -> list[str]:
        """The last lines that are not blank, harmless to a terminal."""
        text = harmless(b"".join(self._chunks).decode("utf-8", "replace"))
        lines = [line.rstrip().expandtabs() for line in text.splitlines() if line.strip()]
        return lines[-most:]


def read_log(folder: Path, attempt: int) -> Iterator[Chunk]:
    """The output of an attempt in order of arrival; nothing where it printed nothing.

    Where the index ends early (the machine lost power), the rest counts as standard output.
    Where output was dropped stands a chunk of the stream `DROPPED`, whose bytes say how much.
    """
    position = 0
    seconds = 0.0
    for offset, path in _parts(folder, attempt):
        if offset > position:
            yield Chunk(seconds, DROPPED, _notice(offset - position))
            position = offset
        for chunk in _read_part(path):
            yield chunk
            position += len(chunk.content)
            seconds = chunk.seconds


def _parts(folder: Path, attempt: int) -> list[tuple[int, Path]]:
    """The files of an attempt's log, and where in the whole output each begins."""
    head = folder / f"{attempt}.log"
    try:
        with head.with_suffix(".idx").open("rb") as index:
            index.seek(-_CHUNK.size, os.SEEK_END)
            goes_on = _CHUNK.unpack(index.read())[1] == DROPPED
    except (OSError, struct.error):
        goes_on = False
    names = (path.name.split(".") for path in folder.glob(f"{attempt}.*.log")) if goes_on else ()
    offsets = sorted(int(name[1]) for name in names if name[1].isdecimal())
    return [(0, head), *((offset, folder / f"{attempt}.{offset}.log") for offset in offsets)]


def _notice(size: int) -> bytes:
    return b"\n... %d bytes were printed here and are not kept ...\n" % size


def _read_part(path: Path) -> Iterator[Chunk]:
    try:
        log = path.open("rb")
    except FileNotFoundError:
        return
    with log:
        try:
            index = path.with_suffix(".idx").read_bytes()
        except FileNotFoundError:
            index = b""
        seconds = 0.0
        for seconds, stream, length in _CHUNK.iter_unpack(index[: len(index) // 16 * 16]):
            content = log.read(length)
            if content:
                yield Chunk(seconds, stream, content)
        while content := log.read(65536):
            yield Chunk(seconds, OUTPUT, content)


def read_output(folder: Path, attempt: int) -> bytes:
    """All that an attempt wrote to its standard output, as far as it was kept."""
    return b"".join(c.content for c in read_log(folder, attempt) if c.stream == OUTPUT)


def output_size(folder: Path, attempt: int) -> int:
    """How many bytes an attempt printed, kept or not."""
    offset, last = _parts(folder, attempt)[-1]
    try:
        return offset + last.stat().st_size
    except OSError:
        return 0


def dropped_size(folder: Path, attempt: int) -> int:
    """How many bytes an attempt printed that were not kept."""
    position = dropped = 0
    for offset, path in _parts(folder, attempt):
        dropped += max(0, offset - position)
        position = offset + (path.stat().st_size if path.exists() else 0)
    return dropped
