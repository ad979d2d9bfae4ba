"""One attempt of a job: its command, its output, and the events that tell how it ended."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plainbox.engine.access import hand_over
from plainbox.engine.deadlines import deadline
from plainbox.engine.printed import Ear, told_by
from plainbox.engine.results import with_cases
from plainbox.engine.runner import Command
from plainbox.engine.share_files import forget_result, write_respawn
from plainbox.engine.users import environment_for, find_account
from plainbox.engine.verdicts import notes, shortened, verdict
from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.events import JobFinished, JobStarting, Noted, ResourceRead
from plainbox.text import printable
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from plainbox.engine.decide import Run
    from plainbox.engine.means import Means
    from plainbox.engine.runner import Exit
    from plainbox.engine.users import Account
    from plainbox.session.events import Event
    from plainbox.session.store import OpenSession

LAST_LINES: Final = 10
"""How many lines of output are kept in a note on a job that timed out."""


@dataclass
class Halt:
    """Why a run stops, if it does; `failure` where what comes of jobs cannot be kept."""

    reason: str = ""
    failure: StorageError | None = None

    def ended(self, end: Exit) -> bool:
        """Whether it was the stop that ended a command."""
        killed = end.return_code == -signal.SIGKILL
        return self.failure is not None or bool(self.reason and killed)


class Execution:
    """One attempt, from before its start to after its end."""

    def __init__(self, step: Run, attempt: int, session: OpenSession, means: Means) -> None:
        """Get everything ready for the start. Raise `StorageError`."""
        self.job = step.job
        self.attempt = attempt
        self.goes_down = "noreturn" in step.job.flags
        self._session = session
        self._means = means
        self._command = self._prepared(step.user)
        self._refused = ""
        self._ear: Ear | None = None

    def _prepared(self, user: str | None) -> Command:
        job = self.job
        surroundings = self._means.surroundings
        account = find_account(user) if user else None
        environment = surroundings.environment(job)
        if account is not None:
            environment = environment_for(account, environment, self._means.caller, job.environ)
        return Command(
            surroundings.arguments(job, job.command or ""),
            environment,
            self._work_folder(account),
            attempt=self.attempt,
            user=user,
            seconds=deadline(job, self._means.timeout),
            spares=self.goes_down,
        )

    def _work_folder(self, account: Account | None) -> Path | None:
        if "preserve-cwd" in self.job.flags:
            return None
        folder = self._session.folder.work / str(self.attempt)
        try:
            folder.mkdir(mode=0o700)
            if account is not None:
                hand_over(folder, account)
        except OSError as error:
            why = f"no working folder can be made for {self.job.id}: {error}"
            raise StorageError(why) from error
        return folder

    def announce(self) -> Iterator[Event]:
        """What is to be durable before the start. Raise `StorageError`."""
        share = self._session.folder.share
        forget_result(share)
        if self.goes_down:
            write_respawn(share, shlex.join(self._means.resume))
        if "autorestart" in self.job.flags and (problem := self._prime()):
            yield Noted(problem, self.job.id)
        yield JobStarting(self.job.id, self.attempt, self.goes_down)

    def _prime(self) -> str:
        """Have plainbox started again after the machine went down; why that is impossible."""
        if self._means.restart is None:
            return "nothing here starts plainbox after a restart: call plainbox resume then"
        try:
            self._means.restart.prime(self._means.resume)
        except OSError as error:
            return f"plainbox will not be started after the restart: {error.strerror or error}"
        return ""

    def start(
        self, tell: Callable[[int, bytes], None], fail: Callable[[str], None]
    ) -> Awaitable[Exit] | None:
        """Start the command; None where that is impossible."""
        for companion in self._means.companions:
            companion.starting(self.job, self.attempt)
        self._ear = ear = Ear(self._session, self.attempt, tell, fail)
        try:
            return self._means.runner.start(self._command, ear.hear)
        except OSError as error:
            self._refused = f"cannot be started: {error.strerror}"
            return None

    def abandon(self) -> None:
        """The machine goes down: leave it as started, for whoever takes the session up."""
        if self._ear is not None:
            self._ear.close()

    def finish(self, end: Exit | None, halt: Halt, *, stayed_up: bool = False) -> Iterator[Event]:
        """What its end means; `stayed_up` says that the machine was to go down and did not."""
        job, ear = self.job, self._ear
        assert ear is not None  # noqa: S101 - it was started
        seconds = ear.close()
        outcome, reason = self._judge(end, halt)
        if stayed_up and outcome is Outcome.PASS:
            waited = f"{self._means.going_down_seconds:g} s"
            outcome, reason = Outcome.FAIL, f"the machine did not go down within {waited}"
        logs = self._session.folder.logs
        cases, (outcome, reason) = with_cases(job, logs, self.attempt, (outcome, reason))
        yield from cases
        code = end.return_code if end else None
        yield JobFinished(job.id, self.attempt, outcome, reason, code, seconds, ear.size)
        for note in notes(end, ear.tail.lines(LAST_LINES)) if end else ():
            yield Noted(note, job.id)
        for companion in self._means.companions:
            yield from companion.ended(job, self.attempt)
        cut = end is not None and (bool(end.timed_out) or halt.ended(end))
        folder = self._session.folder
        for event in told_by(job.plugin.value, job.id, self.attempt, folder, whole=not cut):
            self._keep(event, outcome)
            yield event
        yield from self._tidy()
        self._diffuse()

    def _judge(self, end: Exit | None, halt: Halt) -> tuple[Outcome, str]:
        if end is None:
            return Outcome.FAIL, self._refused
        if halt.ended(end):
            return Outcome.CRASH, halt.reason
        outcome, reason = verdict(end)
        assert self._ear is not None  # noqa: S101 - it was started
        said = self._ear.tail.lines(1) if outcome is Outcome.FAIL else []
        return outcome, ": ".join([reason, *said])

    def _keep(self, event: Event, outcome: Outcome) -> None:
        """Keep what a cachable job that passed told, for other sessions."""
        cache, job = self._means.cache, self.job
        if cache is None or "cachable" not in job.flags or outcome is not Outcome.PASS:
            return
        if isinstance(event, ResourceRead) and not event.error and any(event.records):
            cache.keep(job.checksum, job.id, self._session.mask.event(event).records)

    def _diffuse(self) -> None:
        if "autorestart" in self.job.flags and self._means.restart is not None:
            with suppress(OSError):
                self._means.restart.diffuse()

    def _tidy(self) -> Iterator[Event]:
        folder = self._command.folder
        if folder is None:
            return
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                return
        else:
            return
        with suppress(OSError):
            left = sorted(printable(name) for name in os.listdir(folder))  # noqa: PTH208 - names
            if "has-leftovers" not in self.job.flags:
                yield Noted(f"left files in its working folder: {shortened(left)}", self.job.id)
        shutil.rmtree(folder, ignore_errors=True)


def cached(step: Run, means: Means) -> ResourceRead | None:
    """What the job told an earlier session, where it may be asked only once."""
    job = step.job
    if means.cache is None or job.plugin is not JobKind.RESOURCE or "cachable" not in job.flags:
        return None
    records = means.cache.read(job.checksum)
    return None if records is None else ResourceRead(job.id, records)
