"""Lines of test plans that name a job which does not exist, and which no template could make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.diagnostics import Code, Diagnostic
from plainbox.ids import namespace_of, partial, qualify
from plainbox.planning.copies import SUSPENDS
from plainbox.planning.job_index import JobIndex
from plainbox.planning.selecting import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.units import Job, Template, TestPlan

_FIELDS: Final = ("mandatory_include", "include", "exclude")
_PARAMETER: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[^{}]*\}")


class Named(Protocol):
    """What is asked of a catalog: its jobs and its templates, by full id."""

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs, instances of templates included."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """The templates by full template id."""


def dead_lines(plans: Iterable[TestPlan], known: Named) -> Iterator[Diagnostic]:
    """A diagnostic for each line that names a single job in vain."""
    index = JobIndex(known.jobs)
    templates = _Templates(known.templates)
    for plan in plans:
        for key in _FIELDS:
            for line in getattr(plan, key):
                wanted = line.pattern.fixed
                if wanted is None or index.called(wanted) or templates.could_make(wanted):
                    continue
                reason = Reason(plan, key, line, wanted)
                yield Diagnostic(
                    Code.DEAD_LINE,
                    f"{key} of '{plan.partial_id}' names no job: '{line.text}'",
                    reason.span,
                    label=f"there is no job or template '{wanted}'",
                )


class _Templates:
    """What templates could make, on this machine or another one."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self._ids = templates
        self._shapes: list[re.Pattern[str]] | None = None

    def could_make(self, full_id: str) -> bool:
        """Whether a template has this id, or could make a job or a copy of a job of this id."""
        if self._shapes is None:
            self._shapes = [re.compile(_shape(template)) for template in self._ids.values()]
        namespace, name = namespace_of(full_id), partial(full_id)
        bases = [name.removeprefix(suspend.prefix) for suspend in SUSPENDS]
        meant = {qualify(base, namespace) for base in (name, *bases)}
        return any(
            one in self._ids or any(shape.fullmatch(one) for shape in self._shapes) for one in meant
        )


def _shape(template: Template) -> str:
    """An expression for the ids that a template makes: anything where a parameter stands."""
    text = qualify(template.partial_id, template.namespace)
    return ".*".join(re.escape(part) for part in _PARAMETER.split(text))
