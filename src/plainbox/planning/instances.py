"""Instances of templates: a unit of each record of a resource that the filter lets through.

An instance that lacks a parameter, or has an error of its own, is kept: it is selected like any
other, and fails when its turn comes, with the messages that `errors_of` gives. Of two records
that make the same id the first one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.expressions import Verdict, evaluate
from plainbox.fields import Unit
from plainbox.planning.making import Making

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.expressions import Records, Table
    from plainbox.units import Job, Template

_FILTER = "template-filter"


def errors_of(unit: Unit) -> tuple[str, ...]:
    """Why an instance of a template cannot be used; nothing for every other unit."""
    return unit.instance.errors if unit.instance else ()


def bindings(job: Job, resources: Mapping[str, Records | Table]) -> dict[str, Records | Table]:
    """The records of resources, by full id, under the names that `requires` calls them.

    In an instance, the resource of its template means the one record that made it. A resource
    that nothing is known about is missing.
    """
    instance = job.instance
    bound: dict[str, Records | Table] = {}
    for name, resource_id in job.resources.items():
        if instance is not None and resource_id == instance.resource_id:
            bound[name] = (instance.record,)
        elif resource_id in resources:
            bound[name] = resources[resource_id]
    return bound


def instantiate(
    template: Template,
    records: Sequence[Mapping[str, str]],
    sink: Sink,
    *,
    extras: Mapping[str, object] | None = None,
    strict: bool = True,
) -> list[Unit]:
    """Make the units of a template, in the order of the records.

    A single record without fields means that the resource job printed nothing. `extras` are
    the variables that texts in Jinja2 have besides the record (`templating.EXTRAS`). Unless
    `strict`, what cannot be used is left out.
    """
    if len(records) == 1 and not records[0]:
        return []
    kind = Unit.types.get(template.template_unit)
    if kind is None:
        message = f"template {template.template_id!r} makes units of an unknown type"
        span = template.span("template-unit")
        sink.add(Diagnostic(Code.UNKNOWN_UNIT_TYPE, message, span))
        return []
    making = Making(template, kind, extras)
    for index, record in enumerate(_matching(template, records, sink), 1):
        making.add(record, index)
    making.report(sink)
    return [unit for unit in making.units if strict or not errors_of(unit)]


def _matching(
    template: Template, records: Sequence[Mapping[str, str]], sink: Sink
) -> Iterator[Mapping[str, str]]:
    """The records that the filter lets through; one that names another resource lets none."""
    program = template.template_filter
    if _FILTER in template.bad_fields:
        message = f"template {template.template_id!r} makes nothing: its filter cannot be read"
        sink.add(Diagnostic(Code.BAD_TEMPLATE, message, template.span(_FILTER)))
        return
    resource_id = template.template_resource
    if any(other != resource_id for other in template.resources.values()):
        return
    names = program.names
    for record in records:
        only = (record,)
        if not names or evaluate(program, dict.fromkeys(names, only)).verdict is Verdict.TRUE:
            yield record
