"""What is new in a run, compared with the runs of the same plan on the same machine before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.history.store import History, Result, RunRow

_LOOKED_AT: Final = 20


@dataclass(frozen=True)
class News:
    """`last` is the run before; `more` the number of jobs that ran now and not then.

    `since` says of each job that failed now in how many runs in a row it did, this one counted:
    1 where it is new; `passed_before` are those of them that passed the last time.
    """

    last: RunRow
    more: int
    since: Mapping[str, int] = field(default_factory=dict)
    passed_before: frozenset[str] = frozenset()


def news_of(history: History, session: str) -> News | None:
    """What is new in a session that the history knows; None where there is none to compare."""
    row = next((row for row in history.runs() if row.session == session), None)
    if row is None:
        return None
    runs = history.runs(row.plan, row.machine, limit=-1)
    before = [run for run in runs if run.number < row.number][:_LOOKED_AT]
    if not before:
        return None
    now = history.results(session)
    earlier = [history.results(run.session) for run in before]
    failed = [job for job, result in now.items() if result.outcome.bad]
    return News(
        last=before[0],
        more=_executed(now) - _executed(earlier[0]),
        since={job: 1 + _in_a_row(job, earlier) for job in failed},
        passed_before=frozenset(
            job for job in failed if job in earlier[0] and earlier[0][job].outcome.value == "pass"
        ),
    )


def _executed(results: Mapping[str, Result]) -> int:
    return sum(result.outcome.ran for result in results.values())


def _in_a_row(job: str, earlier: list[dict[str, Result]]) -> int:
    """In how many runs a job failed without a break; a run that did not execute it is no break."""
    number = 0
    for results in earlier:
        result = results.get(job)
        if result is None or not (result.outcome.ran or result.outcome.bad):
            continue
        if not result.outcome.bad:
            break
        number += 1
    return number
