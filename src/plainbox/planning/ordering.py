"""What runs, in which order: the jobs that are wanted, and those that they need.

Two walks, both depth first and both in the order of what the author wrote:

1. pull: from the wanted jobs over resources of `requires`, then `depends`, then `after`; each
   job comes after what it needs;
2. order: over the pulled jobs again, where `before` and `group` ask for it. `before` never pulls;
   the jobs of a group stand together where the first of them stands, after all that any needs.

A job that needs something unknown, or that is in a cycle, is left out, and so is what needs it;
of a cycle closed only by `before` or a group its first job goes. The others run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code
from plainbox.planning.graph import depth_first, knots, way_round

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plainbox.planning.graph import Edges
    from plainbox.units import Job

_SHOWN: Final = 12


class Relation(Enum):
    """Why one job has to wait for another; the value reads `JOB value OTHER`."""

    REQUIRES = "requires the resource"
    DEPENDS = "depends on"
    AFTER = "runs after"
    BEFORE = "is preceded by"


class Need(NamedTuple):
    """One job that another has to wait for."""

    relation: Relation
    job_id: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A job that cannot be in the run list, and why.

    `missing` is what it needs directly: a job that is unknown, or one that is left out itself;
    `cycle` begins and ends with the same job.
    """

    job_id: str
    code: Code
    message: str
    cycle: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class RunList:
    """The jobs to run, in order.

    `predecessors` are those that must have an outcome before a job, all of them in the list;
    `pulled` names for each job that nobody asked for the first one that needs it, and how.
    """

    jobs: tuple[Job, ...]
    predecessors: Mapping[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...] = ()
    pulled: Mapping[str, Need] = field(default_factory=dict)


def arrange(jobs: Mapping[str, Job], wanted: Sequence[str]) -> RunList:
    """Put wanted jobs and what they need in order; `jobs` are all that are known, by full id."""
    return _Arrangement(jobs, wanted).run_list()


def needs_of(job: Job) -> tuple[Need, ...]:
    """What a job has to wait for, by its own fields, in the order in which it is pulled."""
    resources = job.resources
    depends, after = job.depends, job.after
    if not (resources or depends or after):
        return ()
    return (
        *[Need(Relation.REQUIRES, job_id) for job_id in dict.fromkeys(resources.values())],
        *[Need(Relation.DEPENDS, job_id) for job_id in depends],
        *[Need(Relation.AFTER, job_id) for job_id in after],
    )


class _Arrangement:
    """The work of `arrange`: who needs whom, and what had to be left out so far."""

    def __init__(self, jobs: Mapping[str, Job], wanted: Sequence[str]) -> None:
        self.jobs = jobs
        self.wanted = [job_id for job_id in wanted if job_id in jobs]
        self.left: dict[str, LeftOut] = {
            job_id: LeftOut(job_id, Code.UNKNOWN_JOB, f"there is no job {job_id!r}", (), job_id)
            for job_id in wanted
            if job_id not in jobs
        }
        self.needs: dict[str, tuple[Need, ...]] = {}
        self.targets: dict[str, Sequence[str]] = {}

    def run_list(self) -> RunList:
        """Pull, order, and do both again without what turned out to be impossible."""
        reached = depth_first(self.wanted, self.pulls)
        self.leave_out_unmet(reached)
        self.leave_out_knots(reached)
        self.spread(reached)
        while True:
            pulled = depth_first([it for it in self.wanted if it not in self.left], self.pulls)
            waits = self.waits(pulled)
            order = self.order(pulled, waits)
            if order is not None:
                return self.finish(order, waits)
            self.spread(reached)

    def pulls(self, job_id: str) -> Sequence[str]:
        """The known jobs that a job needs."""
        targets = self.targets.get(job_id)
        if targets is None:
            needs = self.needs[job_id] = needs_of(self.jobs[job_id])
            targets = tuple(need.job_id for need in needs if need.job_id in self.jobs)
            self.targets[job_id] = targets
        return targets

    def leave_out_unmet(self, reached: Iterable[str]) -> None:
        """Leave out the jobs that need one which does not exist."""
        for job_id in reached:
            for need in self.needs[job_id]:
                if need.job_id not in self.jobs:
                    message = f"{need.relation.value} {need.job_id!r}, which does not exist"
                    self.leave_out(job_id, Code.UNKNOWN_JOB, message, missing=need.job_id)
                    break

    def leave_out_knots(self, reached: Sequence[str]) -> None:
        """Leave out the jobs that need themselves: all of a cycle, each needs the first."""
        for members in knots(reached, self.pulls):
            cycle = way_round(members[0], members, self.pulls)
            drawing = draw(cycle)
            drawn = set(cycle)
            for job_id in members:
                how = "dependency cycle" if job_id in drawn else "needs a dependency cycle"
                self.leave_out(job_id, Code.DEPENDENCY_CYCLE, f"{how}: {drawing}", cycle=cycle)

    def spread(self, reached: Iterable[str]) -> None:
        """Leave out what needs a job that is left out; `reached` has needs before needers."""
        for job_id in reached:
            if job_id in self.left:
                continue
            for need in self.needs[job_id]:
                cause = self.left.get(need.job_id)
                if cause is not None:
                    message = f"{need.relation.value} {need.job_id!r}, which is left out"
                    self.leave_out(job_id, cause.code, message, missing=need.job_id)
                    break

    def leave_out(
        self,
        job_id: str,
        code: Code,
        message: str,
        *,
        cycle: tuple[str, ...] = (),
        missing: str = "",
    ) -> None:
        """Note that a job cannot run; the first reason stays."""
        if job_id not in self.left:
            self.left[job_id] = LeftOut(job_id, code, message, cycle, missing)

    def waits(self, pulled: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Whom each pulled job has to wait for: those that it needs, then those before it."""
        waits: dict[str, Sequence[str]] = {job_id: self.targets[job_id] for job_id in pulled}
        earlier: dict[str, list[str]] = {}
        for job_id in pulled:
            for later in self.jobs[job_id].before:
                if later in waits:
                    earlier.setdefault(later, []).append(job_id)
        for job_id, others in earlier.items():
            waits[job_id] = tuple(dict.fromkeys((*waits[job_id], *others)))
        return waits

    def order(self, pulled: Sequence[str], waits: Mapping[str, Sequence[str]]) -> list[str] | None:
        """The pulled jobs in order; None where one had to be left out for it."""
        order = depth_first(pulled, waits.__getitem__)
        if self.untie(order, waits.__getitem__, {}):
            return None
        groups = Groups(self.jobs, pulled, waits)
        if not groups.names:
            return order
        homes = depth_first(map(groups.home, pulled), groups.waits)
        if self.untie(homes, groups.waits, groups.names):
            return None
        return [job_id for home in homes for job_id in groups.expand(home)]

    def untie(self, order: Sequence[str], edges: Edges, names: Mapping[str, str]) -> bool:
        """Leave out the first job of every cycle; whether there was one."""
        found = knots(order, edges)
        for members in found:
            cycle = way_round(members[0], members, edges)
            message = f"dependency cycle: {draw([names.get(it, it) for it in cycle])}"
            self.leave_out(members[0], Code.DEPENDENCY_CYCLE, message, cycle=cycle)
        return bool(found)

    def finish(self, order: Sequence[str], waits: Mapping[str, Sequence[str]]) -> RunList:
        """The run list."""
        asked = set(self.wanted)
        pulled: dict[str, Need] = {}
        for job_id in order:
            for relation, target in self.needs[job_id]:
                if target not in asked and target not in pulled:
                    pulled[target] = Need(relation, job_id)
        return RunList(
            jobs=tuple(self.jobs[job_id] for job_id in order),
            predecessors={job_id: tuple(waits[job_id]) for job_id in order},
            left_out=tuple(self.left.values()),
            pulled=pulled,
        )


class Groups:
    """The groups of pulled jobs; each stands, under the id of its first member, for one node."""

    def __init__(
        self, jobs: Mapping[str, Job], pulled: Sequence[str], waits: Mapping[str, Sequence[str]]
    ) -> None:
        self._waits = waits
        self._members: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        self.names: dict[str, str] = {}
        first: dict[str, str] = {}
        for job_id in pulled:
            group = jobs[job_id].group
            if group:
                home = self._homes[job_id] = first.setdefault(group, job_id)
                self._members.setdefault(home, []).append(job_id)
                self.names[home] = f"group {group!r}"

    def home(self, job_id: str) -> str:
        """The node that a job belongs to: itself, or the first member of its group."""
        return self._homes.get(job_id, job_id)

    def waits(self, home: str) -> Sequence[str]:
        """The nodes that a node has to wait for."""
        members = self._members.get(home, (home,))
        homes = [self.home(target) for job_id in members for target in self._waits[job_id]]
        return [it for it in dict.fromkeys(homes) if it != home]

    def expand(self, home: str) -> Sequence[str]:
        """The jobs of a node, in order."""
        members = self._members.get(home)
        if members is None:
            return (home,)
        inside = set(members)
        return depth_first(members, lambda at: [it for it in self._waits[at] if it in inside])


def draw(cycle: Sequence[str]) -> str:
    """A cycle as people see it; of a long one only both ends."""
    shown = [*cycle]
    if len(shown) > _SHOWN:
        shown[_SHOWN // 2 : -_SHOWN // 2] = ["..."]
    return " -> ".join(shown)
