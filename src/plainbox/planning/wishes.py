"""All that has to be so for a job to run: programs that have to be true, outcomes, records.

What is known to have happened is taken for granted: a resource that was read needs no leave.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from plainbox.diagnostics import Sink
from plainbox.expressions import Verdict
from plainbox.expressions.blame import Cell, View
from plainbox.expressions.repair import Goal, repairs
from plainbox.outcome import Outcome
from plainbox.planning.copies import family, template_of
from plainbox.planning.instances import errors_of, instantiate
from plainbox.planning.ordering import Relation, needs_of
from plainbox.planning.shapes import origins, parameters_of
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plainbox.expressions import Program, Record
    from plainbox.planning.outlook import Outlook
    from plainbox.planning.shapes import Origin
    from plainbox.units import Template


class _Mode(Enum):
    """What is asked of a job: to be there, or to run as well."""

    EXIST = 1
    RUN = 2


class Wishes:
    """What is wished for so that some jobs run.

    `tables` are the records known, with those added that would make a job that is not there;
    `stated` are the cells of these that differ. `blocked` says why wishing is of no use.
    """

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        known = outlook.knowledge.records
        self.tables: dict[str, list[Record]] = {name: list(it) for name, it in known.items()}
        self.goals: list[Goal] = []
        self.fixed: set[Cell] = set()
        self.stated: dict[Cell, str] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.runs: list[str] = []
        self.reads: list[str] = []
        self.blocked = ""
        self._pending: list[tuple[str, _Mode]] = []
        self._seen: set[tuple[str, _Mode]] = set()
        self._made: dict[str, Job] = {}
        self._ends: dict[str, Outcome] = {}

    def run(self, job_id: str) -> None:
        """Wish that a job runs, and all that it takes."""
        self._pending.append((job_id, _Mode.RUN))
        while self._pending and not self.blocked:
            wanted = self._pending.pop()
            if wanted not in self._seen:
                self._seen.add(wanted)
                self._wish(*wanted)

    def before(self, cell: Cell) -> str | None:
        """What a cell holds now; None in a record that is not there."""
        records = self._outlook.knowledge.records.get(cell.table, ())
        if cell.record < len(records) and records[cell.record]:
            return records[cell.record].get(cell.attribute, "")
        return None

    def _wish(self, job_id: str, mode: _Mode) -> None:
        job = self._job(job_id)
        if job is None:
            self.blocked = self.blocked or f"there is no job {job_id}, and no template makes it"
            return
        left_out = self._outlook.left_out.get(job_id)
        if left_out is not None and left_out.cycle:
            self.blocked = left_out.message
            return
        for need in needs_of(job):
            running = mode is _Mode.RUN and need.relation is not Relation.AFTER
            self._pending.append((need.job_id, _Mode.RUN if running else _Mode.EXIST))
        if job.instance is not None:
            self._made_by(job)
        if mode is _Mode.RUN:
            self._start(job)

    def _start(self, job: Job) -> None:
        """Wish that a job that is there can be started."""
        outlook = self._outlook
        known = self._happened(job)
        hindrance = "" if known else outlook.situation.hindrance(job)
        if hindrance:
            self.blocked = f"{job.id}: {hindrance}"
            return
        if outlook.runs(job.id) is not Verdict.TRUE and not known:
            self.runs.append(job.id)
        for name in job.depends:
            self._outcome(name, Outcome.PASS)
        for name in job.salvages:
            self._pending.append((name, _Mode.RUN))
            self._outcome(name, Outcome.FAIL)
        for resource in dict.fromkeys(job.resources.values()):
            self._read(resource)
        if not known or outlook.requirements(job) is Verdict.TRUE:
            self._true(job.requires, job, job.resources)

    def _happened(self, job: Job) -> bool:
        """Whether a job is known to have run."""
        knowledge = self._outlook.knowledge
        return job.id in knowledge.records or job.id in knowledge.outcomes

    def _outcome(self, job_id: str, outcome: Outcome) -> None:
        known = self._outlook.knowledge.outcomes.get(job_id, Outcome.PASS)
        if self._ends.setdefault(job_id, outcome) is not outcome:
            self.blocked = f"{job_id} cannot both pass and fail"
        elif known is not outcome:
            self.outcomes[job_id] = outcome

    def _read(self, resource: str) -> None:
        """Wish that the records of a resource are known; if it prints nothing, it is one."""
        if resource not in self.tables:
            self.tables[resource] = [{}]
            self.reads.append(resource)

    def _true(self, program: Program, job: Job, resources: Mapping[str, str]) -> None:
        instance = job.instance
        views = {name: View(resource) for name, resource in resources.items()}
        if instance is not None:
            place = self._place(instance.resource_id, instance.record)
            own = View(instance.resource_id, place)
            for name, resource in resources.items():
                if resource == instance.resource_id:
                    views[name] = own
        self.goals.append(Goal(program, views))

    def _place(self, resource: str, wanted: Record) -> int:
        records = self.tables[resource]
        return next(place for place, record in enumerate(records) if record is wanted)

    def _made_by(self, job: Job) -> None:
        """Wish that the record of a job goes on to make it."""
        instance = job.instance
        assert instance is not None  # noqa: S101 - the caller knows
        resource = instance.resource_id
        self._pending.append((resource, _Mode.RUN))
        place = self._place(resource, instance.record)
        names = {name.rpartition(".")[2] for name in instance.parameters}
        self.fixed.update(Cell(resource, place, name) for name in names)
        template = template_of(job, self._outlook.catalog.templates)
        if template is not None:
            self._true(template.template_filter, job, template.resources)

    def _job(self, job_id: str) -> Job | None:
        """A job that is there, or that some record would make."""
        found = self._outlook.catalog.jobs.get(job_id) or self._made.get(job_id)
        if found is not None:
            return found
        read = {job.id for job in self._outlook.bootstrap.jobs}
        for origin in origins(job_id, self._outlook.catalog.templates.values()):
            if origin.template.template_resource not in read:
                self.blocked = (
                    f"{job_id} is made of {origin.template.template_resource} by a template, and"
                    " the plan does not read that resource in its bootstrap"
                )
                continue
            job = self._make(job_id, origin)
            if job is not None:
                self.blocked = ""
                self._made[job_id] = job
                return job
        return None

    def _make(self, job_id: str, origin: Origin) -> Job | None:
        """The job that a template would make of a record that it could have been given."""
        template, values = origin
        resource = template.template_resource
        self._read(resource)
        records = [*filter(None, self.tables[resource])]  # a single empty one means: none
        alike = (
            place
            for place, record in enumerate(records)
            if all(record.get(name) == value for name, value in values.items())
        )
        place = next(alike, len(records))
        start = records[place] if place < len(records) else {}
        fixed = [Cell(resource, place, name) for name in values]
        records[place:] = [{**start, **values}, *records[place + 1 :]]
        goal = Goal(
            template.template_filter, dict.fromkeys(template.resources, View(resource, place))
        )
        repair = next(repairs([goal], {resource: records}, fixed), None)
        if repair is None:
            return None
        record = dict(repair.applied({resource: records})[resource][place])
        job = _instance(template, record, records, job_id, self._outlook)
        if job is not None:
            records[place] = record
            self.tables[resource] = records
            self.stated.update(
                (Cell(resource, place, name), value)
                for name, value in record.items()
                if start.get(name) != value
            )
        return job


def _instance(
    template: Template,
    record: dict[str, str],
    others: Iterable[Record],
    job_id: str,
    outlook: Outlook,
) -> Job | None:
    """The job of an id that a template makes of a record, which gets what else it needs."""
    needed = [name for name in parameters_of(template) if name not in record]
    for _ in range(2):
        made = instantiate(template, [record], Sink(), extras=outlook.situation.extras)
        for unit in made:
            if isinstance(unit, Job) and not errors_of(unit):
                found = (job for job in family(unit) if job.id == job_id)
                return next(found, None)
        for name in needed:
            values = (other[name] for other in others if other.get(name))
            record[name] = next(values, "x")
    return None
