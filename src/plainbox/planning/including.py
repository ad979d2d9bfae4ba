"""Which lines of which test plans speak of a job or a template, by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.planning.dead_lines import Reach
from plainbox.planning.selecting import Reason
from plainbox.units import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.units import Job, TestPlan

SELECTING = ("mandatory_include", "include")
_LINES = (*SELECTING, "exclude")
_LISTS = ("bootstrap_include", "setup_include")


class _Only:
    """A catalog of one unit, as far as patterns care."""

    def __init__(self, unit: Job | Template) -> None:
        self.jobs: Mapping[str, Job] = {}
        self.templates: Mapping[str, Template] = {}
        self.ids: tuple[str, ...]
        if isinstance(unit, Template):
            self.templates = {unit.template_id: unit}
            self.ids = (unit.template_id,)
        else:
            self.jobs = {unit.id: unit}
            made = (unit.instance.template_id,) if unit.instance else ()
            self.ids = (unit.id, *made)


def lines_about(unit: Job | Template, plans: Iterable[TestPlan]) -> Iterator[Reason]:
    """The lines and lists of plans that mean a job, or what a template makes or could make."""
    only = _Only(unit)
    reach = Reach(only)

    for plan in plans:
        for key in _LINES:
            for line in getattr(plan, key):
                if line.pattern.fixed in only.ids or reach.selects(line.pattern):
                    yield Reason(plan, key, line, only.ids[0])
        for key in _LISTS:
            found = set(only.ids).intersection(getattr(plan, key))
            yield from (Reason(plan, key, None, name) for name in found)


def nesting(plans: Mapping[str, TestPlan]) -> dict[str, list[TestPlan]]:
    """The plans that nest a plan, directly, by its id."""
    outer: dict[str, list[TestPlan]] = {}
    for plan in plans.values():
        for part in plan.nested_part:
            outer.setdefault(part, []).append(plan)
    return outer


def all_around(inner: Sequence[TestPlan], plans: Mapping[str, TestPlan]) -> list[TestPlan]:
    """Some plans and all that nest them, through any number of others."""
    outer = nesting(plans)
    found = {plan.id: plan for plan in inner}
    pending = [*found]
    while pending:
        for plan in outer.get(pending.pop(), ()):
            if plan.id not in found:
                found[plan.id] = plan
                pending.append(plan.id)
    return list(found.values())
