"""Judging the `requires` of jobs by what resource jobs told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.engine.decide import Skip
from plainbox.expressions import MANIFEST, Facts, Table, Verdict, evaluate
from plainbox.ids import SEPARATOR
from plainbox.outcome import Outcome
from plainbox.planning import bindings
from plainbox.session.events import Unmet

if TYPE_CHECKING:
    from plainbox.expressions import Expression, Records
    from plainbox.session.state import State
    from plainbox.units import Job


class Requirements:
    """Answers why a job's `requires` keeps it from running.

    What was looked up about the records of a resource is kept as long as the records are.
    """

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}

    def __call__(self, job: Job, state: State) -> Skip | None:
        """None where the job may run as far as its requirements go."""
        program = job.requires
        if not program.expressions:
            return None
        known = {
            resource: self._table(resource, state.resources[resource])
            for resource in job.resources.values()
            if resource in state.resources
        }
        facts = Facts(bindings(job, known))
        answer = evaluate(program, facts)
        if answer.verdict is Verdict.TRUE or answer.failed is None:
            return None
        if answer.verdict is Verdict.UNKNOWN:
            why = _not_read(job.resources.get(answer.missing or "", ""), state)
        else:
            why = _extent(answer.failed, facts)
        return _skip(job, answer.failed, f"requires {answer.failed.text}: {why}")

    def _table(self, resource: str, records: Records) -> Table:
        table = self._tables.get(resource)
        if table is None or table.records is not records:
            table = self._tables[resource] = Table(records)
        return table


def _skip(job: Job, failed: Expression, reason: str) -> Skip:
    manifests = tuple(
        f"{job.namespace}{SEPARATOR}{entry}"
        for name, entry in failed.attributes
        if name == MANIFEST
    )
    if manifests:
        return Skip(job.id, Outcome.SKIPPED_MANIFEST, reason, Unmet(manifests=manifests))
    failing = "fail-on-resource" in job.flags
    outcome = Outcome.FAIL if failing else Outcome.SKIPPED_RESOURCE
    return Skip(job.id, outcome, reason, Unmet(resources=(failed.text,)))


def _not_read(resource: str, state: State) -> str:
    """Why nothing is known of a resource."""
    job = state.jobs.get(resource)
    why = f": {job.reason}" if job is not None and job.reason else ""
    return f"{resource} did not run{why}"


def _extent(failed: Expression, facts: Facts) -> str:
    """How many records were looked at in vain."""
    counts = {name: sum(map(bool, facts.tables[name].records)) for name in failed.names}
    empty = next((name for name, number in counts.items() if not number), None)
    if empty is not None:
        return f"{empty} has no records"
    if len(counts) > 1:
        return "no records together"
    name = failed.names[0]
    if counts[name] > 1:
        return f"none of {counts[name]} records"
    record = facts.tables[name].records[0]
    told = (
        f"{key}={record[key]!r}" if key in record else f"no {key}" for _, key in failed.attributes
    )
    return "the record has " + ", ".join(told)
