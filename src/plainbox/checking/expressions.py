"""Expressions that can never hold, may not mean what they seem to, or read manifest entries."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plainbox.checking.world import MANIFEST
from plainbox.diagnostics import Code, Diagnostic
from plainbox.expressions import Reading, ambiguous_and, differs_from_incumbent, never_true
from plainbox.expressions.nodes import Attribute, Compare, Constant, attributes, walk
from plainbox.fields import Place, ResourceProgram, replacement
from plainbox.spelling import closest
from plainbox.units import Job, Template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plainbox.checking.world import World
    from plainbox.expressions import Expression, Program
    from plainbox.fields import Field, Unit

_ALWAYS_THERE = frozenset({"ns", "name"})


def expressions(unit: Unit, world: World, varying: Collection[str] = ()) -> Iterator[Diagnostic]:
    """What is odd about the expressions of a unit; fields that are `varying` have parameters."""
    for key, field in _programs(type(unit)):
        if unit.record.get(key) is None:
            continue
        program: Program = getattr(unit, field.name)
        if not program.expressions:
            continue
        if key not in varying:
            yield from _never_true(unit, key, program)
        yield from _ambiguous(unit, key, program)
        yield from _portability(unit, key, program)
        yield from _manifest(unit, key, program, world)


@cache
def _programs(kind: type[Unit]) -> tuple[tuple[str, Field[object]], ...]:
    return tuple(
        (key, field) for key, field in kind.fields.items() if isinstance(field.kind, ResourceProgram)
    )


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
    for found in ambiguous_and(program):
        place = _place(unit, key, found.expression, found.start, found.end)
        split = found.reading is Reading.SPLIT
        meaning = "different records" if split else "one and the same record"
        other = "parentheses around all of it ask" if split else "lines of their own ask"
        demand = "for one record" if split else "for any records"
        yield Diagnostic(
            Code.AMBIGUOUS_AND,
            f"{key}: this `and` is met by {meaning} of '{found.resource}'",
            unit.span(key, place),
            notes=(f"{other} {demand}",),
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
            meant = closest(name, known)
            yield Diagnostic(
                Code.UNKNOWN_MANIFEST,
                f"{key} names no manifest entry: '{name}'",
                span,
                "nobody is ever asked for it, so it is never set",
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
