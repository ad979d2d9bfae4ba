"""Expressions that can never hold, may not mean what they seem to, or read manifest entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.checking.having import fields_of
from plainbox.checking.world import MANIFEST
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix
from plainbox.expressions import (
    Expression,
    Program,
    Reading,
    ambiguous_and,
    differs_from_incumbent,
    never_true,
    parse_expression,
)
from plainbox.expressions.nodes import Attribute, Compare, Constant, attributes, walk
from plainbox.fields import Place, ResourceProgram, replacement
from plainbox.spelling import closest
from plainbox.text import Span
from plainbox.units import Job, Template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plainbox.checking.world import World
    from plainbox.expressions import Ambiguity
    from plainbox.fields import Unit

_ALWAYS_THERE = frozenset({"ns", "name"})


def expressions(unit: Unit, world: World, varying: Collection[str] = ()) -> Iterator[Diagnostic]:
    """What is odd about the expressions of a unit; fields that are `varying` have parameters."""
    for key, field, _ in fields_of(unit, ResourceProgram):
        program: Program = getattr(unit, field.name)
        if not program.expressions:
            continue
        yield from _manifest(unit, key, program, world)
        texts = (key, *(expression.text for expression in program.expressions))
        if texts in world.sound_programs:
            continue
        found = [*_portability(unit, key, program)]
        if key not in varying:
            found += _never_true(unit, key, program)
        if key != "template-filter":  # which is asked of one record at a time
            found += _ambiguous(unit, key, program)
        if not found and (key == "template-filter" or not unit.instance):
            world.sound_programs.add(texts)
        yield from found


def _place(unit: Unit, key: str, expression: Expression, start: int, end: int) -> Place:
    entry = unit.record.get(key)
    is_list = entry is not None and isinstance(entry.value, list)
    return Place(start, end, (expression.item,) if is_list else ())


def _never_true(unit: Unit, key: str, program: Program) -> Iterator[Diagnostic]:
    for found in never_true(program):
        what = "this can never be true" if found.whole else "this part can never be true"
        place = _place(unit, key, found.expression, found.start, found.end)
        yield Diagnostic(
            Code.NEVER_TRUE,
            f"{key}: {what}: {found.reason}",
            unit.span(key, place),
            notes=(found.hint,) if found.hint else (),
        )


def _ambiguous(unit: Unit, key: str, program: Program) -> Iterator[Diagnostic]:
    """Comparisons joined by `and` that different records can meet, and one record could."""
    instance = unit.instance
    for found in ambiguous_and(program):
        if found.reading is not Reading.SPLIT or _cannot_be_one(found):
            continue
        resources = unit.resources if instance and isinstance(unit, Job) else {}
        if instance and resources.get(found.resource) == instance.resource_id:
            continue  # in an instance of a template, this is one record
        whole = found.expression
        place = _place(unit, key, found.expression, found.start, found.end)
        around = unit.span(key, _place(unit, key, whole, whole.start, whole.end))
        yield Diagnostic(
            Code.AMBIGUOUS_AND,
            f"{key}: each part of this `and` may be met by another record of '{found.resource}'",
            unit.span(key, place),
            fix=_in_parentheses(around),
        )


def _in_parentheses(span: Span) -> Fix:
    first = Edit(Span(span.source, span.start, span.start), "(")
    last = Edit(Span(span.source, span.end, span.end), ")")
    title = "where one record has to meet all of it, put the line in parentheses"
    return Fix(title, (first, last), safe=False)


def _cannot_be_one(found: Ambiguity) -> bool:
    """Whether no single record could meet the whole, so that it was never meant."""
    joint = parse_expression(f"({found.expression.text})")
    return isinstance(joint, Expression) and any(
        each.whole for each in never_true(Program([joint]))
    )


def _portability(unit: Unit, key: str, program: Program) -> Iterator[Diagnostic]:
    for expression in program.expressions:
        reason = differs_from_incumbent(expression)
        if reason:
            place = _place(unit, key, expression, expression.start, expression.end)
            yield unit.finding(key, Code.PORTABILITY, f"{key}: {reason}", place)


def _manifest(unit: Unit, key: str, program: Program, world: World) -> Iterator[Diagnostic]:
    """Manifest entries that no provider defines, and values that they cannot have."""
    if not program.manifest_attributes or not isinstance(unit, (Job, Template)):
        return
    if unit.resources.get("manifest") != MANIFEST:
        return
    known = world.manifest_keys
    told: set[str] = set()
    for expression in program.expressions:
        for use in attributes(expression.node):
            name = use.attribute
            if use.resource != "manifest" or name in known or name in _ALWAYS_THERE | told:
                continue
            told.add(name)
            start = use.end - len(name)
            span = unit.span(key, _place(unit, key, expression, start, use.end))
            if span.text != name:
                continue  # a parameter of a template is a part of it
            meant = closest(name, known)
            yield Diagnostic(
                Code.UNKNOWN_MANIFEST,
                f"{key} names no manifest entry: '{name}'",
                span,
                "no loaded provider defines it: nobody is asked for it",
                fix=replacement(span, meant) if meant else None,
            )
        yield from _truth_values(unit, key, expression, known)


def _truth_values(
    unit: Unit, key: str, expression: Expression, known: dict[str, str]
) -> Iterator[Diagnostic]:
    """Comparisons of a manifest entry that is true or false with a text that is neither."""
    for node in walk(expression.node):
        if not isinstance(node, Compare):
            continue
        for left, operator, right in node.pairs():
            if operator != "==" or not isinstance(left, Attribute):
                continue
            if left.resource != "manifest" or known.get(left.attribute) != "bool":
                continue
            if isinstance(right, Constant) and right.value not in ("True", "False"):
                place = _place(unit, key, expression, right.start, right.end)
                message = f"{key}: this can never be true: the entry is 'True' or 'False'"
                yield unit.finding(key, Code.NEVER_TRUE, message, place)
