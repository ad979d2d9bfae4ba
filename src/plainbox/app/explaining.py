"""Explaining a job: in which plan, with which facts; `planning.explaining` does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial as bind
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.app.facts import Facts, look_now, read_facts, sessions
from plainbox.app.growth import units_of_output
from plainbox.app.naming import find_plan, resolve
from plainbox.diagnostics import Sink
from plainbox.engine.decide import flawed, impossible
from plainbox.errors import UsageError
from plainbox.ids import SEPARATOR, Pattern, partial, qualify
from plainbox.planning import pick, select
from plainbox.planning.explaining import Explanation, explain_job, explain_template
from plainbox.planning.growing import with_families
from plainbox.planning.including import SELECTING, lines_about
from plainbox.planning.ordering import needs_of
from plainbox.planning.outlook import Outlook, Situation
from plainbox.planning.shapes import origins
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from plainbox.app.setup import Setup
    from plainbox.catalog import Catalog
    from plainbox.engine.decide import Abilities
    from plainbox.planning import Selection
    from plainbox.session.state import State
    from plainbox.session.store import Store
    from plainbox.units import Job, Template, TestPlan

MOST_INSTANCES: Final = 8
"""Of so many jobs of one template each is explained, of more only how many run."""


class Question(NamedTuple):
    """What a person asks: a job, and where the facts are to come from."""

    job: str
    plan: str | None = None
    session: str | None = None
    facts: Path | None = None
    look: bool = False


@dataclass(frozen=True)
class Answer:
    """What there is to say of the jobs that are meant.

    Without a `plan` the job is explained as if it was asked for by itself; `plans` are those
    that include it. `more` instances of a template are not explained.
    """

    explanations: tuple[Explanation, ...]
    plan: TestPlan | None
    plans: tuple[TestPlan, ...]
    facts: Facts
    outlook: Outlook
    more: int = 0


class Explainer:
    """Answers questions about the jobs of one setup."""

    def __init__(
        self, setup: Setup, store: Store, abilities: Abilities, environ: Mapping[str, str]
    ) -> None:
        self._setup = setup
        self._store = store
        self._abilities = abilities
        self._environ = environ

    def answer(self, question: Question) -> Answer:
        """Explain what is asked for. Raise `UsageError` where nothing is called so."""
        past = [] if question.facts or question.look else self._past(question)
        candidates = self._candidates(question.job, past)
        plans = self._including(candidates)
        plan = self._plan(question, past, candidates, plans)
        choose: Callable[[Catalog], Selection]
        if plan is not None:
            choose = bind(select, plan)
        else:
            choose = bind(pick, [Pattern(name, "") for name in self._by_hand(candidates)])
        facts = self._facts(question, past, choose)
        outlook = Outlook(
            Situation(
                self._grown(past),
                choose,
                facts.knowledge,
                self._hindrance,
                {"__system_env__": dict(self._environ)},
            )
        )
        ids = self._ids(question.job, outlook.catalog, candidates)
        shown = ids[:MOST_INSTANCES]
        explanations = tuple(_explained(outlook, job_id) for job_id in shown)
        return Answer(explanations, plan, plans, facts, outlook, len(ids) - len(shown))

    def _grown(self, past: Iterable[tuple[str, State]]) -> Catalog:
        """The catalog with the units that local jobs printed in the newest session."""
        catalog = self._setup.session
        for _, state in past:
            for name in state.units:
                if name in catalog.jobs:
                    made = units_of_output(catalog.jobs[name], state.units[name], Sink())
                    catalog = catalog.extended(with_families(made))
            break
        return catalog

    def _past(self, question: Question) -> list[tuple[str, State]]:
        """The sessions that may know something: all up to the first that went by the plan."""
        found = []
        plan = question.plan and self._named_plan(question.plan).id
        for name, state in sessions(self._store, question.session):
            found.append((name, state))
            planned = state.opened.plan if state.opened else None
            if state.resources and planned is not None and plan in (None, planned):
                break
        return found

    def _candidates(self, word: str, past: Iterable[tuple[str, State]]) -> list[str]:
        """The full ids that a word may mean: of jobs, templates, jobs that could be made."""
        catalog = self._setup.session
        full_id = resolve(word, [*catalog.jobs, *catalog.templates], "job")
        if full_id is not None:
            return [full_id]
        seen = {
            job_id
            for _, state in past
            for job_id in state.jobs
            if word in (job_id, partial(job_id))
        }
        namespaces = dict.fromkeys(owner.namespace for owner in catalog.owners)
        ids = [word] if SEPARATOR in word else [qualify(word, name) for name in namespaces]
        made = [it for it in ids if any(origins(it, catalog.templates.values()))]
        if found := list(dict.fromkeys([*seen, *made])):
            return found
        known = {partial(it): it for it in (*catalog.jobs, *catalog.templates)}
        near = closest(partial(word), known)
        hints = [f"did you mean {known[near]}?"] if near else []
        hints.append("plainbox list jobs and plainbox list templates show what there is")
        raise UsageError(f"no job is called {word!r}", hints=hints)

    def _including(self, candidates: Iterable[str]) -> tuple[TestPlan, ...]:
        """The plans that have a line for one of the candidates."""
        catalog = self._setup.session
        found: dict[str, TestPlan] = {}
        for name in candidates:
            units: list[Job | Template] = []
            if name in catalog.jobs:
                units = [catalog.jobs[name]]
            elif name in catalog.templates:
                units = [catalog.templates[name]]
            else:
                units = [it.template for it in origins(name, catalog.templates.values())]
            for unit in units:
                for reason in lines_about(unit, catalog.plans.values()):
                    if reason.key in SELECTING or reason.line is None:
                        found[reason.plan.id] = reason.plan
        return tuple(found.values())

    def _plan(
        self,
        question: Question,
        past: Iterable[tuple[str, State]],
        candidates: Iterable[str],
        plans: tuple[TestPlan, ...],
    ) -> TestPlan | None:
        """The plan that is named, else that of the newest session with the job, else the only."""
        if question.plan is not None:
            return self._named_plan(question.plan)
        for _, state in past:
            planned = state.opened.plan if state.opened else None
            plan = self._setup.session.plans.get(planned or "")
            if plan is not None and any(name in state.jobs for name in candidates):
                return plan
        return plans[0] if len(plans) == 1 else None

    def _named_plan(self, word: str) -> TestPlan:
        plan = find_plan(word, self._setup.session)
        if plan is None:
            known = {partial(it): it for it in self._setup.session.plans}
            near = closest(partial(word), known)
            hints = [f"did you mean {known[near]}?"] if near else ["plainbox list plans"]
            raise UsageError(f"no test plan is called {word!r}", hints=hints)
        return plan

    def _by_hand(self, candidates: Iterable[str]) -> Iterator[str]:
        """What to ask for, without a plan: the job, and the template that could make it."""
        templates = self._setup.session.templates
        for name in candidates:
            yield name
            if name not in self._setup.session.jobs:
                yield from (it.template.template_id for it in origins(name, templates.values()))

    def _facts(
        self,
        question: Question,
        past: Iterable[tuple[str, State]],
        choose: Callable[[Catalog], Selection],
    ) -> Facts:
        catalog = self._setup.session
        facts = Facts()
        if question.facts is not None:
            facts = read_facts(question.facts, catalog)
        else:
            facts.add_manifest(self._setup)
        if question.look:
            selection = choose(catalog)
            wanted = set(selection.bootstrap) & set(catalog.jobs)
            wanted |= self._resources([*selection.wanted, *wanted])
            look_now(self._setup, wanted, facts, self._abilities, self._environ)
        for place, (name, state) in enumerate(past):
            facts.add_session(name, state, outcomes=not place)
        facts.add_manifest(self._setup)
        return facts

    def _resources(self, wanted: Iterable[str]) -> set[str]:
        """The resources that jobs ask, and those that they need."""
        jobs = self._setup.session.jobs
        pending = [name for name in wanted if name in jobs]
        seen = set(pending)
        found: set[str] = set()
        while pending:
            job = jobs[pending.pop()]
            found.update(name for name in job.resources.values() if name in jobs)
            for need in needs_of(job):
                if need.job_id in jobs and need.job_id not in seen:
                    seen.add(need.job_id)
                    pending.append(need.job_id)
        return found

    def _hindrance(self, job: Job) -> str:
        skip = flawed(job) or impossible(job, self._abilities)
        return skip.reason if skip else ""

    def _ids(self, word: str, catalog: Catalog, candidates: list[str]) -> list[str]:
        """The jobs that are meant, now that templates have made theirs."""
        full_id = resolve(word, catalog.jobs, "job")
        if full_id is not None:
            return [full_id]
        if candidates[0] not in catalog.templates:
            return candidates[:1]
        made = [
            job.id
            for job in catalog.jobs.values()
            if job.instance is not None and job.instance.template_id == candidates[0]
        ]
        return made or candidates[:1]


def _explained(outlook: Outlook, full_id: str) -> Explanation:
    template = outlook.catalog.templates.get(full_id)
    if template is not None and full_id not in outlook.catalog.jobs:
        return explain_template(outlook, template)
    return explain_job(outlook, full_id)
