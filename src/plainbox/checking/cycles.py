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
    from plainbox.units import Job, TestPlan


def cycles(catalog: Catalog, checked: Collection[Unit]) -> Iterator[tuple[Unit, Diagnostic]]:
    """A finding for each knot of jobs, or of plans, that a checked unit is part of."""
    jobs, plans = catalog.jobs, catalog.plans
    for job_id, turned in _found(_waits(jobs), jobs, checked):
        yield jobs[job_id], _of_jobs(jobs[job_id], turned, jobs)
    nested = {
        plan.id: [part for part in plan.nested_part if part in plans]
        for plan in plans.values()
        if plan.record.get("nested_part") is not None
    }
    for plan_id, turned in _found(nested, plans, checked):
        yield plans[plan_id], _of_plans(plans[plan_id], turned)


def _waits(jobs: Mapping[str, Job]) -> dict[str, list[str]]:
    """The jobs that each job has to wait for."""
    waits: dict[str, list[str]] = {}
    for job in jobs.values():
        needed = [need.job_id for need in needs_of(job) if need.job_id in jobs]
        if needed:
            waits.setdefault(job.id, []).extend(needed)
        for later in job.before:
            if later in jobs:
                waits.setdefault(later, []).append(job.id)
    return waits


def _found(
    edges: Mapping[str, Sequence[str]], units: Mapping[str, Unit], checked: Collection[Unit]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The first checked unit of each cycle, and the way from it back to itself."""
    for cycle in _cycles(edges):
        for unit_id, turned in _turned(cycle):
            if units[unit_id] in checked:
                yield unit_id, turned
                break


def _cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    def targets(node: str) -> Sequence[str]:
        return edges.get(node, ())

    for members in knots(depth_first(edges, targets), targets):
        yield way_round(members[0], members, targets)


def _turned(cycle: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each node of a cycle, and the way from it back to itself."""
    for position, node in enumerate(cycle[:-1]):
        yield node, (*cycle[position:-1], *cycle[: position + 1])


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


def _of_plans(plan: TestPlan, cycle: Sequence[str]) -> Diagnostic:
    drawing = draw([partial(each) for each in cycle])
    span = plan.id_span("nested_part", cycle[1])
    return Diagnostic(Code.PLAN_CYCLE, f"test plans nest each other: {drawing}", span)
