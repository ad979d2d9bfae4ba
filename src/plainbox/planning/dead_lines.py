"""Lines of test plans that name a job which does not exist, and which no template could make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.diagnostics import Code, Diagnostic
from plainbox.ids import qualify
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
    for plan in plans:
        for key in _FIELDS:
            for line in getattr(plan, key):
                wanted = line.pattern.fixed
                if wanted is None or index.called(wanted) or _could_be(wanted, known):
                    continue
                reason = Reason(plan, key, line, wanted)
                yield Diagnostic(
                    Code.DEAD_LINE,
                    f"{key} of '{plan.partial_id}' names no job: '{line.text}'",
                    reason.span,
                    label=f"there is no job or template '{wanted}'",
                )


def _could_be(full_id: str, known: Named) -> bool:
    """Whether a template has this id, or could make a job of this id on another machine."""
    if full_id in known.templates:
        return True
    return any(
        re.fullmatch(_PARAMETER.sub(".*", _escaped(template)), full_id)
        for template in known.templates.values()
    )


def _escaped(template: Template) -> str:
    """The id of a template as an expression, its parameters as they are written."""
    text = qualify(template.partial_id, template.namespace)
    parts = _PARAMETER.split(text)
    found = _PARAMETER.findall(text)
    return "".join(re.escape(part) + hole for part, hole in zip(parts, [*found, ""], strict=True))
