"""The loop that runs a phase: ask `decide`, make it durable, do it, and tell who watches.

    decide ─▶ stage events ─▶ commit (durable) ─▶ start the job ─▶ publish what was committed

The end of one job and the start of the next share a commit. Watchers are told after the next
job was started, so that what they draw costs the run nothing.
"""

from __future__ import annotations

import shutil
import signal
import time
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
from plainbox.errors import assert_never
from plainbox.outcome import Outcome
from plainbox.records import read_records_until_error
from plainbox.session.events import JobFinished, JobSkipped, JobStarting, Noted, ResourceRead
from plainbox.session.logs import LogWriter, Tail, read_output
from plainbox.text import Source
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Mapping
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

    def stop(self, why: str) -> None:
        """End the running job and start no other; the session stays resumable."""
        self._stopping = self._stopping or why
        self._runner.interrupt()

    async def run(self, run_list: RunList) -> bool:
        """Give every job of a run list its outcome; False when it was stopped before."""
        state = self._session.state
        jobs = {job.id: job for job in run_list.jobs}
        agenda = Agenda(run_list, state)
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
                    self._recover(step.job_id, jobs)
                    agenda.settle(step.job_id)
                case Done():
                    break
                case _ as never:
                    assert_never(never)
        self.publish()
        return not self._stopping

    def publish(self) -> None:
        """Commit what is staged and tell the watcher."""
        self._tell(self._session.commit())

    def _tell(self, committed: list[tuple[Stamp, Event]]) -> None:
        for at, event in committed:
            self._watcher.saw(at, event, self._session.state)

    async def _execute(self, job: Job) -> None:
        session = self._session
        attempt = session.state.last_attempt + 1
        session.stage(JobStarting(job.id, attempt))
        committed = session.commit()
        log = LogWriter(session.folder.logs, attempt)
        tail = Tail()
        started = time.monotonic()

        def keep(stream: int, content: bytes) -> None:
            try:
                log.write(time.monotonic() - started, stream, content)
            except OSError as error:
                self.stop(f"its output cannot be stored: {error.strerror}")
            tail.add(content)
            self._watcher.heard(job.id, stream, content)

        folder = self._work_folder(job, attempt)
        command = Command(
            self._surroundings.arguments(job, job.command or ""),
            self._surroundings.environment(job),
            folder,
        )
        end: Exit | None = None
        try:
            running = self._runner.start(command, keep)
        except OSError as error:
            outcome, reason = Outcome.FAIL, f"cannot be started: {error.strerror}"
            self._tell(committed)
        else:
            self._tell(committed)
            end = await running
            outcome, reason = self._verdict(end, tail)
        seconds = time.monotonic() - started
        log.close()
        code = end.return_code if end else None
        session.stage(JobFinished(job.id, attempt, outcome, reason, code, seconds, log.size))
        if job.plugin is JobKind.RESOURCE:
            self._read_resource(job, attempt)
        if folder is not None:
            self._tidy(job, folder)

    def _verdict(self, end: Exit, tail: Tail) -> tuple[Outcome, str]:
        if self._stopping:
            return Outcome.CRASH, self._stopping
        outcome, reason = verdict(end)
        said = tail.lines(1) if outcome is Outcome.FAIL else []
        return outcome, ": ".join([reason, *said])

    def _work_folder(self, job: Job, attempt: int) -> Path | None:
        if "preserve-cwd" in job.flags:
            return None
        folder = self._session.folder.work / str(attempt)
        folder.mkdir(mode=0o700)
        return folder

    def _read_resource(self, job: Job, attempt: int) -> None:
        output = read_output(self._session.folder.logs, attempt).decode("utf-8", "replace")
        records, error = records_of_output(job.id, output)
        self._session.stage(ResourceRead(job.id, records, error))

    def _tidy(self, job: Job, folder: Path) -> None:
        left = sorted(entry.name for entry in folder.iterdir())
        if not left:
            folder.rmdir()
            return
        if "has-leftovers" not in job.flags:
            names = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")  # noqa: PLR2004
            text = f"left files in its working folder: {names}"
            self._session.stage(Noted(text, job.id))
        shutil.rmtree(folder, ignore_errors=True)

    def _recover(self, job_id: str, jobs: Mapping[str, Job]) -> None:
        """Give a job its outcome that an earlier process started and did not see end."""
        session = self._session
        attempt = session.state.jobs[job_id].attempts[-1]
        job = jobs.get(job_id)
        rebooted = attempt.started.boot != session.clock.now().boot
        outcome, reason = outcome_of_interrupted(
            job.flags if job else frozenset(), rebooted=rebooted
        )
        session.stage(JobFinished(job_id, attempt.number, outcome, reason))
        if job is not None and job.plugin is JobKind.RESOURCE:
            self._read_resource(job, attempt.number)
        shutil.rmtree(session.folder.work / str(attempt.number), ignore_errors=True)


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
