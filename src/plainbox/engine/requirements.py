"""Judging the `requires` of jobs by what resource jobs told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.engine.decide import Skip
from plainbox.expressions import MANIFEST, Facts, Table, Verdict, evaluate
from plainbox.ids import PLAINBOX, qualify
from plainbox.outcome import Outcome
from plainbox.planning import bindings
from plainbox.session.events import Unmet
from plainbox.units import SetupJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.expressions import Expression, Records
    from plainbox.session.state import State
    from plainbox.units import Job, ManifestEntry

MANIFEST_RESOURCE: Final = qualify(MANIFEST, PLAINBOX)
_OF_THE_PROVIDER: Final = ("ns", "name")
"""Keys of the manifest resource that are no entries."""


class Requirements:
    """Answers why a job's `requires` keeps it from running.

    What was looked up about the records of a resource is kept as long as the records are.
    """

    def __init__(
        self,
        entries: Mapping[str, ManifestEntry] | None = None,
        answers: Mapping[str, object] | None = None,
    ) -> None:
        """`entries` are the manifest entries there are, `answers` the values of those set."""
        self._tables: dict[str, Table] = {}
        self._entries = entries or {}
        self._answers = answers or {}

    def __call__(self, job: Job, state: State) -> Skip | None:
        """None where the job may run as far as its requirements go."""
        if isinstance(job, SetupJob) and (unset := self._unmet_entries(job)):
            why = "manifest: " + ", ".join(map(self._answer, unset))
            return Skip(job.id, Outcome.SKIPPED_MANIFEST, why, Unmet(manifests=unset))
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
        manifests = self._manifests(job, answer.failed)
        why = f"requires {answer.failed.text}: "
        if answer.verdict is Verdict.UNKNOWN:
            why += _not_read(job.resources.get(answer.missing or "", ""), state)
        elif not manifests:
            why += _extent(answer.failed, facts)
        else:
            alone = all(_is_manifest(job, name) for name in answer.failed.names)
            why = "manifest: " if alone else why
            why += ", ".join(map(self._answer, manifests))
        return _skip(job, answer.failed, manifests, why)

    def _unmet_entries(self, job: SetupJob) -> tuple[str, ...]:
        """The manifest entries that a setup job asks for and that are otherwise."""
        return tuple(
            wanted.id for wanted in job.requires_manifest if self._value(wanted.id) != wanted.value
        )

    def _value(self, entry_id: str) -> object:
        entry = self._entries.get(entry_id)
        return self._answers.get(entry_id, entry.value_type.default if entry else False)

    def _manifests(self, job: Job, failed: Expression) -> tuple[str, ...]:
        """The full ids of the manifest entries that an expression reads."""
        keys = [key for name, key in failed.attributes if _is_manifest(job, name)]
        found = (self._entry(job.namespace, key) for key in keys)
        return tuple(dict.fromkeys(entry for entry in found if entry))

    def _entry(self, namespace: str, key: str) -> str:
        """The entry of a key of the manifest resource; nothing where the key is of no entry."""
        same = [entry for entry in self._entries.values() if entry.resource_key == key]
        own = [entry.id for entry in same if entry.namespace == namespace]
        if same:
            return (own or [same[0].id])[0]
        return "" if key in _OF_THE_PROVIDER else qualify(key, namespace)

    def _answer(self, entry_id: str) -> str:
        """What is known of an entry, or how to set it."""
        if entry_id in self._answers:
            return f"{entry_id} is {self._answers[entry_id]}"
        entry = self._entries.get(entry_id)
        if entry is None:
            return f"there is no manifest entry {entry_id}"
        if entry.hidden:
            return f"{entry_id} is not set in [manifest] of the configuration"
        example = "yes" if isinstance(entry.value_type.default, bool) else "NUMBER"
        return f"not set: plainbox manifest set {entry_id}={example}"

    def _table(self, resource: str, records: Records) -> Table:
        table = self._tables.get(resource)
        if table is None or table.records is not records:
            table = self._tables[resource] = Table(records)
        return table


def _is_manifest(job: Job, name: str) -> bool:
    return name == MANIFEST or job.resources.get(name) == MANIFEST_RESOURCE


def _skip(job: Job, failed: Expression, manifests: tuple[str, ...], reason: str) -> Skip:
    if any(_is_manifest(job, name) for name in failed.names):
        unmet = Unmet(manifests=manifests) if manifests else Unmet(resources=(failed.text,))
        return Skip(job.id, Outcome.SKIPPED_MANIFEST, reason, unmet)
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
