"""What jobs print: kept as it arrives, and read when it means something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Sink
from plainbox.records import read_records_until_error
from plainbox.session.events import ResourceRead, UnitsRead
from plainbox.session.logs import LogWriter, Tail, read_output
from plainbox.text import Source
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plainbox.session.events import Event
    from plainbox.session.store import OpenSession, SessionFolder


class Ear:
    """Keeps what one attempt prints, and hands it on to who watches."""

    def __init__(
        self,
        session: OpenSession,
        attempt: int,
        tell: Callable[[int, bytes], None],
        fail: Callable[[str], None],
    ) -> None:
        """`fail` is called where output cannot be kept."""
        self.tail = Tail()
        self._log = LogWriter(session.folder.logs, attempt)
        self._now = session.clock.now
        self._started = self._now().up
        self._tell = tell
        self._fail = fail

    @property
    def size(self) -> int:
        """How many bytes there were."""
        return self._log.size

    def hear(self, stream: int, content: bytes) -> None:
        """Take some output."""
        try:
            self._log.write(self._now().up - self._started, stream, content)
        except OSError as error:
            self._fail(f"its output cannot be stored: {error.strerror}")
        self.tail.add(content)
        self._tell(stream, content)

    def close(self) -> float:
        """Make it durable; the seconds since the beginning."""
        seconds = self._now().up - self._started
        try:
            self._log.close()
        except OSError as error:
            self._fail(f"its output cannot be stored: {error.strerror}")
        return seconds


def told_by(
    kind: str, job_id: str, attempt: int, folder: SessionFolder, *, whole: bool
) -> Iterator[Event]:
    """What the output of an attempt means: records, or units, by the kind of its job.

    Unless it is the whole, the record that the job was about to print does not count.
    """
    if kind not in (JobKind.RESOURCE.value, JobKind.LOCAL.value):
        return
    output = read_output(folder.logs, attempt).decode("utf-8", "replace")
    if not whole:
        output = output[: output.rfind("\n\n") + 1]
    if kind == JobKind.LOCAL.value:
        yield UnitsRead(job_id, output)
    else:
        records, error = records_of_output(job_id, output)
        yield ResourceRead(job_id, records, error)


def records_of_output(job_id: str, output: str) -> tuple[tuple[dict[str, str], ...], str]:
    """The records that a resource job printed, and what is wrong with the rest.

    Reading stops at the first mistake; what was complete before it counts. A job that printed
    no record at all has a single empty one, so that requirements on it are false, not unknown.
    """
    sink = Sink()
    records = read_records_until_error(Source(f"output of {job_id}", output), sink)
    error = ""
    for found in sink:
        line = found.span.line if found.span else 1
        error = f"line {line} of its output: {found.message}"
    data = tuple({key: str(value) for key, value in r.data().items()} for r in records)
    return data or ({},), error
