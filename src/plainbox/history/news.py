"""What is new in a run, compared with the runs of the same plan on the same machine before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plainbox.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from plainbox.history.store import History, Result, RunRow


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
    before = {run.session: run for run in history.runs(row.plan, row.machine) if run < row}
    if not before:
        return None
    last = next(iter(before.values()))
    failed = {job: _earlier(history, job, before) for job in history.failed(session)}
    return News(
        last=last,
        more=history.executed(session) - history.executed(last.session),
        since={job: 1 + _in_a_row(results) for job, results in failed.items()},
        passed_before=frozenset(job for job, results in failed.items() if _passed(results, last)),
    )


def _earlier(history: History, job: str, before: Container[str]) -> list[Result]:
    """What came of a job in some runs, the newest first."""
    return [result for run, result in history.outcomes_of(job) if run.session in before]


def _passed(results: Sequence[Result], run: RunRow) -> bool:
    """Whether a job passed in a run."""
    newest = results[0] if results else None
    return newest is not None and newest.session == run.session and newest.outcome is Outcome.PASS


def _in_a_row(results: Iterable[Result]) -> int:
    """How often a job failed without a break; a run that did not execute it is no break."""
    number = 0
    for result in results:
        if result.outcome.bad:
            number += 1
        elif result.outcome.ran:
            break
    return number
