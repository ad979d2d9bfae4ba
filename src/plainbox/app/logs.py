"""What an attempt of an earlier or a running session printed, and what happened meanwhile."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.app.naming import resolve
from plainbox.errors import StorageError, UsageError
from plainbox.session.secrets import ShownLogs
from plainbox.spelling import closest
from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plainbox.session.state import Attempt, JobState
    from plainbox.session.store import SessionFolder, Store

_LONGEST: Final = 65536
_SEARCHED: Final = 100
"""So many sessions are searched for a job, the newest first."""


class Found(NamedTuple):
    """A job, the session it is in, and one of its attempts."""

    folder: SessionFolder
    job: JobState
    attempt: Attempt


class Printed(NamedTuple):
    """A line that a job printed: seconds since its start, the stream, text without controls."""

    seconds: float
    stream: int
    text: str


def find_attempt(store: Store, word: str, session: str | None, number: int | None) -> Found:
    """The attempt that is meant: the last one of the newest session that has any.

    Raise `UsageError` where there is none.
    """
    folders = [store.find(session)] if session is not None else store.sessions()[:_SEARCHED]
    seen: dict[str, str] = {}
    for folder in folders:
        try:
            state = folder.read_state()
        except StorageError:
            if session is not None:
                raise
            continue
        seen.update((job_id.partition("::")[2], job_id) for job_id in state.jobs)
        job_id = resolve(word, state.jobs, "job")
        if job_id is not None and (session is not None or state.jobs[job_id].attempts):
            job = state.jobs[job_id]
            return Found(folder, job, _attempt(job, number))
    near = closest(word.rpartition("::")[2], seen)
    hints = [f"did you mean {seen[near]}?"] if near else []
    where = f"the session {folders[0].id}" if session is not None else "any session"
    raise UsageError(f"no job of {where} is called {word!r} and was started", hints=hints)


def _attempt(job: JobState, number: int | None) -> Attempt:
    attempts = job.attempts
    if not attempts:
        reason = f": {job.reason}" if job.reason else ""
        raise UsageError(f"{job.card.id} was never started{reason}")
    if number is None:
        return attempts[-1]
    if not 1 <= number <= len(attempts):
        count = "1 attempt" if len(attempts) == 1 else f"{len(attempts)} attempts"
        raise UsageError(f"{job.card.id} has {count} in this session, not {number}")
    return attempts[number - 1]


def printed_lines(logs: Path, attempt: int) -> Iterator[Printed]:
    """What an attempt printed, line by line; a line has the time of its beginning."""
    streams: dict[int, _Lines] = {}
    for chunk in ShownLogs(logs).read(attempt):
        lines = streams.get(chunk.stream)
        if lines is None:
            lines = streams[chunk.stream] = _Lines(chunk.stream)
        yield from lines.take(chunk.seconds, chunk.content)
    for lines in streams.values():
        yield from lines.rest()


class _Lines:
    """Makes lines of what comes on one stream."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._since = 0.0

    def take(self, seconds: float, content: bytes) -> Iterator[Printed]:
        """The lines that are complete with this."""
        if not self._text:
            self._since = seconds
        *whole, rest = (self._text + self._decoder.decode(content)).split("\n")
        for text in whole:
            yield self._line(text)
            self._since = seconds
        while len(rest) > _LONGEST:
            yield self._line(rest[:_LONGEST])
            rest, self._since = rest[_LONGEST:], seconds
        self._text = rest

    def rest(self) -> Iterator[Printed]:
        """The last line, where it has no end."""
        text = self._text + self._decoder.decode(b"", final=True)
        if text:
            yield self._line(text)

    def _line(self, text: str) -> Printed:
        return Printed(self._since, self._stream, harmless(text.rstrip("\r")).expandtabs())
