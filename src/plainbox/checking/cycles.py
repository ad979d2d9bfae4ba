"""Jobs that wait for each other, and test plans that nest each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.ids import partial
from plainbox.planning.graph import depth_first, knots, way_round
from plainbox.planning.ordering import draw, needs_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from plainbox.catalog import Catalog
    from plainbox.fields import Unit
    from plainbox.units import Job

_KEYS = ("depends", "after", "requires", "before")


def cycles(catalog: Catalog, checked: Collection[Unit]) -> Iterator[tuple[Unit, Diagnostic]]:
    """A finding for each knot of jobs, or of plans, that a checked unit is part of."""
    jobs = catalog.jobs
    waits: dict[str, list[str]] = {}
    for job in jobs.values():
        needed = [need.job_id for need in needs_of(job) if need.job_id in jobs]
        if needed:
            waits.setdefault(job.id, []).extend(needed)
        for later in job.before:
            if later in jobs:
                waits.setdefault(later, []).append(job.id)
    for cycle in _cycles(waits):
        yield from _first_checked(cycle, jobs, checked, _of_jobs)
    plans = catalog.plans
    nested = {
        plan.id: [part for part in plan.nested_part if part in plans]
        for plan in plans.values()
        if plan.record.get("nested_part") is not None
    }
    for cycle in _cycles(nested):
        yield from _first_checked(cycle, plans, checked, _of_plans)


def _cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    def targets(node: str) -> Sequence[str]:
        return edges.get(node, ())

    for members in knots(depth_first(edges, targets), targets):
        yield way_round(members[0], members, targets)


def _first_checked(cycle, units, checked, describe):  # type: ignore[no-untyped-def]
    for position, unit_id in enumerate(cycle[:-1]):
        unit = units[unit_id]
        if unit in checked:
            turned = (*cycle[position:-1], *cycle[: position + 1])
            yield unit, describe(unit, turned, units)
            return


def _of_jobs(job: Job, cycle: Sequence[str], jobs: Mapping[str, Job]) -> Diagnostic:
    following = cycle[1]
    drawing = draw([partial(each) for each in cycle])
    message = f"dependency cycle: {drawing}"
    note = ("none of them can be the first to run",)
    for key in ("depends", "after"):
        if following in getattr(job, key):
            return Diagnostic(
                Code.DEPENDENCY_CYCLE, message, job.id_span(key, following), notes=note
            )
    if following in job.resources.values():
        return Diagnostic(Code.DEPENDENCY_CYCLE, message, job.span("requires"), notes=note)
    span = jobs[following].id_span("before", job.id)
    return Diagnostic(Code.DEPENDENCY_CYCLE, message, span, notes=note)


def _of_plans(plan, cycle, plans):  # type: ignore[no-untyped-def]
    drawing = draw([partial(each) for each in cycle])
    span = plan.id_span("nested_part", cycle[1])
    return Diagnostic(Code.PLAN_CYCLE, f"test plans nest each other: {drawing}", span)
