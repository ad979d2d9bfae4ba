"""Ids that are used twice in ways that reading cannot see: by siblings, and by other kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.ids import qualify
from plainbox.units import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.catalog import Catalog
    from plainbox.fields import Unit
    from plainbox.units import Job


def siblings(job: Job, catalog: Catalog) -> Iterator[Diagnostic]:
    """Siblings that have the id of another job, or none of their own."""
    seen = {job.id}
    for sibling in job.siblings:
        name = sibling.get("id")
        if not isinstance(name, str) or not name:
            message = "siblings: a sibling needs an 'id' of its own"
            yield job.finding("siblings", Code.MISSING_FIELD, message)
            continue
        full_id = qualify(name, job.namespace)
        other = catalog.jobs.get(full_id)
        if full_id in seen or other is not None:
            others = (Label(other.span("id"), "first here"),) if other else ()
            message = f"siblings: there is a job '{full_id}' already"
            span = job.span("siblings")
            yield Diagnostic(Code.DUPLICATE_ID, message, span, others=others)
        seen.add(full_id)


def between_kinds(units: Sequence[Unit]) -> Iterator[tuple[Unit, Diagnostic]]:
    """Units of different kinds that have one id, which Checkbox refuses."""
    first: dict[str, Unit] = {}
    for unit in units:
        name = unit.template_id if isinstance(unit, Template) else unit.id
        other = first.setdefault(name, unit) if name else unit
        if other.kind != unit.kind:
            key = "template-id" if isinstance(unit, Template) else "id"
            message = f"{key}: Checkbox refuses '{name}' for a {other.kind} and a {unit.kind}"
            others = (Label(other.span("id"), f"the {other.kind}"),)
            yield unit, Diagnostic(Code.PORTABILITY, message, unit.span(key), others=others)
