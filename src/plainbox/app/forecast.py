"""What a run list would do as things stand, said before it does it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plainbox.engine.decide import Skip, refusal
from plainbox.outcome import Outcome
from plainbox.session.state import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plainbox.engine.decide import Abilities, Requirement
    from plainbox.planning import RunList
    from plainbox.session.state import State
    from plainbox.units import Job


@dataclass(frozen=True)
class Forecast:
    """How many jobs will run, which will not, and how long it takes.

    `seconds` is the sum of what is known, `unknown` the number of jobs without an estimate.
    `done` jobs have their outcome from an earlier phase or from before a resume; `jobs` are those
    that will run.
    """

    to_run: int
    done: int
    skipped: tuple[Skip, ...]
    seconds: float
    unknown: int
    jobs: tuple[Job, ...] = ()


def forecast(run_list: RunList, state: State, abilities: Abilities, unmet: Requirement) -> Forecast:
    """Judge every job that is open, taking for granted that what runs passes.

    A requirement on a resource that this run list has yet to read counts as met.
    """
    guess = replace(state, jobs=dict(state.jobs), running={})
    pending = {job.id for job in run_list.jobs if state.outcome_of(job.id) is None}
    skipped: list[Skip] = []
    jobs: list[Job] = []
    for job in run_list.jobs:
        if job.id not in pending:
            continue
        unread = any(resource in pending for resource in job.resources.values())
        skip = refusal(job, guess, abilities, _met if unread else unmet)
        if skip is None:
            jobs.append(job)
        else:
            skipped.append(skip)
        outcome = skip.outcome if skip else Outcome.PASS
        guess.jobs[job.id] = JobState(state.jobs[job.id].card, outcome)
    durations = [job.estimated_duration for job in jobs]
    return Forecast(
        to_run=len(jobs),
        done=len(run_list.jobs) - len(pending),
        skipped=tuple(skipped),
        seconds=sum(_known(durations)),
        unknown=durations.count(None),
        jobs=tuple(jobs),
    )


def _met(_job: object, _state: object) -> Skip | None:
    return None


def _known(durations: Iterable[float | None]) -> Iterable[float]:
    return (seconds for seconds in durations if seconds is not None)
