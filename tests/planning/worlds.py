"""Random plans and machines, and what the real planning and the real `decide` make of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from plainbox.catalog import Catalog
from plainbox.clock import Stamp
from plainbox.diagnostics import Sink
from plainbox.engine.decide import Abilities, Agenda, Done, Run, Skip, decide, flawed
from plainbox.engine.requirements import Requirements
from plainbox.fields import Owner
from plainbox.outcome import Outcome
from plainbox.planning import arrange, select, with_copies
from plainbox.planning.growing import with_instances
from plainbox.planning.outlook import Knowledge, Situation
from plainbox.records import read_pxu
from plainbox.session.events import (
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    Planned,
    ResourceRead,
)
from plainbox.session.state import State, fold
from plainbox.text import Source
from plainbox.units import JobKind, build_unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from plainbox.expressions import Records
    from plainbox.planning import RunList
    from plainbox.units import Job

NAMESPACE: Final = "ns"
RESOURCES: Final = ("ra", "rb", "rc")
KEYS: Final = ("k", "x", "y")
VALUES: Final = ("", "1", "2", "10", "foo", "bar")
_AT: Final = Stamp("boot", 0.0, 0.0)


def load(text: str) -> Catalog:
    sink = Sink()
    owner = Owner("provider", NAMESPACE)
    records = read_pxu(Source("units/world.pxu", text), sink)
    built = [build_unit(record, owner, sink) for record in records]
    assert not list(sink)
    return with_copies(Catalog.of([owner], [unit for unit in built if unit], sink))


@dataclass
class World:
    """Units, the id of a plan, what resources would print and how jobs would end."""

    catalog: Catalog
    records: dict[str, Records]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    plan: str = "ns::plan"

    def run(self) -> tuple[State, list[str]]:
        """The state after the plan was run, and the jobs that were started."""
        state, started = State(), list[str]()
        catalog = self.catalog
        plan = catalog.plans[self.plan]
        self._phase("bootstrap", arrange(catalog.jobs, select(plan, catalog).bootstrap), state)
        catalog = with_instances(catalog, state.resources, Sink())
        self._phase("main", arrange(catalog.jobs, select(plan, catalog).wanted), state)
        started = [job_id for job_id, job in state.jobs.items() if job.attempts]
        return state, started

    def _phase(self, name: str, run_list: RunList, state: State) -> None:
        cards = tuple(JobCard(job.id, "", job.plugin.value) for job in run_list.jobs)
        fold(state, _AT, Planned(name, cards))
        agenda, unmet = Agenda(run_list, state), Requirements()
        while not isinstance(
            step := decide(agenda, state, Abilities("me", person=True), unmet), Done
        ):
            if isinstance(step, Run):
                self._start(step.job, state)
                agenda.settle(step.job.id)
            else:
                assert isinstance(step, Skip)
                fold(state, _AT, JobSkipped(step.job_id, step.outcome, step.reason, step.unmet))
                agenda.settle(step.job_id)

    def _start(self, job: Job, state: State) -> None:
        outcome = self.outcomes.get(job.id, Outcome.PASS)
        fold(state, _AT, JobStarting(job.id, state.last_attempt + 1))
        fold(state, _AT, JobFinished(job.id, state.last_attempt, outcome))
        if job.plugin is JobKind.RESOURCE:
            printed = tuple(dict(record) for record in self.records.get(job.id, ()))
            fold(state, _AT, ResourceRead(job.id, printed or ({},)))

    def situation(self, knowledge: Knowledge) -> Situation:
        plan = self.catalog.plans[self.plan]
        return Situation(self.catalog, lambda catalog: select(plan, catalog), knowledge, hindrance)


def hindrance(job: Job) -> str:
    skip = flawed(job)
    return skip.reason if skip else ""


def known_of(state: State) -> Knowledge:
    outcomes = {
        name: job.outcome for name, job in state.jobs.items() if job.attempts and job.outcome
    }
    return Knowledge(dict(state.resources), outcomes)


class Maker:
    """Makes worlds of a seeded generator."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def world(self) -> World:
        random = self._random
        ids = [f"j{n}" for n in range(random.randint(1, 5))]
        units = [self._resource(n) for n in range(len(RESOURCES))]
        made = [f"t{n}_{value}" for n in range(2) for value in VALUES[1:4]]
        units += [self._template(n, ids) for n in range(random.randint(0, 2))]
        units += [self._job(name, [*ids[:n], *made]) for n, name in enumerate(ids)]
        units.append(self._plan(ids))
        records: dict[str, Records] = {f"ns::{name}": self._records() for name in RESOURCES}
        fail = [f"ns::{name}" for name in ids if random.random() < 0.15]
        return World(load("\n".join(units)), records, dict.fromkeys(fail, Outcome.FAIL))

    def _records(self) -> list[Mapping[str, str]]:
        some = range(self._random.randint(0, 3))
        return [{key: self._random.choice(VALUES) for key in self._keys()} for _ in some]

    def _keys(self) -> list[str]:
        return [key for key in KEYS if self._random.random() < 0.8] or ["k"]

    def _resource(self, number: int) -> str:
        before = RESOURCES[:number]
        text = f"id: {RESOURCES[number]}\nplugin: resource\ncommand: true\n"
        if before and self._random.random() < 0.3:
            text += f"requires: {self._comparison(before)}\n"
        return text

    def _template(self, number: int, ids: list[str]) -> str:
        random = self._random
        resource = random.choice(RESOURCES)
        text = f"unit: template\ntemplate-resource: {resource}\nid: t{number}_{{k}}\n"
        if random.random() < 0.5:
            text += f"template-filter: {self._comparison((resource,))}\n"
        text += "plugin: shell\ncommand: true\n" + self._requires()
        if random.random() < 0.3:
            text += f"depends: {random.choice(ids)}\n"
        if random.random() < 0.3:
            text += "_summary: about {x}\n"
        return text

    def _job(self, name: str, others: list[str]) -> str:
        random = self._random
        text = f"id: {name}\nplugin: shell\ncommand: true\n" + self._requires()
        for key, chance in (("depends", 0.4), ("after", 0.1), ("salvages", 0.05)):
            if random.random() < chance:
                text += f"{key}: {random.choice(others)}\n"
        if random.random() < 0.1:
            text += f'siblings: [{{"id": "{name}-again"}}]\n'
        return text

    def _plan(self, ids: list[str]) -> str:
        random = self._random
        lines = [".*"] if random.random() < 0.5 else [*ids, "t0_.*", "t1_k"]
        text = "unit: test plan\nid: plan\n_name: plan\ninclude:\n"
        text += "".join(f" {line}\n" for line in lines)
        if random.random() < 0.1:
            text += f"exclude: {random.choice(ids)}\n"
        if random.random() < 0.9:
            text += "bootstrap_include:\n" + "".join(f" {name}\n" for name in RESOURCES)
        return text

    def _requires(self) -> str:
        lines = [self._expression() for _ in range(self._random.choice((0, 1, 1, 2)))]
        return "requires:\n" + "".join(f" {line}\n" for line in lines) if lines else ""

    def _expression(self) -> str:
        random = self._random
        text = self._comparison(RESOURCES)
        while random.random() < 0.4:
            text += f" {random.choice(('and', 'and', 'or'))} {self._comparison(RESOURCES)}"
        return f"({text})" if random.random() < 0.5 else text

    def _comparison(self, resources: tuple[str, ...]) -> str:
        random = self._random

        def attribute() -> str:
            return f"{random.choice(resources)}.{random.choice(KEYS)}"

        value = repr(random.choice(VALUES))
        return random.choice(
            (
                f"{attribute()} == {value}",
                f"{attribute()} == {value}",
                f"{attribute()} != {value}",
                f"{attribute()} == {attribute()}",
                f"{attribute()} in [{value}, '2']",
                f"{attribute()} not in [{value}, '2']",
                f"int({attribute()}) > {random.randint(-1, 11)}",
                f"len({attribute()}) < 2",
                f"{value} in {attribute()}",
                f"not {attribute()}",
                f"{attribute()}",
            )
        )
