"""All that is known of one unit: where it is, what it needs, who needs it, which plans have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.errors import UsageError
from plainbox.ids import partial, qualify
from plainbox.planning import family, select
from plainbox.planning.copies import original_of
from plainbox.planning.including import SELECTING, all_around, lines_about, nesting
from plainbox.planning.ordering import needs_of
from plainbox.planning.overrides import settings_of
from plainbox.planning.shapes import origins
from plainbox.spelling import closest
from plainbox.units import Category, Job, ManifestEntry, Template, TestPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plainbox.app.setup import Setup
    from plainbox.catalog import Catalog
    from plainbox.fields import Unit
    from plainbox.planning import Reason, Setting

MOST_UNITS: Final = 6
"""Of so many units with one id all are shown; of more, that there are."""


class Link(NamedTuple):
    """How one unit has to do with another: a word, the id, and the unit where it is there."""

    how: str
    full_id: str
    unit: Unit | None


class Override(NamedTuple):
    """A field of a job that a plan sets; `counts` where it is what counts in the plan asked for."""

    name: str
    setting: Setting
    counts: bool = False


@dataclass(frozen=True)
class About:
    """What there is to say of a unit; what does not apply is empty.

    `around` are all plans that select it, themselves or through plans that they nest.
    """

    unit: Unit
    full_id: str
    title: str
    copy_of: Job | None = None
    copies: tuple[str, ...] = ()
    needs: tuple[Link, ...] = ()
    needed_by: tuple[Link, ...] = ()
    lines: tuple[Reason, ...] = ()
    around: tuple[TestPlan, ...] = ()
    overrides: tuple[Override, ...] = ()


def id_of(unit: Unit) -> str:
    """The full id that a unit is known by."""
    return unit.template_id if isinstance(unit, Template) else unit.id


def units_called(word: str, catalog: Catalog) -> list[Unit]:
    """The units of an id, full or partial; the template where it is of a job that one could make.

    Raise `UsageError` where there is none, or where there are too many.
    """
    units = list(_all_units(catalog))
    found = [unit for unit in units if id_of(unit) == word]
    found = found or [unit for unit in units if partial(id_of(unit)) == word]
    if not found:
        namespaces = dict.fromkeys(owner.namespace for owner in catalog.owners)
        ids = [word, *(qualify(word, namespace) for namespace in namespaces)]
        made = (origins(full_id, catalog.templates.values()) for full_id in dict.fromkeys(ids))
        found = [origin.template for each in made for origin in each]
    if not found:
        known = {partial(id_of(unit)): id_of(unit) for unit in units}
        near = closest(partial(word), known)
        hints = [f"did you mean {known[near]}?"] if near else ["plainbox list units shows them all"]
        raise UsageError(f"no unit is called {word!r}", hints=hints)
    if len(found) > MOST_UNITS:
        hints = [f"{unit.kind} {id_of(unit)}" for unit in found]
        raise UsageError(f"{len(found)} units are called {word!r}", hints=hints)
    return found


def _all_units(catalog: Catalog) -> Iterator[Unit]:
    tables = (catalog.jobs, catalog.templates, catalog.plans, catalog.categories, catalog.manifests)
    for table in (*tables, *catalog.others.values()):
        yield from (unit for full_id, unit in table.items() if full_id)


def about(unit: Unit, setup: Setup, plan: TestPlan | None = None) -> About:
    """Gather what is known of a unit; with a plan also what counts there."""
    catalog = setup.session
    full_id = id_of(unit)
    title = getattr(unit, "summary", None) or getattr(unit, "name", None) or ""
    if isinstance(unit, Template):
        title = unit.template_summary or unit.text("summary") or ""
    lines: tuple[Reason, ...] = ()
    around: list[TestPlan] = []
    overrides: tuple[Override, ...] = ()
    if isinstance(unit, Job | Template):
        lines = tuple(lines_about(unit, catalog.plans.values()))
        having = {it.plan.id: it.plan for it in lines if it.key in SELECTING or it.line is None}
        around = all_around(list(having.values()), catalog.plans)
        overrides = tuple(_overrides(full_id, catalog, plan))
    elif isinstance(unit, TestPlan):
        around = [it for it in all_around([unit], catalog.plans) if it is not unit]
    original = original_of(unit, catalog.jobs) if isinstance(unit, Job) else ""
    return About(
        unit=unit,
        full_id=full_id,
        title=title,
        copy_of=catalog.jobs[original] if original else None,
        copies=tuple(_copies(unit, catalog)) if not original else (),
        needs=tuple(_needs(unit, catalog)),
        needed_by=tuple(_needed_by(unit, catalog)),
        lines=lines,
        around=tuple(around),
        overrides=overrides,
    )


def _copies(unit: Unit, catalog: Catalog) -> Iterator[str]:
    if isinstance(unit, Job):
        written = next((it for it in catalog.units if id_of(it) == unit.id), None)
        for copy in family(written) if isinstance(written, Job) else ():
            if copy.id != unit.id:
                yield copy.id


def _overrides(full_id: str, catalog: Catalog, plan: TestPlan | None) -> Iterator[Override]:
    if plan is not None:
        for name, setting in select(plan, catalog).overrides.get(full_id, {}).items():
            yield Override(name, setting, counts=True)
        return
    for pattern, name, setting in settings_of(list(catalog.plans.values())):
        if pattern.matches(full_id):
            yield Override(name, setting)


def _as_job(unit: Unit) -> Job | None:
    """A job, or what a template says of the jobs that it makes."""
    if isinstance(unit, Template):
        return Job(unit.record, unit.owner) if unit.template_unit == Job.type_name else None
    return unit if isinstance(unit, Job) else None


def _needs(unit: Unit, catalog: Catalog) -> Iterator[Link]:
    if isinstance(unit, Template):
        resource = unit.template_resource
        yield Link("is made of", resource, catalog.jobs.get(resource))
    job = _as_job(unit)
    if job is not None:
        for relation, name in needs_of(job):
            found: Unit | None = catalog.jobs.get(name) or catalog.templates.get(name)
            if found is None:
                made = origins(name, catalog.templates.values())
                found = next((origin.template for origin in made), None)
            yield Link(relation.name.lower(), name, found)
        category = catalog.categories.get(job.category_id)
        yield Link("category", job.category_id, category)
    if isinstance(unit, TestPlan):
        for name in unit.nested_part:
            yield Link("nests", name, catalog.plans.get(name))


def _needed_by(unit: Unit, catalog: Catalog) -> Iterator[Link]:
    full_id = id_of(unit)
    if isinstance(unit, TestPlan):
        for plan in nesting(catalog.plans).get(full_id, ()):
            yield Link("nested by", plan.id, plan)
    elif isinstance(unit, Category):
        yield from (
            Link("has", id_of(it), it) for it, job in _jobs(catalog) if job.category_id == full_id
        )
    elif isinstance(unit, ManifestEntry):
        key = unit.resource_key
        yield from (
            Link("requires", id_of(it), it)
            for it, job in _jobs(catalog)
            if key in job.requires.manifest_attributes
        )
    elif isinstance(unit, Job):
        for template in catalog.templates_by_resource.get(full_id, ()):
            yield Link("makes jobs", template.template_id, template)
        for it, job in _jobs(catalog):
            for relation, name in needs_of(job):
                if name == full_id:
                    yield Link(relation.name.lower(), id_of(it), it)


def _jobs(catalog: Catalog) -> Iterable[tuple[Unit, Job]]:
    units: Sequence[Unit] = [*catalog.jobs.values(), *catalog.templates.values()]
    pairs = ((unit, _as_job(unit)) for unit in units)
    return ((unit, job) for unit, job in pairs if job is not None)
