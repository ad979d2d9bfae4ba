"""Why a job runs or not, as a person reads it: from the plan to the facts, then what would help.

wireless/scan_wlan0 would NOT run in client-cert-auto
  plan      client-cert-auto -> wireless-auto -> include wireless/scan_.*  (wireless.pxu:44)
  template  wireless/scan_interface, made of record 31 of 84 of device: interface=wlan0
  requires  net.managed_by == 'NetworkManager'                 false
              record 1 of 1   managed_by='networkd'            from session 12-client
  depends   wireless/detect                                    passed
  It would run if managed_by of net were 'NetworkManager'.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from plainbox.expressions import Verdict
from plainbox.ids import namespace_of, partial
from plainbox.planning.ordering import Relation
from plainbox.tui.change_words import change_lines
from plainbox.tui.words import Line, count, cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.app.explaining import Answer
    from plainbox.app.facts import Origin
    from plainbox.planning.explaining import Depended, Explanation, Made, Met
    from plainbox.text import Span
    from plainbox.tui.words import Marks
    from plainbox.units import TestPlan

_HEAD: Final = {
    Verdict.TRUE: ("would run", "bold green"),
    Verdict.FALSE: ("would NOT run", "bold red"),
    Verdict.UNKNOWN: ("may run", "bold yellow"),
}
_STYLES: Final = {Verdict.TRUE: "green", Verdict.FALSE: "red", Verdict.UNKNOWN: "yellow"}
_RELATIONS: Final = {
    Relation.DEPENDS: "depends",
    Relation.AFTER: "after",
    Relation.REQUIRES: "resource",
    Relation.BEFORE: "before",
}
_COLUMN: Final = 56
_MOST_PLANS: Final = 4


class ExplainScreen:
    """Shows the explanations of one answer."""

    def __init__(self, answer: Answer, marks: Marks) -> None:
        self._answer = answer
        self._facts = answer.facts
        self._arrow = "->" if marks.ascii else "→"
        plan = answer.plan
        ids = [found.job_id for found in answer.explanations]
        self._namespace = plan.namespace if plan else namespace_of(ids[0]) if ids else ""

    def lines(self) -> Iterator[Line]:
        """All explanations, an empty line between them."""
        for place, found in enumerate(self._answer.explanations):
            if place:
                yield []
            yield from self._explanation(found)
        if self._answer.more:
            yield []
            yield [(f"and {count(self._answer.more, 'more job')} of the template", "dim")]

    def name(self, full_id: str) -> str:
        """An id as it is shown: without the namespace where that is the plan's."""
        return partial(full_id) if namespace_of(full_id) == self._namespace else full_id

    def _explanation(self, found: Explanation) -> Iterator[Line]:
        plan = self._answer.plan
        how, style = _HEAD[found.runs]
        if found.template is not None:
            how = "makes NO jobs"
        where = f" in {self.name(plan.id)}" if plan else " when it is asked for by itself"
        yield [(self.name(found.job_id), "bold"), (f" {how}", style), (where, "")]
        yield from self._selected(found)
        yield from self._origin(found)
        yield from self._obstacles(found)
        for met in found.requires:
            title = "filter" if found.template else "requires"
            yield from self._requirement(met, title, found.made)
        for need in found.needs:
            yield from self._need(need)
        for field, setting in found.overrides.items():
            yield _row("override", f"{field} = {setting.value}", _place(setting.span), "dim")
        if found.prospect is not None and found.prospect.known and found.prospect.outcome:
            yield _row("last", f"{found.prospect.outcome.look.label} when it ran the last time")
        if found.change is not None or found.why_not or found.template is not None:
            yield from change_lines(found, self._answer.outlook, self.name)

    def _selected(self, found: Explanation) -> Iterator[Line]:
        """Which line asks for the job, or takes it out, or that none does."""
        way = f" {self._arrow} ".join(self._nested(found.way))
        for reason, word in ((found.reason, ""), (found.excluded, "excluded by ")):
            if reason is not None:
                text = reason.line.pattern.text if reason.line else partial(reason.job_id)
                yield _row(
                    "plan", f"{way} {self._arrow} {word}{reason.key} {text}", _place(reason.span)
                )
        if found.pulled is not None:
            what = f"no line asks for it, but {self.name(found.pulled.job_id)} needs it"
            yield _row("plan", f"{what} ({found.pulled.relation.name.lower()})")
        elif not (found.reason or found.excluded) and self._answer.plan is not None:
            yield _row("plan", f"no line of {self.name(self._answer.plan.id)} selects it")
        plans = self._answer.plans
        if plans and (self._answer.plan is None or not found.reason):
            names = ", ".join(self.name(plan.id) for plan in plans[:_MOST_PLANS])
            more = f" and {len(plans) - _MOST_PLANS} more" if len(plans) > _MOST_PLANS else ""
            yield _row(
                "plans", f"{names}{more}", "have lines for it; --plan PLAN explains it there"
            )

    def _nested(self, way: tuple[TestPlan, ...]) -> Iterator[str]:
        for place, plan in enumerate(way):
            yield ("nested " if place else "") + self.name(plan.id)

    def _origin(self, found: Explanation) -> Iterator[Line]:
        made = found.made
        if made is not None:
            shown = {name: it for name, it in made.parameters.items() if name[:2] != "__"}
            values = " ".join(f"{name}={value}" for name, value in shown.items())
            number = f"record {made.number} of {made.total}" if made.number else "a record"
            text = (
                f"{self.name(made.template_id)}, made of {number} of {self.name(made.resource_id)}"
            )
            yield _row("template", f"{text}: {values}", self._from(made.resource_id), "dim")
        for origin in found.could_make[:_MOST_PLANS]:
            template = origin.template
            values = " ".join(f"{name}={value}" for name, value in origin.values.items())
            yield _row(
                "template",
                f"{self.name(template.template_id)} would make it of a record of "
                f"{self.name(template.template_resource)} with {values}",
                _place(template.span("id")),
            )
            yield from self._records_there(template.template_resource, tuple(origin.values))
        if found.template is not None:
            resource = found.template.template_resource
            text = f"makes a job of each record of {self.name(resource)}"
            yield _row("template", text, _place(found.template.span("id")))
            yield from self._records_there(resource, ())
        if found.job is not None and made is None:
            yield _row("job", _about(found), _place(found.job.record.span()), "dim")
        if found.copy_of:
            yield _row("copy", f"of {self.name(found.copy_of)}")

    def _records_there(self, resource: str, names: tuple[str, ...]) -> Iterator[Line]:
        """What the resource has instead of the record that is missing."""
        records = [record for record in self._facts.records.get(resource, ()) if record]
        if resource not in self._facts.records:
            yield _inner(f"nothing is known of {self.name(resource)}: it was not read")
            return
        if not names:
            yield _inner(f"{count(len(records), 'record')} of it", self._from(resource))
            return
        values = dict.fromkeys(",".join(it.get(name, "") for name in names) for it in records)
        told = ", ".join(value for value in values if value) or "no such value"
        text = f"{count(len(records), 'record')} {self._arrow} {', '.join(names)}: {cut(told, 90)}"
        yield _inner(text, self._from(resource))

    def _obstacles(self, found: Explanation) -> Iterator[Line]:
        job = found.job
        if job is not None and not job.plugin.automated:
            yield _row("person", f"somebody has to be there ({job.plugin.value})")
        if job is not None and job.user:
            yield _row("user", f"runs as {job.user}")
        if found.hindrance:
            yield _row("cannot", found.hindrance, style="red")
        if found.left_out is not None:
            cycle = f" {self._arrow} ".join(map(self.name, found.left_out.cycle))
            text = f"dependency cycle: {cycle}" if cycle else found.left_out.message
            yield _row("left out", text, style="red")

    def _requirement(self, met: Met, title: str, made: Made | None) -> Iterator[Line]:
        report = met.report
        yield _row(title, report.expression.text, report.verdict.value, _STYLES[report.verdict])
        if report.verdict is Verdict.TRUE:
            return
        if len(report.comparisons) > 1:
            for part in report.comparisons:
                verdict = part.verdict if part.met or part.verdict is not Verdict.TRUE else None
                told = verdict.value if verdict else "true, but not for these records together"
                style = _STYLES[verdict] if verdict else "yellow"
                yield _inner(part.text, told, style)
        for name, resource in met.resources.items():
            if name in report.expression.names:
                own = made is not None and resource == made.resource_id
                yield self._nearest(met, name, resource, own=own)
                if resource in self._facts.origins and not own:
                    yield _inner(self._from(resource))

    def _nearest(self, met: Met, name: str, resource: str, *, own: bool) -> Line:
        report = met.report
        shown = self.name(resource)
        if name not in report.records:
            prospect = self._answer.outlook.prospects.get(resource)
            runs = prospect is not None and prospect.runs is Verdict.TRUE
            why = "it was not read (--run reads it)" if runs else "it did not run"
            return _inner(f"nothing is known of {shown}: {why}", style="yellow")
        record = report.nearest.get(name)
        if not record:
            return _inner(f"{shown} has no records", style="yellow")
        read = report.read.get(name, {})
        told = "  ".join(
            f"{key}={value!r}" if key in record else f"no {key}" for key, value in read.items()
        )
        label = _label(record, read)
        total = len(self._facts.records.get(resource, ()))
        number = f"record {met.numbers.get(name) or 1} of {total} of {shown}"
        nearest = "   <- the nearest" if total > 1 and not own else ""
        return _inner(f"{number}   {label}{told}{nearest}", style="")

    def _need(self, need: Depended) -> Iterator[Line]:
        prospect = need.prospect
        if need.relation is Relation.REQUIRES and prospect and prospect.runs is Verdict.TRUE:
            return
        if prospect is None:
            told, style = (
                (need.left_out.message if need.left_out else "there is no such job"),
                "red",
            )
        elif prospect.known and prospect.outcome is not None:
            told, style = prospect.outcome.look.label, prospect.outcome.look.style
        else:
            told, style = _HEAD[prospect.runs][0], _STYLES[prospect.runs]
        yield _row(_RELATIONS[need.relation], self.name(need.job_id), told, style)

    def _from(self, resource: str) -> str:
        """Where the records of a resource come from."""
        origin = self._facts.origins.get(resource)
        if origin is None:
            return ""
        log = f" (plainbox log {self.name(resource)})" if origin.session and origin.ran else ""
        return f"from {self.name(resource)}, {_origin(origin)}{log}"


def _origin(origin: Origin) -> str:
    if origin.ran is None:
        return origin.place
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(origin.ran))
    code = f", exit {origin.return_code}" if origin.return_code is not None else ""
    problem = f" ({origin.problem})" if origin.problem else ""
    return f"ran {at}{code}{problem}, {origin.place}"


def _about(found: Explanation) -> str:
    job = found.job
    return f"{job.plugin.value}: {job.summary}" if job else ""


def _label(record: object, read: object) -> str:
    """What tells a record from others: its first value, unless that is shown anyway."""
    if not isinstance(record, dict) or not isinstance(read, dict):
        return ""
    first = next(((key, value) for key, value in record.items() if value), None)
    if first is None or first[0] in read:
        return ""
    return f"{first[0]}={cut(first[1], 40)!r}  "


def _place(span: Span) -> str:
    return f"({span.source.name}:{span.line})"


def _row(title: str, text: str, behind: str = "", style: str = "") -> Line:
    line: Line = [(f"  {title:<9} ", "dim"), (text, "" if behind else style)]
    if behind:
        space = max(2, _COLUMN - len(text))
        line += [(" " * space, ""), (behind, style)]
    return line


def _inner(text: str, behind: str = "", style: str = "dim") -> Line:
    line: Line = [(" " * 14 + text, "" if behind else style)]
    if behind:
        line += [(" " * max(2, _COLUMN - 2 - len(text)), ""), (behind, style)]
    return line
