"""The output of an attempt, kept as it arrives.

`<attempt>.log` holds the bytes of both streams in order of arrival; `<attempt>.idx` one record
of 16 bytes for each chunk: seconds since the start (double), stream (1 output, 2 errors), length.
Both are made at the first byte, so that a job that prints nothing costs nothing.
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

    def __init__(self, folder: Path, attempt: int) -> None:
        self._stem = f"{folder}/{attempt}"
        self._log = self._index = -1
        self.size = 0

    def write(self, seconds: float, stream: int, content: bytes) -> None:
        """Keep some output. Raise `OSError`."""
        if self._log < 0:
            self._log = os.open(f"{self._stem}.log", _FLAGS, 0o600)
            self._index = os.open(f"{self._stem}.idx", _FLAGS, 0o600)
        _write_all(self._log, content)
        _write_all(self._index, _CHUNK.pack(seconds, stream, len(content)))
        self.size += len(content)

    def close(self) -> None:
        """Make what was written durable and close the files. Raise `OSError`."""
        if self._log < 0:
            return
        try:
            os.fdatasync(self._log)
        finally:
            for descriptor in (self._log, self._index):
                if descriptor >= 0:
                    os.close(descriptor)
            self._log = self._index = -1


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
    """
    path = folder / f"{attempt}.log"
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
    """All that an attempt wrote to its standard output."""
    return b"".join(c.content for c in read_log(folder, attempt) if c.stream == OUTPUT)


def output_size(folder: Path, attempt: int) -> int:
    """How many bytes an attempt printed."""
    try:
        return (folder / f"{attempt}.log").stat().st_size
    except OSError:
        return 0
