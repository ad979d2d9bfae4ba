"""What a test plan selects, line by line, before anything has run.

Of a template it is not known yet which jobs it makes, so lines select it as a whole. A line
selects it if it names it, or could match the id of a job that it makes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from plainbox.planning.dead_lines import SAMPLES, literal_start, shapes_of
from plainbox.planning.job_index import JobIndex
from plainbox.planning.overrides import settings_of
from plainbox.planning.possible import could_match
from plainbox.planning.selecting import COLLECT_MANIFEST, Reason, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.catalog import Catalog
    from plainbox.fields import IncludeLine
    from plainbox.ids import Pattern
    from plainbox.planning.overrides import Setting
    from plainbox.planning.selecting import Selection
    from plainbox.units import Job, Template, TestPlan

SELECTING = ("mandatory_include", "include")
LISTS = ("setup_include", "bootstrap_include")


class Chosen(NamedTuple):
    """A job or a template that a line selects.

    `by` is an earlier line that has it already; `out` the line that takes it out of the plan,
    which is of the bootstrap where it runs there, and the line itself for the job that asks for
    the manifest: Plainbox does that by itself.
    """

    unit: Job | Template
    by: Reason | None = None
    out: Reason | None = None


class ExpandedLine(NamedTuple):
    """A line of a plan, or an id that it lists, and what it selects: maybe nothing."""

    reason: Reason
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True)
class ExpandedPlan:
    """A plan: its lines by field, its parts; `repeated` where it is somewhere above already.

    A part that does not exist is in `unknown`.
    """

    plan: TestPlan
    lines: Mapping[str, tuple[ExpandedLine, ...]]
    parts: tuple[ExpandedPlan, ...] = ()
    unknown: tuple[str, ...] = ()
    repeated: bool = False

    def walk(self) -> Iterator[ExpandedPlan]:
        """The plan and all that it nests, in the order of the authors."""
        pending = [self]
        while pending:
            plan = pending.pop()
            yield plan
            pending.extend(reversed(plan.parts))


@dataclass(frozen=True)
class Expansion:
    """A whole plan; `settings` are the fields that it overrides, by id of job or template."""

    root: ExpandedPlan
    selection: Selection
    settings: Mapping[str, Mapping[str, Setting]]
    templates: tuple[Template, ...]


def expand(plan: TestPlan, catalog: Catalog) -> Expansion:
    """Expand a plan."""
    index = JobIndex(catalog.jobs)
    selection = select(plan, catalog, index=index)
    work = _Expanding(catalog, selection, index)
    root = work.plan(plan)
    templates = tuple(work.selected.values())
    return Expansion(root, selection, _settings(selection, templates), templates)


def _settings(
    selection: Selection, templates: Sequence[Template]
) -> dict[str, Mapping[str, Setting]]:
    """What the plan says about jobs and templates that it selects."""
    found = {job_id: selection.overrides.get(job_id, {}) for job_id in selection.wanted}
    about: dict[str, dict[str, Setting]] = {it.template_id: {} for it in templates}
    for pattern, name, setting in settings_of(selection.plans):
        if pattern.fixed is not None:
            if pattern.fixed in about:
                about[pattern.fixed][name] = setting
            continue
        for template_id, settings in about.items():
            if pattern.matches(template_id):
                settings[name] = setting
    return {**found, **about}


class _Expanding:
    def __init__(self, catalog: Catalog, selection: Selection, index: JobIndex) -> None:
        self._catalog = catalog
        self._index = index
        self._ids = Templates(catalog.templates)
        self._first: dict[tuple[str, str], Reason] = {}
        self._done: set[str] = set()
        self.selected: dict[str, Template] = {}
        self._out: dict[str, Reason] = {}
        for plan in selection.plans:
            for line in plan.exclude:
                reason = Reason(plan, "exclude", line, "")
                for unit in self._units(line):
                    self._out.setdefault(id_of(unit), reason)
        for plan in selection.plans:
            for key in LISTS:
                for full_id in getattr(plan, key):
                    self._out[full_id] = Reason(plan, key, None, full_id)

    def plan(self, root: TestPlan) -> ExpandedPlan:
        """A plan with its parts; those of a chain of any length, innermost first."""
        order: list[TestPlan] = []
        children: dict[str, tuple[list[tuple[TestPlan, bool]], list[str]]] = {}
        pending = [root]
        self._done.add(root.id)
        while pending:
            plan = pending.pop()
            order.append(plan)
            parts: list[tuple[TestPlan, bool]] = []
            unknown: list[str] = []
            for nested in plan.nested_part:
                part = self._catalog.plans.get(nested)
                if part is None:
                    unknown.append(nested)
                    continue
                parts.append((part, part.id in self._done))
                if part.id not in self._done:
                    self._done.add(part.id)
            pending.extend(part for part, repeated in reversed(parts) if not repeated)
            children[plan.id] = (parts, unknown)
        lines = {plan.id: self._lines(plan) for plan in order}
        made: dict[str, ExpandedPlan] = {}
        for plan in reversed(order):
            parts, unknown = children[plan.id]
            inner = tuple(
                ExpandedPlan(part, {}, repeated=True) if repeated else made[part.id]
                for part, repeated in parts
            )
            made[plan.id] = ExpandedPlan(plan, lines[plan.id], inner, tuple(unknown))
        return made[root.id]

    def _lines(self, plan: TestPlan) -> dict[str, tuple[ExpandedLine, ...]]:
        found: dict[str, tuple[ExpandedLine, ...]] = {}
        for key in LISTS:
            ids: tuple[str, ...] = getattr(plan, key)
            found[key] = tuple(self._listed(plan, key, full_id) for full_id in ids)
        for key in (*SELECTING, "exclude"):
            found[key] = tuple(self._line(plan, key, line) for line in getattr(plan, key))
        return {key: lines for key, lines in found.items() if lines}

    def _listed(self, plan: TestPlan, key: str, full_id: str) -> ExpandedLine:
        job = self._catalog.jobs.get(full_id)
        return ExpandedLine(Reason(plan, key, None, full_id), (Chosen(job),) if job else ())

    def _line(self, plan: TestPlan, key: str, line: IncludeLine) -> ExpandedLine:
        reason = Reason(plan, key, line, line.pattern.fixed or "")
        return ExpandedLine(reason, tuple(self._choose(reason, it) for it in self._units(line)))

    def _choose(self, reason: Reason, unit: Job | Template) -> Chosen:
        name = id_of(unit)
        if reason.key == "exclude":
            return Chosen(unit)
        out = self._out.get(name) if reason.key == "include" else None
        if name == COLLECT_MANIFEST:
            out = reason
        first = self._first.setdefault((reason.key, name), reason)
        if out is None and name in self._catalog.templates:
            self.selected[name] = self._catalog.templates[name]
        return Chosen(unit, None if first is reason else first, out)

    def _units(self, line: IncludeLine) -> Iterator[Job | Template]:
        jobs = self._index.selected(line.pattern)
        yield from (self._catalog.jobs[job_id] for job_id in jobs)
        yield from self._ids.selected(line.pattern, proof=not jobs)


class Templates:
    """Templates, arranged so that lines find those whose jobs they could mean."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._templates = templates
        self._shapes = [(shape, it) for it in templates.values() for shape in shapes_of(it)]
        samples = [
            (fill.join(shape), it.template_id) for shape, it in self._shapes for fill in SAMPLES
        ]
        self._samples = sorted(samples)
        self._found: dict[object, tuple[Template, ...]] = {}

    def selected(self, pattern: Pattern, *, proof: bool) -> tuple[Template, ...]:
        """The templates that a pattern names, or whose jobs it could match, in their order.

        Without `proof` likely ids of their jobs are tried, which tells less, and faster.
        """
        regex = pattern.regex
        key = (pattern.fixed if regex is None else regex, proof)
        found = self._found.get(key)
        if found is None:
            if regex is None:
                ids = self._named(pattern.fixed or "", proof=proof)
            else:
                ids = self._matched(regex, proof=proof)
            found = tuple(it for name, it in self._templates.items() if name in ids) if ids else ()
            self._found[key] = found
        return found

    def _named(self, fixed: str, *, proof: bool) -> set[str]:
        if fixed in self._templates:
            return {fixed}
        return {
            template.template_id
            for shape, template in (self._shapes if proof else ())
            if len(shape) > 1
            and fixed.startswith(shape[0])
            and re.fullmatch(".+".join(map(re.escape, shape)), fixed)
        }

    def _matched(self, regex: re.Pattern[str], *, proof: bool) -> set[str]:
        start = literal_start(regex.pattern)
        first = bisect_left(self._samples, (start, ""))
        last = bisect_left(self._samples, (f"{start}\U0010ffff", ""), first)
        found = {name for text, name in self._samples[first:last] if regex.fullmatch(text)}
        for shape, template in self._shapes if proof and not found else ():
            near = shape[0].startswith(start) or start.startswith(shape[0])
            if near and could_match(regex.pattern, shape):
                found.add(template.template_id)
        return found


def id_of(unit: Job | Template) -> str:
    """The full id of a job, or the template id of a template."""
    template_id: str = getattr(unit, "template_id", None) or ""
    return template_id if unit.type_name == "template" else unit.id
