"""What a test plan selects: jobs in order, and for each the line that asks for it.

A plan and its nested parts are a list of plans, each part after the plan that nests it. Then

- include lines select in the order of plans and lines, the first line that matches a job wins;
  among the jobs of one line the order is that of the session;
- what any plan excludes, or runs in its bootstrap, is not selected, whoever includes it;
- mandatory lines select apart, and nothing excludes what they do.

A line without special characters means one job, or all instances of one template; a regular
expression is compared with the ids of jobs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from plainbox.ids import PLAINBOX, qualify
from plainbox.planning.job_index import JobIndex
from plainbox.planning.nesting import parts_of
from plainbox.planning.overrides import overrides_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.fields import IncludeLine
    from plainbox.planning.overrides import Overrides
    from plainbox.text import Span
    from plainbox.units import Job, TestPlan

COLLECT_MANIFEST: Final = qualify("collect-manifest", PLAINBOX)
"""The job that asks for the manifest. Plainbox itself asks before a run, so nothing selects it."""


class Known(Protocol):
    """What selecting asks of a catalog: the jobs of the session in order, and all test plans."""

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs by full id, instances of templates included."""

    @property
    def plans(self) -> Mapping[str, TestPlan]:
        """The test plans by full id."""


class Reason(NamedTuple):
    """Why a job is selected: a field of a plan, and the line; a list of ids has no lines."""

    plan: TestPlan
    key: str
    line: IncludeLine | None
    job_id: str

    @property
    def span(self) -> Span:
        """The pattern or the id that means the job."""
        if self.line is None:
            return self.plan.id_span(self.key, self.job_id)
        return self.plan.span(self.key, self.line.place)


@dataclass(frozen=True, slots=True)
class Selection:
    """What plans select; ids are full ids, each once.

    `jobs` are those of the main part, `mandatory` run before them; a job can be in both.
    `bootstrap` and `setup` are ids as listed, whether or not such jobs exist.
    """

    plans: tuple[TestPlan, ...]
    jobs: tuple[str, ...]
    mandatory: tuple[str, ...]
    bootstrap: tuple[str, ...]
    setup: tuple[str, ...]
    reasons: Mapping[str, Reason]
    overrides: Overrides

    @property
    def wanted(self) -> tuple[str, ...]:
        """All jobs of the main part, mandatory ones first, each once."""
        return tuple(dict.fromkeys((*self.mandatory, *self.jobs)))

    def override(self, job_id: str, name: str) -> str | None:
        """What a plan says instead of the field of a job; `None` where none says anything."""
        setting = self.overrides.get(job_id, {}).get(name)
        return None if setting is None else setting.value


def select(
    plan: TestPlan, known: Known, sink: Sink | None = None, index: JobIndex | None = None
) -> Selection:
    """What a plan selects of all that is known; `index` is of the same jobs, if there is one."""
    return select_all([plan], known, sink, index)


def select_all(
    plans: Sequence[TestPlan],
    known: Known,
    sink: Sink | None = None,
    index: JobIndex | None = None,
) -> Selection:
    """What several plans select, as if a plan without lines of its own nested them."""
    parts = parts_of(plans, known.plans, sink)
    index = index or JobIndex(known.jobs)
    bootstrap = _listed(parts, "bootstrap_include")
    setup = _listed(parts, "setup_include")
    mandatory = _matched(parts, "mandatory_include", index)
    excluded = {COLLECT_MANIFEST, *setup}
    excluded.update(job_id for full_id in bootstrap for job_id in index.called(full_id))
    for _, line in _lines(parts, "exclude"):
        excluded.update(index.selected(line.pattern))
    included = _matched(parts, "include", index)
    jobs = {job_id: why for job_id, why in included.items() if job_id not in excluded}
    return Selection(
        plans=tuple(parts),
        jobs=tuple(jobs),
        mandatory=tuple(mandatory),
        bootstrap=tuple(bootstrap),
        setup=tuple(setup),
        reasons={**setup, **bootstrap, **jobs, **mandatory},
        overrides=overrides_of(parts, index),
    )


def _lines(parts: Sequence[TestPlan], key: str) -> Iterator[tuple[TestPlan, IncludeLine]]:
    """The lines of one field of all plans."""
    for plan in parts:
        lines: tuple[IncludeLine, ...] = getattr(plan, key)
        for line in lines:
            yield plan, line


def _matched(parts: Sequence[TestPlan], key: str, index: JobIndex) -> dict[str, Reason]:
    """The jobs that the lines of one field select, in order, with the first that does."""
    found: dict[str, Reason] = {}
    for plan, line in _lines(parts, key):
        for job_id in index.selected(line.pattern):
            if job_id not in found:
                found[job_id] = Reason(plan, key, line, job_id)
    return found


def _listed(parts: Sequence[TestPlan], key: str) -> dict[str, Reason]:
    """The ids that one field of all plans lists."""
    found: dict[str, Reason] = {}
    for plan in parts:
        ids: tuple[str, ...] = getattr(plan, key)
        for job_id in ids:
            found.setdefault(job_id, Reason(plan, key, None, job_id))
    return found
