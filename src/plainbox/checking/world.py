"""What units may refer to: those that are checked, their copies, and those of other providers.

The other providers are loaded when the first id is not found without them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from plainbox.fields import Unit
from plainbox.ids import PLAINBOX, namespace_of, partial, qualify
from plainbox.planning import COLLECT_MANIFEST
from plainbox.planning.copies import copy_ids
from plainbox.planning.dead_lines import Reach
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from plainbox.catalog import Catalog
    from plainbox.ids import Pattern
    from plainbox.units import Job, Template, TestPlan

U = TypeVar("U", bound=Unit)

MANIFEST: Final = qualify("manifest", PLAINBOX)
PROVIDED: Final = frozenset({MANIFEST, COLLECT_MANIFEST})
"""Jobs that plainbox itself has; no provider defines them."""

HOLE: Final = "\ue000"
"""What stands in an id where a template has a parameter."""


class World:
    """Finds units by id, and says what an id that is not there may have meant."""

    def __init__(self, catalog: Catalog, others: Callable[[], Catalog | None]) -> None:
        self.catalog = catalog
        self.sound_programs: set[tuple[str, ...]] = set()
        """Programs in which nothing odd was found; many jobs have the same."""
        self._others = others

    @cached_property
    def _with_copies(self) -> Catalog:
        return _with_copy_ids(self.catalog)

    @cached_property
    def _around(self) -> Catalog | None:
        around = self._others()
        return None if around is None else _with_copy_ids(around)

    def catalogs(self) -> Iterator[Catalog]:
        """The catalogs to look into, one after the other until the id is found."""
        yield self.catalog
        yield self._with_copies
        if self._around is not None:
            yield self._around

    @cached_property
    def _reaches(self) -> dict[int, Reach]:
        return {}

    def _reach(self, catalog: Catalog) -> Reach:
        reach = self._reaches.get(id(catalog))
        if reach is None:
            reach = self._reaches[id(catalog)] = Reach(catalog)
        return reach

    def job(self, full_id: str) -> Job | None:
        """The job of an id; of the id of a copy, the job that it is a copy of."""
        known = self.catalog.jobs.get(full_id) or self._jobs.get(full_id)
        if known is None and full_id not in self._jobs:
            known = self._jobs[full_id] = self._find(lambda catalog: catalog.jobs, full_id)
        return known

    @cached_property
    def _jobs(self) -> dict[str, Job | None]:
        return {}

    def template(self, full_id: str) -> Template | None:
        """The template of an id."""
        return self._find(lambda catalog: catalog.templates, full_id)

    def plan(self, full_id: str) -> TestPlan | None:
        """The test plan of an id."""
        return self._find(lambda catalog: catalog.plans, full_id)

    def unit(self, kind: str, full_id: str) -> Unit | None:
        """The unit of a kind and an id."""
        return self._find(lambda catalog: table(catalog, kind), full_id)

    def _find(self, tables: Callable[[Catalog], Mapping[str, U]], full_id: str) -> U | None:
        for catalog in self.catalogs():
            found = tables(catalog).get(full_id)
            if found is not None:
                return found
        return None

    def selects(self, pattern: Pattern) -> bool:
        """Whether a pattern could select something, here or on another machine."""
        key = (pattern.text, pattern.namespace)
        found = self._selecting.get(key)
        if found is None:
            found = self._selecting[key] = self._could_select(pattern)
        return found

    @cached_property
    def _selecting(self) -> dict[tuple[str, str], bool]:
        return {}

    def _could_select(self, pattern: Pattern) -> bool:
        if pattern.fixed in PROVIDED or pattern.text in PROVIDED:
            return True
        catalogs = (self._with_copies, *([self._around] if self._around else []))
        if any(self._reach(catalog).has(pattern) for catalog in catalogs):
            return True
        return any(self._reach(catalog).selects(pattern) for catalog in catalogs)

    def could_be(self, full_id: str) -> bool:
        """Whether templates could make a job of an id, which may have holes itself."""
        shape = full_id.split(HOLE)
        for catalog in self.catalogs():
            reach = self._reach(catalog)
            if reach.names(full_id) if len(shape) == 1 else reach.could_make(shape):
                return True
        return False

    def is_loaded(self, namespace: str) -> bool:
        """Whether units of a namespace are known, as far as any are."""
        owners = [owner for catalog in self.catalogs() for owner in catalog.owners]
        return not namespace or any(owner.namespace == namespace for owner in owners)

    @cached_property
    def manifest_keys(self) -> dict[str, str]:
        """The keys of the manifest resource, and the value type of each."""
        return {
            entry.resource_key: entry.value_type.value
            for catalog in self.catalogs()
            for entry in catalog.manifests.values()
        }

    def meant(self, kind: str, full_id: str) -> Unit | None:
        """The unit of a kind that an unknown id most probably stands for."""
        known = self._meant.get((kind, full_id))
        if known is None:
            known = self._meant[kind, full_id] = (self._find_meant(kind, full_id),)
        return known[0]

    @cached_property
    def _meant(self) -> dict[tuple[str, str], tuple[Unit | None]]:
        return {}

    def _find_meant(self, kind: str, full_id: str) -> Unit | None:
        wanted = partial(full_id)
        spelt = self._spelt(kind)
        elsewhere = [names[wanted] for names in spelt.values() if wanted in names]
        if elsewhere:
            return elsewhere[0]
        near = spelt.get(namespace_of(full_id), {})
        best = closest(wanted, near)
        return near[best] if best else None

    def _spelt(self, kind: str) -> dict[str, dict[str, Unit]]:
        """The units of a kind by namespace and partial id."""
        if kind not in self._spelt_kinds:
            found: dict[str, dict[str, Unit]] = {}
            for catalog in self.catalogs():
                for full_id, unit in table(catalog, kind).items():
                    found.setdefault(namespace_of(full_id), {}).setdefault(partial(full_id), unit)
            self._spelt_kinds[kind] = found
        return self._spelt_kinds[kind]

    @cached_property
    def _spelt_kinds(self) -> dict[str, dict[str, dict[str, Unit]]]:
        return {}


def _with_copy_ids(catalog: Catalog) -> Catalog:
    """A catalog in which the ids of copies mean the jobs that they are copies of."""
    copies = {name: job for job in catalog.jobs.values() for name in copy_ids(job)}
    return replace(catalog, jobs={**copies, **catalog.jobs})


def table(catalog: Catalog, kind: str) -> Mapping[str, Unit]:
    """The units of a kind by full id."""
    tables: Mapping[str, Mapping[str, Unit]] = {
        "job": catalog.jobs,
        "setup job": catalog.jobs,
        "test plan": catalog.plans,
        "category": catalog.categories,
        "manifest entry": catalog.manifests,
        "template": catalog.templates,
    }
    return tables.get(kind) or catalog.others.get(kind, {})
