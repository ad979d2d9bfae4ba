"""The loop that runs a phase: ask `decide`, make it durable, do it, and tell who watches.

    decide ─▶ stage events ─▶ commit (durable) ─▶ start the job ─▶ publish what was committed

The end of one job and the start of the next share a commit. Watchers are told after the next
job was started, so that what they draw costs the run nothing.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from plainbox.diagnostics import Sink
from plainbox.engine.decide import (
    Abilities,
    Agenda,
    Done,
    Recover,
    Run,
    Skip,
    decide,
    outcome_of_interrupted,
)
from plainbox.engine.runner import Command, Exit, Runner
from plainbox.errors import StorageError, assert_never
from plainbox.outcome import Outcome
from plainbox.records import read_records_until_error
from plainbox.session.events import JobFinished, JobSkipped, JobStarting, Noted, ResourceRead
from plainbox.session.logs import LogWriter, Tail, output_size, read_output
from plainbox.text import Source, printable
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from plainbox.clock import Stamp
    from plainbox.engine.decide import Requirement
    from plainbox.engine.environment import Surroundings
    from plainbox.planning import RunList
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession
    from plainbox.units import Job


class Watcher(Protocol):
    """Anything that follows a run; it is told only what is durable."""

    def saw(self, at: Stamp, event: Event, state: State) -> None:
        """An event was committed."""
        ...

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """The running job printed something."""
        ...


class Engine:
    """Runs the phases of one session that this process holds."""

    def __init__(
        self,
        session: OpenSession,
        runner: Runner,
        surroundings: Surroundings,
        abilities: Abilities,
        unmet: Requirement,
        watcher: Watcher,
    ) -> None:
        self._session = session
        self._runner = runner
        self._surroundings = surroundings
        self._abilities = abilities
        self._unmet = unmet
        self._watcher = watcher
        self._stopping = ""
        self._failure: StorageError | None = None
        self._attempt = max(session.state.last_attempt, session.folder.last_attempt())

    def stop(self, why: str) -> None:
        """End the running job and start no other; the session stays resumable."""
        self._stopping = self._stopping or why
        self._runner.interrupt()

    def _fail(self, why: str) -> None:
        self._failure = self._failure or StorageError(why)
        self.stop(why)

    async def run(self, run_list: RunList) -> bool:
        """Give every job of a run list its outcome; False when it was stopped before.

        Raise `StorageError` where what came of a job cannot be kept.
        """
        agenda = Agenda(run_list, self._session.state)
        try:
            await self._go_on(agenda)
        finally:
            self.publish()
        if self._failure is not None:
            raise self._failure
        return not self._stopping

    async def _go_on(self, agenda: Agenda) -> None:
        state = self._session.state
        while not self._stopping:
            step = decide(agenda, state, self._abilities, self._unmet)
            match step:
                case Run():
                    await self._execute(step.job)
                    agenda.settle(step.job.id)
                case Skip():
                    self._session.stage(
                        JobSkipped(step.job_id, step.outcome, step.reason, step.unmet)
                    )
                    agenda.settle(step.job_id)
                case Recover():
                    self._recover(step.job_id)
                    agenda.settle(step.job_id)
                case Done():
                    break
                case _ as never:
                    assert_never(never)

    def publish(self) -> None:
        """Commit what is staged and tell the watcher."""
        self._tell(self._session.commit())

    def _tell(self, committed: list[tuple[Stamp, Event]]) -> None:
        for at, event in committed:
            self._watcher.saw(at, event, self._session.state)

    async def _execute(self, job: Job) -> None:
        session = self._session
        self._attempt = attempt = self._attempt + 1
        command = self._command(job, attempt)
        session.stage(JobStarting(job.id, attempt, "noreturn" in job.flags))
        committed = session.commit()
        ear = _Ear(session, attempt, partial(self._watcher.heard, job.id), self._fail)
        end: Exit | None = None
        try:
            running = self._runner.start(command, ear.hear)
        except OSError as error:
            outcome, reason = Outcome.FAIL, f"cannot be started: {error.strerror}"
            self._tell(committed)
        else:
            self._tell(committed)
            end = await running
        seconds = ear.close()
        if end is not None:
            outcome, reason = self._verdict(end, ear.tail)
        code = end.return_code if end else None
        session.stage(JobFinished(job.id, attempt, outcome, reason, code, seconds, ear.size))
        if job.plugin is JobKind.RESOURCE:
            cut = bool(self._stopping) and reason == self._stopping
            self._read_resource(job.id, attempt, whole=not cut)
        if command.folder is not None:
            self._tidy(job, command.folder)

    def _command(self, job: Job, attempt: int) -> Command:
        arguments = self._surroundings.arguments(job, job.command or "")
        environment = self._surroundings.environment(job)
        return Command(arguments, environment, self._work_folder(job, attempt))

    def _verdict(self, end: Exit, tail: Tail) -> tuple[Outcome, str]:
        killed = end.return_code == -signal.SIGKILL
        if self._failure is not None or (self._stopping and killed):
            return Outcome.CRASH, self._stopping
        outcome, reason = verdict(end)
        said = tail.lines(1) if outcome is Outcome.FAIL else []
        return outcome, ": ".join([reason, *said])

    def _work_folder(self, job: Job, attempt: int) -> Path | None:
        if "preserve-cwd" in job.flags:
            return None
        folder = self._session.folder.work / str(attempt)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise StorageError(f"no working folder can be made for {job.id}: {error}") from error
        return folder

    def _read_resource(self, job_id: str, attempt: int, *, whole: bool) -> None:
        """Read what a resource job printed; unless that is the whole, not its last record."""
        output = read_output(self._session.folder.logs, attempt).decode("utf-8", "replace")
        if not whole:
            output = output[: output.rfind("\n\n") + 1]
        records, error = records_of_output(job_id, output)
        self._session.stage(ResourceRead(job_id, records, error))

    def _tidy(self, job: Job, folder: Path) -> None:
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                return
        else:
            return
        with suppress(OSError):
            left = sorted(printable(name) for name in os.listdir(folder))  # noqa: PTH208 - names
            self._note_leftovers(job, left)
        shutil.rmtree(folder, ignore_errors=True)

    def _note_leftovers(self, job: Job, left: list[str]) -> None:
        if "has-leftovers" not in job.flags:
            names = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")  # noqa: PLR2004
            text = f"left files in its working folder: {names}"
            self._session.stage(Noted(text, job.id))

    def _recover(self, job_id: str) -> None:
        """Give a job its outcome that an earlier process started and did not see end.

        All that is asked of the job is in the journal: its provider may be another one by now.
        """
        session = self._session
        job = session.state.jobs[job_id]
        attempt = job.attempts[-1]
        rebooted = attempt.started.boot != session.clock.now().boot
        outcome, reason = outcome_of_interrupted(noreturn=attempt.noreturn, rebooted=rebooted)
        size = output_size(session.folder.logs, attempt.number)
        session.stage(JobFinished(job_id, attempt.number, outcome, reason, output=size))
        if job.card.kind == JobKind.RESOURCE.value:
            self._read_resource(job_id, attempt.number, whole=False)
        shutil.rmtree(session.folder.work / str(attempt.number), ignore_errors=True)


class _Ear:
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


def verdict(end: Exit) -> tuple[Outcome, str]:
    """What a return code means: 0 passes, any other fails, a signal is a crash."""
    code = end.return_code
    held = " (something it started held its output open)" if end.held else ""
    if code == 0:
        return Outcome.PASS, held.strip(" ()")
    if code > 0:
        return Outcome.FAIL, f"exit {code}{held}"
    return Outcome.CRASH, f"killed by signal {_signal_name(-code)}{held}"


def _signal_name(number: int) -> str:
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)


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
