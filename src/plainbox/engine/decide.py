"""What a session does next: pure, without a clock, a file or a process.

`decide` looks at the state and at the agenda of the phase and answers with one step. The same
question is asked while running, after a crash and after a reboot.

Tests run one at a time. What only finds something out may run beside others of its kind, where
the agenda has several places; what may bring the machine down is always alone.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from plainbox.outcome import Outcome
from plainbox.planning import errors_of
from plainbox.session.events import Unmet
from plainbox.units import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from plainbox.planning import RunList
    from plainbox.session.state import State
    from plainbox.units import Job


_BESIDE: Final = frozenset({JobKind.RESOURCE, JobKind.ATTACHMENT})
"""Kinds of jobs that find something out and change nothing."""
_ALONE: Final = frozenset({"noreturn", "autorestart"})
_MOST_REBOOTS: Final = 2
ROOT: Final = "root"
_DECISIVE: Final = ("plugin", "command", "user", "requires", "imports", "depends", "salvages")
"""The fields of a job that must not be taken for absent where they cannot be read."""


@dataclass(frozen=True)
class Run:
    """Start this job, as another user where one is named."""

    job: Job
    user: str | None = None


@dataclass(frozen=True)
class Skip:
    """This job gets an outcome without being started."""

    job_id: str
    outcome: Outcome
    reason: str
    unmet: Unmet | None = None


@dataclass(frozen=True)
class Recover:
    """This job was started and nobody saw it end."""

    job_id: str


@dataclass(frozen=True)
class Wait:
    """Nothing can be started before something that runs has ended."""


@dataclass(frozen=True)
class Done:
    """Every job of the phase has its outcome."""


Step: TypeAlias = Run | Skip | Recover | Wait | Done


class Agenda:
    """The jobs of a phase that still lack an outcome, the next one first.

    A job becomes ready when all that it has to wait for has an outcome; when a job gets its
    outcome only its dependants are looked at. `places` is how many may run at once.
    """

    def __init__(self, run_list: RunList, state: State, places: int = 1) -> None:
        self.places = places
        self._jobs = run_list.jobs
        self._positions = {job.id: place for place, job in enumerate(run_list.jobs)}
        self._open = {job.id for job in run_list.jobs if state.outcome_of(job.id) is None}
        self._waiting: Counter[str] = Counter()
        self._dependants: dict[str, list[str]] = {}
        for job_id in self._open:
            for before in run_list.predecessors.get(job_id, ()):
                if before in self._open:
                    self._waiting[job_id] += 1
                    self._dependants.setdefault(before, []).append(job_id)
        self._ready = [self._positions[j] for j in self._open if not self._waiting[j]]
        self._taken: set[str] = set()
        heapq.heapify(self._ready)

    def has_room_for(self, job: Job) -> bool:
        """Whether a job may start beside what was started from here and has not ended."""
        if not self._taken:
            return True
        beside = all(runs_beside(self._jobs[self._positions[other]]) for other in self._taken)
        return beside and runs_beside(job) and len(self._taken) < self.places

    @property
    def remaining(self) -> int:
        """How many jobs have no outcome yet."""
        return len(self._open)

    def next(self) -> Job | None:
        """The first job in the order of the run list that waits for nothing."""
        return self._jobs[self._ready[0]] if self._ready else None

    def take(self, job_id: str) -> None:
        """Note that the next job was started; what waits for it goes on waiting."""
        place = heapq.heappop(self._ready)
        assert place == self._positions[job_id]  # noqa: S101 - only the next one is started
        self._taken.add(job_id)

    def settle(self, job_id: str) -> None:
        """Note that a job got its outcome; twice is once."""
        if job_id not in self._open:
            return
        self._open.remove(job_id)
        if job_id in self._taken:
            self._taken.remove(job_id)
        elif self._ready and self._ready[0] == self._positions[job_id]:
            heapq.heappop(self._ready)
        else:
            self._ready.remove(self._positions[job_id])
            heapq.heapify(self._ready)
        for dependant in self._dependants.pop(job_id, ()):
            self._waiting[dependant] -= 1
            if not self._waiting[dependant]:
                heapq.heappush(self._ready, self._positions[dependant])


@dataclass(frozen=True)
class Abilities:
    """What this process can do for jobs: who it is, and whether a person answers.

    `others` are the users besides its own that it can run jobs as; `normal_user` runs the jobs
    that name none, where that is another one than its own.
    """

    user: str
    person: bool = False
    others: Collection[str] = ()
    normal_user: str | None = None

    def user_of(self, job: Job) -> str | None:
        """The user that a job runs as; None where that is our own."""
        wanted = job.user or self.normal_user
        return None if wanted == self.user else wanted


Requirement: TypeAlias = "Callable[[Job, State], Skip | None]"


def decide(
    agenda: Agenda,
    state: State,
    abilities: Abilities,
    unmet: Requirement,
    active: Collection[str] = (),
) -> Step:
    """The next step of a phase; `unmet` judges the `requires` of a job.

    `active` are the jobs that this process runs; what else counts as running is of an earlier one.
    """
    if len(state.running) > len(active):
        return Recover(next(job_id for job_id in state.running if job_id not in active))
    job = agenda.next()
    if job is None:
        return Wait() if active else Done()
    if not agenda.has_room_for(job):
        return Wait()
    skip = refusal(job, state, abilities, unmet)
    return Run(job, abilities.user_of(job)) if skip is None else skip


def runs_beside(job: Job) -> bool:
    """Whether a job may run while another one of this sort does."""
    return job.plugin in _BESIDE and not job.flags & _ALONE


def refusal(job: Job, state: State, abilities: Abilities, unmet: Requirement) -> Skip | None:
    """Why a job cannot be started now that all it waits for is done; None when it can."""
    return (
        _unmet_dependency(job, state)
        or unmet(job, state)
        or _not_failed(job, state)
        or flawed(job)
        or impossible(job, abilities)
    )


def _unmet_dependency(job: Job, state: State) -> Skip | None:
    failed = [name for name in job.depends if state.outcome_of(name) is not Outcome.PASS]
    if not failed:
        return None
    outcomes = {name: state.outcome_of(name) for name in failed}
    skipped = any(outcome is Outcome.SKIP for outcome in outcomes.values())
    reason = "needs " + ", ".join(
        f"{name} ({outcome.look.label if outcome else 'did not run'})"
        for name, outcome in outcomes.items()
    )
    outcome = Outcome.SKIP if skipped else Outcome.SKIPPED_DEPENDENCY
    return Skip(job.id, outcome, reason, Unmet(dependencies=tuple(failed)))


def _not_failed(job: Job, state: State) -> Skip | None:
    for name in job.salvages:
        outcome = state.outcome_of(name)
        if outcome is not Outcome.FAIL:
            how = outcome.look.label if outcome else "did not run before"
            return Skip(job.id, Outcome.NOT_SUPPORTED, f"not needed: {name} did not fail ({how})")
    return None


def flawed(job: Job) -> Skip | None:
    """Why a job cannot run as it is written, or as its template made it; None when it can."""
    if errors := errors_of(job):
        return Skip(job.id, Outcome.FAIL, "; ".join(errors))
    for key in _DECISIVE:
        getattr(job, key)  # a field is known to be bad once it was read
    if unreadable := [key for key in _DECISIVE if key in job.bad_fields]:
        reason = f"its definition has errors: {', '.join(unreadable)} cannot be read"
        return Skip(job.id, Outcome.FAIL, reason)
    return None


def impossible(job: Job, abilities: Abilities) -> Skip | None:
    """Why this process can never start a job, whatever other jobs say; None when it can."""
    kind = job.plugin
    if not kind.automated and not abilities.person:
        return Skip(job.id, Outcome.SKIP, f"needs a person ({kind.value}), and none is here")
    if not job.has_command:
        return Skip(job.id, Outcome.NOT_SUPPORTED, "nothing to run")
    user = abilities.user_of(job)
    if user is not None and user not in abilities.others:
        needs = "there is no such user" if abilities.user == ROOT else "needs root"
        return Skip(job.id, Outcome.NOT_SUPPORTED, f"{needs}: runs as {user}")
    return None


def outcome_of_interrupted(
    *, noreturn: bool, rebooted: bool, left: tuple[Outcome, str] | None = None
) -> tuple[Outcome, str]:
    """What a job gets that was started and that nobody saw end.

    `left` is what the job itself wrote down as its result, for whoever takes the session up.
    """
    if left is not None:
        return left
    if noreturn and rebooted:
        return Outcome.PASS, "the machine restarted, as the job says it does"
    if rebooted:
        return Outcome.CRASH, "the machine restarted while the job ran"
    return Outcome.CRASH, "plainbox was interrupted while the job ran"


def must_hold(reboots: int) -> bool:
    """Whether a session may not go on by itself after so many unannounced restarts in one job."""
    return reboots >= _MOST_REBOOTS
