"""Why a job runs in a request or does not: everything on the way from the plan to the job.

    request ─▶ plan, nested part, line ─▶ template and record ─▶ requires ─▶ dependencies

Nothing is written here, and nothing is drawn: front ends show what an `Explanation` holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from plainbox.expressions import Facts, Verdict, explain
from plainbox.expressions.blame import View
from plainbox.expressions.repair import Goal, repairs
from plainbox.planning.changing import Change, smallest_change
from plainbox.planning.copies import original_of, template_of
from plainbox.planning.including import SELECTING, lines_about
from plainbox.planning.ordering import Relation, needs_of
from plainbox.planning.selecting import Reason
from plainbox.planning.shapes import origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.expressions import ExpressionReport, Records
    from plainbox.planning.ordering import LeftOut, Need
    from plainbox.planning.outlook import Outlook, Prospect
    from plainbox.planning.overrides import Setting
    from plainbox.planning.shapes import Origin
    from plainbox.units import Job, Template, TestPlan


class Made(NamedTuple):
    """The template that made a job, and its record: `number` of `total`, from 1."""

    template: Template | None
    template_id: str
    resource_id: str
    number: int
    total: int
    parameters: Mapping[str, object]


class Met(NamedTuple):
    """How one expression of `requires` fares.

    `numbers` tells for each name which record is the nearest, from 1; `resources` full ids.
    """

    report: ExpressionReport
    resources: Mapping[str, str]
    numbers: Mapping[str, int]


class Depended(NamedTuple):
    """A job that another one has to wait for; `left_out` where it can be in no run list."""

    relation: Relation
    job_id: str
    prospect: Prospect | None
    left_out: LeftOut | None


@dataclass(frozen=True)
class Explanation:
    """Why a job runs or not, or why a `template` makes no jobs; what does not apply is empty.

    `way` are the plans from the one that is asked for to the one that selects; `reason` the line
    that does, `pulled` the job that needs it although no line does; `excluded` the line that
    takes it out. `change` is the smallest one after which it would run, `why_not` says why there
    is none; without either, a template would make a job if there were any record.
    """

    job_id: str
    runs: Verdict
    job: Job | None = None
    template: Template | None = None
    prospect: Prospect | None = None
    way: tuple[TestPlan, ...] = ()
    reason: Reason | None = None
    pulled: Need | None = None
    excluded: Reason | None = None
    made: Made | None = None
    could_make: tuple[Origin, ...] = ()
    copy_of: str = ""
    left_out: LeftOut | None = None
    hindrance: str = ""
    requires: tuple[Met, ...] = ()
    needs: tuple[Depended, ...] = ()
    overrides: Mapping[str, Setting] = field(default_factory=dict)
    change: Change | None = None
    why_not: str = ""


def explain_job(outlook: Outlook, job_id: str) -> Explanation:
    """Explain one job by its full id, which need not be the id of a job that is there."""
    selection = outlook.selection
    job = outlook.catalog.jobs.get(job_id)
    could_make = () if job else tuple(origins(job_id, outlook.catalog.templates.values()))
    reason = selection.reasons.get(job_id) or _for_templates(outlook, could_make)
    pulled = None
    if reason is None:
        pulled = outlook.main.pulled.get(job_id) or outlook.bootstrap.pulled.get(job_id)
    excluded = None if reason or pulled else _excluded(outlook, job_id)
    runs = outlook.runs(job_id)
    wanted = job_id in outlook.prospects or job_id in outlook.left_out
    change = None
    if runs is not Verdict.TRUE and (wanted or job is None) and not excluded:
        change = smallest_change(outlook, job_id)
    cause = reason or excluded
    return Explanation(
        job_id=job_id,
        runs=runs,
        job=job,
        prospect=outlook.prospects.get(job_id),
        way=_way(selection.plans, cause.plan) if cause else (),
        reason=reason,
        pulled=pulled,
        excluded=excluded,
        made=_made(outlook, job) if job else None,
        could_make=could_make,
        copy_of=original_of(job, outlook.catalog.jobs) if job else "",
        left_out=outlook.left_out.get(job_id),
        hindrance=outlook.situation.hindrance(job) if job else "",
        requires=tuple(_met(outlook, job)) if job else (),
        needs=tuple(_needs(outlook, job)) if job else (),
        overrides=selection.overrides.get(job_id, {}),
        change=change if isinstance(change, Change) else None,
        why_not=change if isinstance(change, str) else "",
    )


def explain_template(outlook: Outlook, template: Template) -> Explanation:
    """Explain why a template makes no jobs: which records there are, and what its filter wants."""
    resource = template.template_resource
    lines = lines_about(template, outlook.selection.plans)
    reason = next((it for it in lines if it.key in SELECTING), None)
    records = [*filter(None, outlook.knowledge.records.get(resource, ()))]
    names = template.resources
    facts = (
        Facts(dict.fromkeys(names, records)) if resource in outlook.knowledge.records else Facts({})
    )
    requires = tuple(
        Met(report, names, _numbers(report, dict.fromkeys(names, records)))
        for report in explain(template.template_filter, facts)
    )
    change, why_not = None, ""
    if resource not in {job.id for job in outlook.bootstrap.jobs}:
        why_not = f"the plan does not read {resource} in its bootstrap"
    elif names:
        goal = Goal(template.template_filter, dict.fromkeys(names, View(resource)))
        found = next(repairs([goal], {resource: records}), None)
        change = Change(found.edits, {}) if found else None
        why_not = "" if found else "no record can pass its filter"
    return Explanation(
        job_id=template.template_id,
        runs=Verdict.FALSE,
        template=template,
        way=_way(outlook.selection.plans, reason.plan) if reason else (),
        reason=reason,
        requires=requires,
        change=change,
        why_not=why_not,
    )


def _for_templates(outlook: Outlook, could_make: Iterable[Origin]) -> Reason | None:
    """The line that would select a job that a template could make."""
    for origin in could_make:
        for reason in lines_about(origin.template, outlook.selection.plans):
            if reason.key in SELECTING:
                return reason
    return None


def _excluded(outlook: Outlook, job_id: str) -> Reason | None:
    """The line that takes out a job that another one includes."""
    job = outlook.catalog.jobs.get(job_id)
    names = {job_id, job.instance.template_id if job and job.instance else job_id}
    included = any(
        line.pattern.matches(name)
        for plan in outlook.selection.plans
        for line in plan.include
        for name in names
    )
    for plan in outlook.selection.plans if included else ():
        for line in plan.exclude:
            if line.pattern.matches(job_id) or line.pattern.fixed in names:
                return Reason(plan, "exclude", line, job_id)
    return None


def _way(plans: Sequence[TestPlan], target: TestPlan) -> tuple[TestPlan, ...]:
    """The plans that lead to one of them, from the outermost one."""
    outer: dict[str, TestPlan] = {}
    for plan in plans:
        for part in plan.nested_part:
            outer.setdefault(part, plan)
    way = [target]
    roots = {plans[0].id} if plans else set()
    while way[-1].id not in roots and way[-1].id in outer and outer[way[-1].id] not in way:
        way.append(outer[way[-1].id])
    return tuple(reversed(way))


def _made(outlook: Outlook, job: Job) -> Made | None:
    instance = job.instance
    if instance is None:
        return None
    records = outlook.knowledge.records.get(instance.resource_id, ())
    places = (place for place, record in enumerate(records, 1) if record is instance.record)
    return Made(
        template_of(job, outlook.catalog.templates),
        instance.template_id,
        instance.resource_id,
        next(places, 0),
        len(records),
        instance.parameters,
    )


def _met(outlook: Outlook, job: Job) -> Iterator[Met]:
    known = outlook.knowledge.records
    records = {name: known.get(resource, ()) for name, resource in job.resources.items()}
    for report in explain(job.requires, outlook.facts(job)):
        yield Met(report, job.resources, _numbers(report, records))


def _numbers(report: ExpressionReport, records: Mapping[str, Records]) -> dict[str, int]:
    """Which record of all is the nearest, from 1, by the name of its resource."""
    return {
        name: next((place for place, it in enumerate(records[name], 1) if it is nearest), 0)
        for name, nearest in report.nearest.items()
    }


def _needs(outlook: Outlook, job: Job) -> Iterator[Depended]:
    for relation, name in needs_of(job):
        yield Depended(relation, name, outlook.prospects.get(name), outlook.left_out.get(name))
