"""The catalog: every unit that is known, in order and by id.

A catalog is never changed; units made while a session runs give a new one. Ids are unique among
the units of one kind, where jobs and setup jobs are one kind: of two with one id the first stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.units import Category, Job, ManifestEntry, Template, TestPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.fields import Owner, Unit
    from plainbox.text import Span

    U = TypeVar("U", bound=Unit)


@dataclass(frozen=True, eq=False)
class Catalog:
    """All units of some providers.

    `units` are in order: providers as found, files by path, records as written. The tables are
    by full id, templates by their template id; `others` holds units of further kinds by kind
    and id. A unit without an id is in `units` only, one that repeats an id nowhere. Faults of
    loading and extending are in `sink`.
    """

    owners: tuple[Owner, ...]
    units: Sequence[Unit]
    jobs: Mapping[str, Job]
    templates: Mapping[str, Template]
    plans: Mapping[str, TestPlan]
    categories: Mapping[str, Category]
    manifests: Mapping[str, ManifestEntry]
    others: Mapping[str, Mapping[str, Unit]]
    templates_by_resource: Mapping[str, Sequence[Template]]
    sink: Sink

    @classmethod
    def of(cls, owners: Iterable[Owner], units: Iterable[Unit], sink: Sink) -> Catalog:
        """The catalog of units that were read; ids given twice are reported."""
        index = _Index(sink)
        for unit in units:
            index.add(unit, tell_repeated=True)
        return index.catalog(tuple(owners))

    def extended(self, units: Iterable[Unit]) -> Catalog:
        """This catalog and more units; one that repeats another word for word changes nothing."""
        index = _Index(self.sink, self)
        for unit in units:
            index.add(unit, tell_repeated=False)
        return index.catalog(self.owners)


class _Index:
    """The tables of a catalog while they are made."""

    def __init__(self, sink: Sink, start: Catalog | None = None) -> None:
        self.sink = sink
        self.units: list[Unit] = list(start.units) if start else []
        self.jobs: dict[str, Job] = dict(start.jobs) if start else {}
        self.templates: dict[str, Template] = dict(start.templates) if start else {}
        self.plans: dict[str, TestPlan] = dict(start.plans) if start else {}
        self.categories: dict[str, Category] = dict(start.categories) if start else {}
        self.manifests: dict[str, ManifestEntry] = dict(start.manifests) if start else {}
        self.others: dict[str, dict[str, Unit]] = (
            {kind: dict(units) for kind, units in start.others.items()} if start else {}
        )
        self.by_resource: dict[str, tuple[Template, ...]] = (
            dict(start.templates_by_resource) if start else {}  # type: ignore[arg-type]
        )

    def add(self, unit: Unit, *, tell_repeated: bool) -> None:
        first = self._first(unit)
        if first is unit:
            self.units.append(unit)
        elif first.checksum != unit.checksum:
            self._report(Code.DUPLICATE_ID, "is defined differently before", unit, first)
        elif tell_repeated:
            self._report(Code.REPEATED_UNIT, "is there twice, word for word", unit, first)

    def _first(self, unit: Unit) -> Unit:
        """The unit that has the id of another one, which may be itself."""
        if isinstance(unit, Job):
            return _put(self.jobs, unit.id, unit)
        if isinstance(unit, TestPlan):
            return _put(self.plans, unit.id, unit)
        if isinstance(unit, Template):
            first = _put(self.templates, unit.template_id, unit)
            if first is unit:
                resource = unit.template_resource
                self.by_resource[resource] = (*self.by_resource.get(resource, ()), unit)
            return first
        if isinstance(unit, Category):
            return _put(self.categories, unit.id, unit)
        if isinstance(unit, ManifestEntry):
            return _put(self.manifests, unit.id, unit)
        return _put(self.others.setdefault(unit.kind, {}), unit.id, unit)

    def _report(self, code: Code, what: str, unit: Unit, first: Unit) -> None:
        name = unit.template_id if isinstance(unit, Template) else unit.id
        others = (Label(_place(first), "first here"),)
        self.sink.add(Diagnostic(code, f"{unit.kind} '{name}' {what}", _place(unit), others=others))

    def catalog(self, owners: tuple[Owner, ...]) -> Catalog:
        return Catalog(
            owners=owners,
            units=tuple(self.units),
            jobs=self.jobs,
            templates=self.templates,
            plans=self.plans,
            categories=self.categories,
            manifests=self.manifests,
            others=self.others,
            templates_by_resource=self.by_resource,
            sink=self.sink,
        )


def _put(table: dict[str, U], unit_id: str, unit: U) -> U:
    return table.setdefault(unit_id, unit) if unit_id else unit


def _place(unit: Unit) -> Span:
    """Where a unit says its id."""
    return unit.span("template-id" if isinstance(unit, Template) else "id")
