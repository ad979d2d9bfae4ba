"""The state of a session: what folds from its events, and nothing else.

`fold` is the only code that changes a state. It does a constant amount of work an event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plainbox.errors import assert_never
from plainbox.session.events import (
    Case,
    CasesRead,
    Ended,
    Event,
    Happened,
    Happening,
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    Noted,
    Opened,
    Planned,
    ResourceRead,
    Resumed,
    Unmet,
)

if TYPE_CHECKING:
    from plainbox.clock import Stamp
    from plainbox.outcome import Outcome


@dataclass(slots=True)
class Attempt:
    """One start of a job; without an outcome it has not ended, or nobody saw it end."""

    number: int
    started: Stamp
    noreturn: bool = False
    outcome: Outcome | None = None
    reason: str = ""
    return_code: int | None = None
    seconds: float = 0.0
    output: int = 0
    happenings: tuple[Happening, ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(slots=True)
class JobState:
    """What is known of one planned job."""

    card: JobCard
    outcome: Outcome | None = None
    reason: str = ""
    unmet: Unmet | None = None
    attempts: list[Attempt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long the last attempt was executed."""
        return self.attempts[-1].seconds if self.attempts else 0.0


@dataclass(slots=True)
class State:
    """A session at one moment.

    `jobs` holds every planned job in the order of planning; `phases` the run list of each
    phase; `running` the job that was started and has not ended.
    """

    opened: Opened | None = None
    opened_at: Stamp | None = None
    last_at: Stamp | None = None
    jobs: dict[str, JobState] = field(default_factory=dict)
    phases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    resources: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    running: str | None = None
    last_attempt: int = 0
    resumes: int = 0
    ended: bool = False

    @property
    def seconds(self) -> float:
        """Wall time between the first event and the last, as far as the clock can be trusted."""
        if self.opened_at is None or self.last_at is None:
            return 0.0
        if self.opened_at.boot == self.last_at.boot:
            return self.last_at.up - self.opened_at.up
        return max(0.0, self.last_at.wall - self.opened_at.wall)

    def outcome_of(self, job_id: str) -> Outcome | None:
        """The outcome of a job; None where it has none yet or was never planned."""
        job = self.jobs.get(job_id)
        return job.outcome if job is not None else None


def fold(state: State, at: Stamp, event: Event) -> None:
    """Take one event into the state."""
    state.last_at = at
    match event:
        case JobStarting():
            job = state.jobs[event.job]
            job.outcome = None
            job.attempts.append(Attempt(event.attempt, at, event.noreturn))
            state.running = event.job
            state.last_attempt = event.attempt
        case JobFinished():
            _finish(state, event)
        case JobSkipped():
            job = state.jobs[event.job]
            job.outcome, job.reason, job.unmet = event.outcome, event.reason, event.unmet
        case ResourceRead():
            state.resources[event.job] = event.records
        case Planned():
            _plan(state, event)
        case Noted():
            target = state.notes if event.job is None else state.jobs[event.job].notes
            target.append(event.text)
        case Opened():
            state.opened, state.opened_at = event, at
        case Resumed():
            state.resumes += 1
        case Happened():
            attempt = _attempt(state, event.job, event.attempt)
            attempt.happenings += event.what
        case CasesRead():
            _attempt(state, event.job, event.attempt).cases = event.cases
        case Ended():
            state.ended = True
        case _ as never:
            assert_never(never)


def _attempt(state: State, job_id: str, number: int) -> Attempt:
    """An attempt of a job. Raise `LookupError` where it never started."""
    for attempt in reversed(state.jobs[job_id].attempts):
        if attempt.number == number:
            return attempt
    raise LookupError(f"{job_id} has no attempt {number}")


def _finish(state: State, event: JobFinished) -> None:
    job = state.jobs[event.job]
    attempt = job.attempts[-1]
    attempt.outcome = job.outcome = event.outcome
    attempt.reason = job.reason = event.reason
    attempt.return_code = event.return_code
    attempt.seconds = event.seconds
    attempt.output = event.output
    state.running = None


def _plan(state: State, event: Planned) -> None:
    for left_out in event.left_out:
        state.left_out[left_out.job.id] = left_out.reason
        state.jobs.setdefault(left_out.job.id, JobState(left_out.job))
    for card in event.jobs:
        known = state.jobs.get(card.id)
        if known is None:
            state.jobs[card.id] = JobState(card)
        else:
            known.card = card
    state.phases[event.phase] = tuple(card.id for card in event.jobs)
