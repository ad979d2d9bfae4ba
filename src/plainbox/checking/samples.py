"""One made-up instance of a template, on which the rules for its units are tried.

Every parameter has its own name in capitals as its value: `{path}` becomes `PATH`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.checking.world import HOLE
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from plainbox.fields import (
    ALIKE,
    DIFFER,
    Imports,
    Instance,
    Reference,
    ResourceProgram,
    Unit,
    UnitIds,
)
from plainbox.templating import Skeleton, instance_record
from plainbox.text import Span
from plainbox.units import BareUnit, FileUnit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.records import Record
    from plainbox.templating import Expansion, Flaw
    from plainbox.units import Template

_NAME: Final = re.compile(r"[^\W\d][\w.:-]*|__index__")
_NAMING: Final = (UnitIds, Reference, Imports, ResourceProgram)
_HOMELESS: Final = (BareUnit, FileUnit)


class Sample(NamedTuple):
    """An instance in which parameters are words, one in which they are holes, and its flaws.

    `varying` are the keys of the fields that have parameters. Where no id of another unit has
    any, both instances are one.
    """

    unit: Unit
    with_holes: Unit
    varying: frozenset[str]
    flaws: tuple[Flaw, ...]
    skeleton: Skeleton


def sample_of(template: Template) -> Sample | None:
    """A made-up instance; none of a template that makes units of an unknown type."""
    kind = Unit.types.get(template.template_unit)
    if kind is None or issubclass(kind, _HOMELESS) or "template-engine" in template.bad_fields:
        return None
    bare = instance_record(template.record, template.template_id)
    engine = template.text("template-engine") or "default"
    skeleton = Skeleton(bare, engine, template.variable)
    names = skeleton.parameters
    varying = frozenset(key.removeprefix("_") for key in skeleton.varying)
    words = skeleton.expand({name: name.upper() for name in names}, 0)
    unit = with_holes = _instance(template, kind, words)
    if any(isinstance(kind.fields[key].kind, _NAMING) for key in varying & kind.fields.keys()):
        holes = skeleton.expand(dict.fromkeys(names, HOLE), 0)
        with_holes = _instance(template, kind, holes)
    return Sample(unit, with_holes, varying, words.flaws, skeleton)


def _instance(template: Template, kind: type[Unit], made: Expansion) -> Unit:
    instance = Instance(
        template_id=template.template_id,
        resource_id=template.template_resource,
        index=0,
        record={},
        parameters=made.parameters,
        data={},
        imports=template.template_imports,
    )
    return kind(made.record, template.owner, instance)


def problems_of(template: Template, sample: Sample) -> list[Diagnostic]:
    """What is wrong with the texts of a template and with the units that it would make."""
    flaws = [*_flaws(sample.flaws), *_odd_parameters(template, sample.skeleton)]
    broken = {flaw.entry.key.removeprefix("_") for flaw in sample.flaws}
    wrong = [*_not_alike(sample), *_all_alike(template, sample)]
    alike = {found.span for found in wrong}
    found = [
        each
        for each in sample.unit.problems()
        if each.span not in alike and not _is_in(template.record, each, broken)
    ]
    return [*flaws, *wrong, *found]


def _is_in(record: Record, diagnostic: Diagnostic, keys: set[str]) -> bool:
    """Whether a diagnostic is about one of some fields."""
    if diagnostic.span is None or not keys:
        return False
    line = diagnostic.span.line
    entries = (record.get(key) for key in keys)
    return any(entry is not None and entry.line <= line <= entry.last_line for entry in entries)


def _flaws(flaws: Sequence[Flaw]) -> Iterator[Diagnostic]:
    for flaw in flaws:
        span = flaw.span()
        fix = _doubled(span) if span.text.startswith("{") and span.text.endswith("}") else None
        yield Diagnostic(Code.BAD_TEMPLATE, flaw.message, span, fix=fix)


def _odd_parameters(template: Template, skeleton: Skeleton) -> Iterator[Diagnostic]:
    """Parameters of a name that no resource has: text in braces that was not meant as one."""
    for entry, path, slot in skeleton.slots():
        span = template.record.item_span(entry, path, slot.start, slot.end)
        if not _NAME.fullmatch(slot.name):
            yield Diagnostic(
                Code.BAD_TEMPLATE,
                f"{entry.key.removeprefix('_')}: '{slot.name}' is no name of a parameter",
                span,
                "no resource prints a field of this name",
                fix=_doubled(span),
            )
        elif span.start and span.source.text[span.start - 1] == "$" and entry.key == "command":
            yield Diagnostic(
                Code.BAD_TEMPLATE,
                f"command: the shell never sees '${span.text}', but '$' and a value",
                span,
                "this is filled in before the command runs",
                notes=(f"a variable of the shell is written '${{{span.text}}}'",),
                fix=_doubled(span),
                level=Severity.WARNING,
            )


def _doubled(span: Span) -> Fix:
    """Write the braces of a text twice."""
    first = Span(span.source, span.start, span.start)
    last = Span(span.source, span.end, span.end)
    return Fix("write both braces twice", (Edit(first, "{"), Edit(last, "}")))


def _not_alike(sample: Sample) -> Iterator[Diagnostic]:
    for key, field in sample.unit.fields.items():
        if field.in_templates == ALIKE and key in sample.varying:
            message = f"{key}: all instances of a template have the same, found a parameter"
            yield sample.unit.finding(key, Code.BAD_TEMPLATE, message)


def _all_alike(template: Template, sample: Sample) -> Iterator[Diagnostic]:
    for key, field in sample.unit.fields.items():
        entry = template.record.get(key)
        if field.in_templates != DIFFER or key in sample.varying or entry is None:
            continue
        span = template.record.value_span(entry)
        if key == "id":
            message = "id: without a parameter all instances have the same, and only one counts"
            yield Diagnostic(Code.BAD_TEMPLATE, message, span)
        elif not entry.key.startswith("_"):
            message = f"{key}: Checkbox refuses a template whose {key} has no parameter"
            yield Diagnostic(Code.PORTABILITY, message, span)
