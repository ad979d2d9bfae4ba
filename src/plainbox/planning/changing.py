"""The smallest change of what is known that makes a job run.

A change says what records would have to hold, and which jobs would have to pass or fail. All
that the job needs has to run as well: what it depends on, the resources that it asks, and what
those need in turn. A change counts only if the job runs when everything is planned anew with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from plainbox.expressions import Verdict
from plainbox.expressions.repair import Edit, Repair, repairs
from plainbox.planning.outlook import Knowledge, Outlook
from plainbox.planning.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plainbox.expressions import Records
    from plainbox.outcome import Outcome

_TRIES: Final = 12


@dataclass(frozen=True, slots=True)
class Change:
    """What would have to be different for a job to run.

    Tables of the edits are full ids of resource jobs; `outcomes` are those that jobs would have
    to have; `runs` are the jobs that would run too, and now do not; `reads` are resources that
    have not been read, and would have to be.
    """

    edits: tuple[Edit, ...]
    outcomes: Mapping[str, Outcome]
    runs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def applied(self, knowledge: Knowledge) -> Knowledge:
        """What would be known then."""
        unread: dict[str, Records] = dict.fromkeys(self.reads, ({},))
        records = Repair(self.edits).applied({**unread, **knowledge.records})
        again = {*self.runs, *self.outcomes}
        kept = {name: how for name, how in knowledge.outcomes.items() if name not in again}
        return Knowledge(records, kept, self.outcomes)


def smallest_change(outlook: Outlook, job_id: str) -> Change | str:
    """The smallest change that makes a job run that would not; a text says why there is none."""
    wishes = Wishes(outlook)
    wishes.run(job_id)
    if wishes.blocked:
        return wishes.blocked
    for change in islice(_changes(wishes, job_id), _TRIES):
        situation = outlook.situation
        then = replace(situation, knowledge=change.applied(situation.knowledge))
        if Outlook(then).runs(job_id) is Verdict.TRUE:
            return change
    return "no change of what the resources say was found that would do"


def _changes(wishes: Wishes, job_id: str) -> Iterator[Change]:
    runs = tuple(name for name in wishes.runs if name != job_id)
    for repair in repairs(wishes.goals, wishes.tables, wishes.fixed):
        values = {**wishes.stated, **{edit.cell: edit.value for edit in repair.edits}}
        edits = tuple(
            Edit(cell, value, wishes.before(cell)) for cell, value in sorted(values.items())
        )
        yield Change(edits, wishes.outcomes, runs, tuple(wishes.reads))
