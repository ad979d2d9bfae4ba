"""Where an expression may not mean what its author thinks.

`ambiguous_and` finds each `and` about one resource that would mean something else if the
expression were written with, or without, parentheses; an example of records proves it.
`differs_from_incumbent` tells what Checkbox would read differently, or refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

from plainbox.expressions.evaluation import witness
from plainbox.expressions.facts import Facts
from plainbox.expressions.nodes import (
    And,
    Attribute,
    Call,
    Constant,
    Not,
    Or,
    attributes,
    children,
    names,
    walk,
)
from plainbox.expressions.program import MANIFEST, Part
from plainbox.expressions.tokens import tokenize
from plainbox.expressions.values import meets, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.expressions.facts import Record
    from plainbox.expressions.nodes import Node
    from plainbox.expressions.program import Expression, Program


class Reading(Enum):
    """How an `and` is read: by records of its own for each operand, or by one for all."""

    SPLIT = "split"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """An `and` whose operands would be met otherwise if it were read in the other way.

    `resource` is the one whose records may differ or may not; `example` holds records for which
    the two readings give different answers.
    """

    expression: Expression
    start: int
    end: int
    reading: Reading
    resource: str
    example: Mapping[str, tuple[Record, ...]]


def ambiguous_and(program: Program) -> list[Ambiguity]:
    """Every `and` at the outside of an expression that the other reading would change.

    An expression that is in parentheses as a whole is clear. So is one about `manifest`, whose
    records complement each other.
    """
    found = []
    for expression in program.expressions:
        reading = Reading.JOINT if expression.joint else Reading.SPLIT
        for node in _outer_conjunctions(expression):
            resource = _shared(node.operands)
            example = _example(node.operands) if resource else {}
            if _differ(node, example):
                start, end = node.start, node.end
                found.append(Ambiguity(expression, start, end, reading, resource, example))
    return found


def _outer_conjunctions(expression: Expression) -> Iterator[And]:
    """Each `and` that stands in no parentheses."""
    node = expression.node
    outer = node.operands if isinstance(node, Or) else (node,)
    if isinstance(node, Or) and _in_parentheses(expression, node):
        return
    for operand in outer:
        if isinstance(operand, And) and not _in_parentheses(expression, operand):
            yield operand


def _in_parentheses(expression: Expression, node: Node) -> bool:
    return expression.text[: node.start - expression.start].rstrip().endswith("(")


def _shared(operands: Sequence[Node]) -> str:
    """The first resource that two operands read."""
    seen: set[str] = set()
    for operand in operands:
        for name in names(operand):
            if name in seen and name != MANIFEST:
                return name
        seen.update(names(operand))
    return ""


def _differ(node: And, example: Mapping[str, tuple[Record, ...]]) -> bool:
    if not example:
        return False
    facts = Facts(example)
    apart = all(witness(_part(operand), facts) is not None for operand in node.operands)
    return apart and witness(_part(node), facts) is None


def _part(node: Node) -> Part:
    return Part(node, [(found.resource, found.attribute) for found in attributes(node)])


def _example(operands: Sequence[Node]) -> dict[str, tuple[Record, ...]]:
    """For each operand a record that meets it, and as few of the others as possible."""
    candidates = _candidates(operands)
    example: dict[str, list[Record]] = {}
    for operand in operands:
        records: dict[str, dict[str, str]] = {name: {} for name in names(operand)}
        others = [other for other in operands if other is not operand]
        for test, wanted in [(operand, True), *((other, False) for other in others)]:
            _choose(records, test, candidates, wanted=wanted)
        for name, record in records.items():
            example.setdefault(name, []).append(record)
    return {name: tuple(records) for name, records in example.items()}


def _choose(
    records: Mapping[str, dict[str, str]],
    test: Node,
    candidates: Iterable[str],
    *,
    wanted: bool,
) -> None:
    """Give each attribute that is still open a value for which a test comes out as wanted."""
    value = value_of(test)
    for attribute in attributes(test):
        record = records.get(attribute.resource)
        if record is None or attribute.attribute in record:
            continue
        for candidate in candidates:
            record[attribute.attribute] = candidate
            if meets(value, {name: records.get(name, {}) for name in names(test)}) is wanted:
                break


def _candidates(operands: Iterable[Node]) -> list[str]:
    """Values worth trying: all constants, their neighbours, and nothing at all."""
    found: dict[str, None] = {}
    for operand in operands:
        for node in walk(operand):
            if isinstance(node, Constant) and isinstance(node.value, str):
                found[node.value] = None
            elif isinstance(node, Constant) and isinstance(node.value, int | float):
                found.update(dict.fromkeys(str(int(node.value) + by) for by in (0, 1, -1)))
    return [*found, "", "x", *(value + "x" for value in found)]


_SPLITTERS: Final = (" or ", " and ")


def differs_from_incumbent(expression: Expression) -> str | None:
    """What Checkbox would make of an expression that it reads otherwise; `None` if it agrees."""
    for tell in (_refused, _unnamed, _cut):
        reason = tell(expression)
        if reason:
            return reason
    return None


def _refused(expression: Expression) -> str | None:
    for node in walk(expression.node):
        if isinstance(node, Not):
            return "Checkbox refuses `not`"
        if isinstance(node, Constant) and expression.slice(node).startswith("-"):
            return "Checkbox refuses negative numbers"
        if isinstance(node, Attribute) and (iskeyword(node.resource) or iskeyword(node.attribute)):
            return f"Checkbox refuses `{expression.slice(node)}`, which has a word of Python's"
    return None


def _unnamed(expression: Expression) -> str | None:
    """Names in calls do not count there, nor does a part without any name."""
    outside: set[str] = set()
    pending = [expression.node]
    while pending:
        node = pending.pop()
        if isinstance(node, Attribute):
            outside.add(node.resource)
        if not isinstance(node, Call):
            pending.extend(children(node))
    if not outside:
        return "Checkbox refuses an expression that names resources only in calls"
    hidden = [name for name in expression.names if name not in outside]
    if hidden:
        return f"Checkbox does not see `{hidden[0]}`, which is named only in a call"
    for part in expression.parts():
        if not part.names:
            text = expression.slice(part.node)
            return f"Checkbox ends the session over `{text}`, which names no resource"
    return None


def _cut(expression: Expression) -> str | None:
    """Checkbox cuts at ` and ` and ` or ` wherever they are, unless there is a parenthesis."""
    text = expression.text
    if "(" in text:
        return None
    tokens = tokenize(text, 0, len(text))
    depth = 0
    last = 0
    for token in tokens:
        between = text[last : token.start] if token.kind != "end" else text[last:]
        depth += (token.kind == "[") - (token.kind == "]")
        inside = token.text if token.kind == "string" else between
        if any(word in inside for word in _SPLITTERS):
            where = "a text" if token.kind == "string" else "a comment"
            return f"Checkbox cuts the expression in {where}"
        if depth and token.kind in ("and", "or"):
            return "Checkbox cuts the expression in a list"
        last = token.end
    return None
