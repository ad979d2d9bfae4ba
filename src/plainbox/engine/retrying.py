"""Which jobs run again after some have failed: pure.

A job that failed or crashed is run again together with the jobs that it depends on, because it
may have used up what these made, and with those that were skipped because of it. A job that says
`auto-retry: no` never is; nor is one that brought the machine down so often that it holds the
session. What only finds something out, and what restarts the machine, is not done twice for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.engine.decide import must_hold
from plainbox.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plainbox.planning import RunList
    from plainbox.session.state import JobState, State
    from plainbox.units import Job

_RUN_AGAIN: Final = (Outcome.FAIL, Outcome.CRASH)
_FINDING_OUT: Final = ("resource", "local")


def to_retry(run_list: RunList, state: State) -> tuple[str, ...]:
    """The jobs of a run list that run again, in its order."""
    jobs = {job.id: job for job in run_list.jobs}
    chosen = {name for name in jobs if _failed(state.jobs[name])}
    if not chosen:
        return ()
    used = _needed(chosen, jobs, state)
    skipped = _skipped_for(chosen | used, run_list, state)
    used |= _needed(skipped, jobs, state)
    return tuple(name for name in jobs if name in chosen or name in used or name in skipped)


def _failed(job: JobState) -> bool:
    return bool(job.outcome in _RUN_AGAIN and job.attempts and _may_repeat(job))


def _may_repeat(job: JobState) -> bool:
    return job.card.auto_retry and not must_hold(job.reboots)


def _needed(chosen: Iterable[str], jobs: dict[str, Job], state: State) -> set[str]:
    """What some jobs depend on, and what that depends on, as far as it may run again."""
    found: set[str] = set()
    todo = list(chosen)
    while todo:
        for name in jobs[todo.pop()].depends:
            if name in jobs and name not in found and _repeats_for_others(jobs[name], state):
                found.add(name)
                todo.append(name)
    return found


def _repeats_for_others(job: Job, state: State) -> bool:
    known = state.jobs[job.id]
    finding = known.card.kind in _FINDING_OUT or "noreturn" in job.flags
    return bool(known.attempts) and not finding and _may_repeat(known)


def _skipped_for(again: set[str], run_list: RunList, state: State) -> set[str]:
    """The jobs that did not run because one of these, or of those found, did not pass."""
    found: set[str] = set()
    for job in run_list.jobs:
        unmet = state.jobs[job.id].unmet
        if unmet is not None and any(it in again or it in found for it in unmet.dependencies):
            found.add(job.id)
    return found
