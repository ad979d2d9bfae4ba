"""What test plans say about fields of jobs: category, certification status, retries.

The last line that speaks of a job wins. The order is that of the authors: lines that select
(mandatory ones, then the others) of all plans, then category overrides of all plans, then those
of the certification status; a nested part comes after the plan that nests it. What a part says
holds for all jobs of the session. A pattern means jobs, and templates for all their instances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.fields import Place
    from plainbox.ids import Pattern
    from plainbox.planning.job_index import JobIndex
    from plainbox.text import Span
    from plainbox.units import TestPlan


class Setting(NamedTuple):
    """A value that a plan gives to a field of a job, and the line that says so."""

    value: str
    plan: TestPlan
    key: str
    place: Place

    @property
    def span(self) -> Span:
        """The pattern that means the job."""
        return self.plan.span(self.key, self.place)


Overrides: TypeAlias = "Mapping[str, Mapping[str, Setting]]"
"""By id of the job, then by name of the field, with underscores."""


def overrides_of(plans: Sequence[TestPlan], index: JobIndex) -> Overrides:
    """What plans, in order, say about the jobs of a session."""
    settings: dict[str, dict[str, Setting]] = {}
    for pattern, name, setting in settings_of(plans):
        for job_id in index.meant(pattern):
            settings.setdefault(job_id, {})[name] = setting
    return settings


def settings_of(plans: Sequence[TestPlan]) -> Iterator[tuple[Pattern, str, Setting]]:
    """Each pattern, field and value that plans state, in order: what comes later counts."""
    yield from _inline(plans)
    yield from _applied(plans)


def _inline(plans: Sequence[TestPlan]) -> Iterator[tuple[Pattern, str, Setting]]:
    for plan in plans:
        lists = (("mandatory_include", plan.mandatory_include), ("include", plan.include))
        for key, lines in lists:
            for line in lines:
                for name, value in line.overrides:
                    yield line.pattern, name, Setting(value, plan, key, line.place)


def _applied(plans: Sequence[TestPlan]) -> Iterator[tuple[Pattern, str, Setting]]:
    for plan in plans:
        for category in plan.category_overrides:
            setting = Setting(category.value, plan, "category_overrides", category.place)
            yield category.pattern, "category_id", setting
    for plan in plans:
        for status in plan.certification_status_overrides:
            key = "certification_status_overrides"
            setting = Setting(status.value, plan, key, status.place)
            yield status.pattern, "certification_status", setting
