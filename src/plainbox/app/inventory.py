"""What there is, kind by kind: units to list, and the rows that tables and programs read.

A filter is the name of an option and its text; which ones fit which kind is in `KINDS`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from plainbox.app.naming import find_plan, resolve
from plainbox.catalog import builtin_owners, rows
from plainbox.errors import UsageError
from plainbox.ids import Pattern, partial, qualify
from plainbox.planning.expanding import expand
from plainbox.spelling import closest
from plainbox.units import Job, JobKind, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from plainbox.app.setup import Setup
    from plainbox.fields import Unit
    from plainbox.units import TestPlan

    Row: TypeAlias = Mapping[str, Any]
    Filters: TypeAlias = Mapping[str, str]


class Kind(NamedTuple):
    """Something to list: the columns of its table, the filters that fit, how its rows are made."""

    columns: tuple[str, ...]
    filters: tuple[str, ...]
    rows: Callable[[Setup, Filters], Iterator[Row]]


def listed(what: str, setup: Setup, filters: Filters) -> list[Row]:
    """The rows of a kind that pass all filters. Raise `UsageError` for one that makes no sense."""
    kind = KINDS[what]
    for name in filters:
        if name not in kind.filters:
            fitting = ", ".join(f"--{it}" for it in kind.filters)
            raise UsageError(f"{what} have no --{name}", hints=[f"what fits is {fitting}"])
    found: Iterable[Row] = kind.rows(setup, filters)
    if "match" in filters:
        matches = _matching(filters["match"])
        key = "full_id" if what == "units" else kind.columns[0]
        found = (row for row in found if matches(row[key]))
    return list(found)


def category_name(setup: Setup, category_id: str) -> str:
    """The title of a category; its id where there is no such category."""
    category = setup.catalog.categories.get(category_id)
    return category.name if category is not None else category_id


def _matching(text: str) -> Callable[[str], bool]:
    """Whether an id, full or partial, matches a pattern as a whole."""
    try:
        pattern = Pattern(text, "")
    except re.error as error:
        raise UsageError(f"{text!r} is no pattern: {error}") from error
    return lambda full_id: pattern.matches(full_id) or pattern.matches(partial(full_id))


def _units_of(setup: Setup, filters: Filters, units: Iterable[Unit]) -> Iterator[Unit]:
    """Jobs or templates that are of a category, of a kind, selected by a plan."""
    if "plan" in filters:
        chosen = _selected(setup, filters["plan"])
        units = [it for it in units if _id(it) in chosen]
    if "category" in filters:
        category = _category(setup, filters["category"])
        units = [it for it in units if _category_of(it) == category]
    if "plugin" in filters:
        plugin = _plugin(filters["plugin"])
        units = [it for it in units if (it.text("plugin") or _simple(it)) == plugin]
    yield from units


def _selected(setup: Setup, word: str) -> set[str]:
    """The ids of the jobs and templates that a plan selects."""
    expansion = expand(plan_called(setup, word), setup.session)
    return {*expansion.selection.wanted, *(it.template_id for it in expansion.templates)}


def plan_called(setup: Setup, word: str) -> TestPlan:
    """The plan of an id. Raise `UsageError` where there is none."""
    plan = find_plan(word, setup.catalog)
    if plan is None:
        raise UsageError(f"no test plan is called {word!r}", hints=_near(word, setup.catalog.plans))
    return plan


def _category(setup: Setup, word: str) -> str:
    found = resolve(word, setup.catalog.categories, "category")
    if found is None:
        hints = _near(word, setup.catalog.categories)
        raise UsageError(f"no category is called {word!r}", hints=hints)
    return found


def _near(word: str, known: Iterable[str]) -> list[str]:
    names = {partial(full_id): full_id for full_id in known}
    near = closest(partial(word), names)
    return [f"did you mean {names[near]}?"] if near else []


def _plugin(word: str) -> str:
    kinds = [kind.value for kind in JobKind]
    if word not in kinds:
        raise UsageError(
            f"no kind of jobs is called {word!r}", hints=[f"there is {', '.join(kinds)}"]
        )
    return word


def _simple(unit: Unit) -> str:
    return unit.plugin.value if isinstance(unit, Job) else ""


def _id(unit: Unit) -> str:
    return unit.template_id if isinstance(unit, Template) else unit.id


def _category_of(unit: Unit) -> str:
    if isinstance(unit, Job):
        return unit.category_id
    written = unit.text("category_id") or Job.category_id.default or ""
    return qualify(written.strip(), unit.namespace)


def _place(unit: Unit) -> Row:
    return {
        "provider": unit.owner.name,
        "file": unit.record.source.name,
        "line": unit.record.first_line,
    }


def _jobs(setup: Setup, filters: Filters) -> Iterator[Row]:
    source = setup.session if "plan" in filters else setup.catalog
    for job in _units_of(setup, filters, source.jobs.values()):
        assert isinstance(job, Job)  # noqa: S101 - that is what was passed
        yield {
            "id": job.id,
            "plugin": job.plugin.value,
            "summary": job.summary,
            "category": job.category_id,
            **_place(job),
        }


def _templates(setup: Setup, filters: Filters) -> Iterator[Row]:
    for template in _units_of(setup, filters, setup.catalog.templates.values()):
        assert isinstance(template, Template)  # noqa: S101 - that is what was passed
        yield {
            "id": template.template_id,
            "resource": template.template_resource,
            "summary": template.template_summary or template.text("summary") or "",
            "makes": template.id,
            "unit": template.template_unit,
            "plugin": template.text("plugin") or "",
            "category": _category_of(template),
            **_place(template),
        }


def _plans(setup: Setup, filters: Filters) -> Iterator[Row]:
    plans = list(setup.catalog.plans.values())
    if "plan" in filters:
        plans = list(expand(plan_called(setup, filters["plan"]), setup.catalog).selection.plans)
    for plan in plans:
        parts = [part for part in plan.nested_part if part in setup.catalog.plans]
        yield {"id": plan.id, "name": plan.name, "parts": parts, **_place(plan)}


def _categories(setup: Setup, filters: Filters) -> Iterator[Row]:
    jobs: Iterable[Unit] = [*setup.catalog.jobs.values(), *setup.catalog.templates.values()]
    if "plan" in filters:
        jobs = _units_of(setup, {"plan": filters["plan"]}, jobs)
    used = Counter(map(_category_of, jobs))
    for category in setup.catalog.categories.values():
        if used[category.id] or "plan" not in filters:
            yield {
                "id": category.id,
                "jobs": used[category.id],
                "name": category.name,
                **_place(category),
            }


def _providers(setup: Setup, _filters: Filters) -> Iterator[Row]:
    for owner in setup.owners:
        yield {
            "name": owner.name,
            "namespace": owner.namespace,
            "version": owner.version,
            "folder": str(owner.root or owner.units_dir or ""),
        }


def _units(setup: Setup, _filters: Filters) -> Iterator[Row]:
    written = [owner for owner in setup.owners if owner not in builtin_owners()]
    yield from rows(setup.catalog, written)


_JOBS: Final = ("match", "category", "plugin", "plan")
KINDS: Final[Mapping[str, Kind]] = {
    "plans": Kind(("id", "name"), ("match", "plan"), _plans),
    "jobs": Kind(("id", "plugin", "summary"), _JOBS, _jobs),
    "templates": Kind(("id", "resource", "summary"), _JOBS, _templates),
    "categories": Kind(("id", "jobs", "name"), ("match", "plan"), _categories),
    "providers": Kind(("name", "namespace", "version", "folder"), ("match",), _providers),
    "units": Kind(("kind", "id", "file", "first_line", "provider"), ("match",), _units),
}
"""What can be listed; other programs get more than the columns."""
