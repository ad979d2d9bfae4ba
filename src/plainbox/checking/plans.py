"""Lines of test plans: dead ones, and those that another line of the same plan makes useless."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plainbox.checking.references import Named, with_meant
from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.ids import namespace_of
from plainbox.planning.dead_lines import FIELDS, dead_line
from plainbox.units import SetupJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.checking.world import World
    from plainbox.fields import IncludeLine, Place
    from plainbox.units import TestPlan


def plan_lines(plan: TestPlan, world: World) -> Iterator[Diagnostic]:
    """What is wrong with the lines of a plan."""
    for key in FIELDS:
        lines: tuple[IncludeLine, ...] = getattr(plan, key)
        for line in lines:
            if not world.selects(line.pattern):
                yield _dead(plan, key, line, world)
    yield from _useless(plan)


def _dead(plan: TestPlan, key: str, line: IncludeLine, world: World) -> Diagnostic:
    wanted = line.pattern.fixed or ""
    job = world.job(wanted) if wanted else None
    if isinstance(job, SetupJob):
        message = f"{key} names a setup job: '{line.pattern.text}'"
        label = "setup jobs are listed in setup_include"
        return Diagnostic(Code.WRONG_KIND, message, plan.span(key, line.place), label)
    found = dead_line(plan, key, line)
    namespace = namespace_of(wanted)
    if wanted and not world.is_loaded(namespace):
        message = f"{key} names a job of a provider that is not loaded: '{line.pattern.text}'"
        label = f"no loaded provider has the namespace '{namespace}'"
        return replace(found, code=Code.NOT_LOADED, message=message, label=label)
    if not wanted:
        return found
    named = Named(key, "job", wanted, lambda: plan.span(key, line.place))
    return with_meant(found, named, plan.namespace, world)


def _useless(plan: TestPlan) -> Iterator[Diagnostic]:
    """Lines that select a job which another field of the plan takes care of."""
    bootstrap = dict.fromkeys(plan.bootstrap_include, ("bootstrap_include", None))
    excluded = {line.pattern.fixed: ("exclude", line.place) for line in plan.exclude}
    mandatory = {
        line.pattern.fixed: ("mandatory_include", line.place) for line in plan.mandatory_include
    }
    for line in plan.include:
        wanted = line.pattern.fixed
        if wanted is None:
            continue
        if wanted in excluded:
            what = "is excluded by this plan, so the line selects nothing"
            yield _useless_line(plan, line, what, excluded[wanted], Code.DEAD_LINE)
        elif wanted in bootstrap:
            what = "runs in the bootstrap, so it is not selected again"
            yield _useless_line(plan, line, what, bootstrap[wanted], Code.INCLUDE_OVERLAP)
        elif wanted in mandatory:
            what = "is mandatory anyway"
            yield _useless_line(plan, line, what, mandatory[wanted], Code.INCLUDE_OVERLAP)


def _useless_line(
    plan: TestPlan, line: IncludeLine, what: str, other: tuple[str, Place | None], code: Code
) -> Diagnostic:
    key, place = other
    there = plan.id_span(key, line.pattern.fixed or "") if place is None else plan.span(key, place)
    return Diagnostic(
        code,
        f"include of '{plan.partial_id}': '{line.pattern.text}' {what}",
        plan.span("include", line.place),
        others=(Label(there, f"in {key}"),),
    )
