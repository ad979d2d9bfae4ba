"""What would become of every job of a request, by what is known of the machine.

The stages are those of a run: the bootstrap reads resources, templates make jobs of them, the
plan selects, the rest is put in order. A job whose outcome is known has it; one that would run
is taken to pass; of a resource that was not read nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from plainbox.diagnostics import Sink
from plainbox.expressions import Facts, Program, Table, Verdict, evaluate
from plainbox.outcome import Outcome
from plainbox.planning.growing import with_instances
from plainbox.planning.instances import bindings
from plainbox.planning.ordering import LeftOut, arrange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from plainbox.catalog import Catalog
    from plainbox.expressions import Records
    from plainbox.planning.selecting import Selection
    from plainbox.units import Job


@dataclass(frozen=True)
class Knowledge:
    """What is known: the records that resource jobs printed, and outcomes of jobs that ran.

    Both are by full id; a job that was skipped has no outcome here. `ends` are the outcomes that
    jobs are taken to have once they run, where that is not to pass.
    """

    records: Mapping[str, Records] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    ends: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """A request on a machine.

    `choose` selects from a catalog what was asked for. `hindrance` says why a job could not be
    started, whatever the records are; an empty text means that nothing keeps it.
    """

    catalog: Catalog
    choose: Callable[[Catalog], Selection]
    knowledge: Knowledge
    hindrance: Callable[[Job], str]
    extras: Mapping[str, object] | None = None


class Prospect(NamedTuple):
    """Whether a job would run, and the outcome that it has or would have."""

    runs: Verdict
    outcome: Outcome | None
    known: bool = False


class Outlook:
    """The run lists of a request and the prospects of the jobs in them, by full id."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.knowledge = situation.knowledge
        loaded = situation.catalog
        self.bootstrap = arrange(loaded.jobs, situation.choose(loaded).bootstrap)
        known = self.knowledge.records
        read = {job.id: known[job.id] for job in self.bootstrap.jobs if job.id in known}
        self.catalog = with_instances(loaded, read, Sink(), situation.extras)
        self.selection = situation.choose(self.catalog)
        self.main = arrange(self.catalog.jobs, self.selection.wanted)
        self._tables = {name: Table(records) for name, records in known.items()}
        self.prospects: dict[str, Prospect] = {}
        for job in (*self.bootstrap.jobs, *self.main.jobs):
            if job.id not in self.prospects:
                self.prospects[job.id] = self._prospect(job)

    @cached_property
    def left_out(self) -> Mapping[str, LeftOut]:
        """What could not be put into one of the run lists."""
        return {out.job_id: out for out in (*self.main.left_out, *self.bootstrap.left_out)}

    def runs(self, job_id: str) -> Verdict:
        """Whether a job would run; one that is in no run list does not."""
        prospect = self.prospects.get(job_id)
        return prospect.runs if prospect else Verdict.FALSE

    def facts(self, job: Job) -> Facts:
        """What is known, by the names that the `requires` of a job uses."""
        return Facts(bindings(job, self._tables))

    def requirements(self, job: Job) -> Verdict:
        """Whether a job's `requires` is met."""
        facts = self.facts(job)
        verdict = evaluate(job.requires, facts).verdict
        if verdict is not Verdict.UNKNOWN:
            return verdict
        parts = [evaluate(Program([it]), facts) for it in job.requires.expressions]
        lost = (
            self.prospects.get(job.resources[part.missing], _NEVER).runs is Verdict.FALSE
            for part in parts
            if part.missing is not None
        )
        if any(part.verdict is Verdict.FALSE for part in parts) or any(lost):
            return Verdict.FALSE
        return Verdict.UNKNOWN

    def _prospect(self, job: Job) -> Prospect:
        """The prospect of a job, after those of the jobs that it waits for."""
        outcome = self.knowledge.outcomes.get(job.id)
        if outcome is not None:
            return Prospect(Verdict.TRUE, outcome, known=True)
        verdicts = list(self._conditions(job))
        for verdict in (Verdict.FALSE, Verdict.UNKNOWN):
            if verdict in verdicts:
                return Prospect(verdict, None)
        return Prospect(Verdict.TRUE, self.knowledge.ends.get(job.id, Outcome.PASS))

    def _conditions(self, job: Job) -> Iterator[Verdict]:
        """The verdict on each thing that could keep a job from running."""
        if self.situation.hindrance(job):
            yield Verdict.FALSE
        for name in job.depends:
            yield self.passes(name)
        for name in job.salvages:
            failed = self.prospects.get(name, _NEVER).outcome is Outcome.FAIL
            yield Verdict.TRUE if failed else Verdict.FALSE
        yield self.requirements(job)

    def passes(self, job_id: str) -> Verdict:
        """Whether a job passes, so that what depends on it can run."""
        prospect = self.prospects.get(job_id, _NEVER)
        if prospect.runs is Verdict.TRUE and prospect.outcome is not Outcome.PASS:
            return Verdict.FALSE
        return prospect.runs


_NEVER = Prospect(Verdict.FALSE, None)
