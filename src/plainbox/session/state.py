"""The state of a session: what folds from its events, and nothing else.

`fold` is the only code that changes a state. It does a constant amount of work an event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plainbox.errors import assert_never
from plainbox.outcome import Outcome
from plainbox.session.events import (
    Answered,
    Asked,
    Case,
    CasesRead,
    Ended,
    Event,
    Happened,
    Happening,
    Held,
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    Noted,
    OfAttempt,
    OfSession,
    Opened,
    Planned,
    Question,
    ResourceRead,
    Resumed,
    Retrying,
    Told,
    UnitsRead,
    Unmet,
)

if TYPE_CHECKING:
    from plainbox.clock import Stamp


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
    rebooted: bool = False
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

    @property
    def flaky(self) -> bool:
        """Whether it passed after it had failed or crashed."""
        if self.outcome is not Outcome.PASS or len(self.attempts) == 1:
            return False
        return any(it.outcome is not None and it.outcome.bad for it in self.attempts)

    @property
    def reboots(self) -> int:
        """How often the machine restarted while it ran, unannounced."""
        return sum(attempt.rebooted for attempt in self.attempts)


@dataclass(slots=True)
class State:
    """A session at one moment.

    `jobs` holds every planned job in the order of planning; `phases` the run list of each
    phase; `running` the number of the attempt of each job that was started and has not ended;
    `units` what local jobs printed; `held` why it goes on only when a person wants it to;
    `questions` those that are open, `answers` what was said to others, both by their ids.
    """

    opened: Opened | None = None
    opened_at: Stamp | None = None
    last_at: Stamp | None = None
    jobs: dict[str, JobState] = field(default_factory=dict)
    phases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    resources: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    running: dict[str, int] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)
    last_attempt: int = 0
    resumes: int = 0
    retries: int = 0
    held: str = ""
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
    if isinstance(event, OfAttempt):
        _fold_attempt(state, at, event)
    elif isinstance(event, Told):
        _fold_told(state, event)
    else:
        _fold_session(state, at, event)


def _fold_attempt(state: State, at: Stamp, event: OfAttempt) -> None:
    """Take in what became of one attempt."""
    match event:
        case JobStarting():
            job = state.jobs[event.job]
            job.outcome = None
            job.attempts.append(Attempt(event.attempt, at, event.noreturn))
            state.running[event.job] = event.attempt
            state.last_attempt = event.attempt
        case JobFinished():
            _finish(state, event)
        case Happened() | CasesRead():
            _observe(state, event)
        case _ as never:
            assert_never(never)


def _fold_told(state: State, event: Told) -> None:
    """Take in what was told of a job, or by it, or by a person."""
    match event:
        case JobSkipped():
            job = state.jobs[event.job]
            job.outcome, job.reason, job.unmet = event.outcome, event.reason, event.unmet
        case ResourceRead():
            state.resources[event.job] = event.records
        case UnitsRead():
            state.units[event.job] = event.text
        case Noted():
            target = state.notes if event.job is None else state.jobs[event.job].notes
            target.append(event.text)
        case Asked():
            state.questions[event.question.id] = event.question
        case Answered():
            state.questions.pop(event.question, None)
            state.answers[event.question] = event
        case _ as never:
            assert_never(never)


def _fold_session(state: State, at: Stamp, event: OfSession) -> None:
    """Take in what became of the session."""
    match event:
        case Planned():
            _plan(state, event)
        case Opened():
            state.opened, state.opened_at = event, at
        case Resumed():
            state.resumes += 1
            state.held = "" if event.forced else state.held
        case Retrying():
            _retry(state, event)
        case Held():
            state.held = event.reason
        case Ended():
            state.ended = True
        case _ as never:
            assert_never(never)


def _observe(state: State, event: Happened | CasesRead) -> None:
    """Add to an attempt. Raise `LookupError` where it never started."""
    for attempt in reversed(state.jobs[event.job].attempts):
        if attempt.number == event.attempt:
            if isinstance(event, Happened):
                attempt.happenings += event.what
            else:
                attempt.cases = event.cases
            return
    raise LookupError(f"{event.job} has no attempt {event.attempt}")


def _finish(state: State, event: JobFinished) -> None:
    job = state.jobs[event.job]
    attempt = job.attempts[-1]
    attempt.outcome = job.outcome = event.outcome
    attempt.reason = job.reason = event.reason
    attempt.return_code = event.return_code
    attempt.seconds = event.seconds
    attempt.output = event.output
    attempt.rebooted = event.rebooted
    state.running.pop(event.job, None)


def _retry(state: State, event: Retrying) -> None:
    state.retries += 1
    for job_id in event.jobs:
        job = state.jobs[job_id]
        job.outcome, job.reason, job.unmet = None, "", None


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
