"""Expressions, and operands of `or`, that no records can ever make true.

Nothing is reported that some records could make true; much that cannot be true goes unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from plainbox.expressions.nodes import (
    BYTES,
    MEMBERSHIP,
    NONE,
    NUMBER,
    ORDERING,
    TEXT,
    And,
    Attribute,
    Call,
    Compare,
    Constant,
    Items,
    Not,
    Or,
    Unreadable,
    children,
    conjuncts,
    kind_of,
)
from plainbox.expressions.tokens import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.expressions.nodes import Node
    from plainbox.expressions.program import Expression, Program

_EQUALITY: Final = frozenset({"==", "is"})
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Impossible:
    """What can never be true and why; `whole` if it keeps the expression from being true."""

    expression: Expression
    start: int
    end: int
    reason: str
    hint: str
    whole: bool


class _Reason(NamedTuple):
    """Why a node is never true; `fails` if its value can never even be told."""

    node: Node
    text: str
    hint: str = ""
    fails: bool = False


def never_true(program: Program) -> list[Impossible]:
    """All that can never be true: whole expressions, and operands of `or` in others."""
    found = []
    for expression in program.expressions:
        judge = _Judge(expression)
        pending = [expression.node]
        while pending:
            node = pending.pop()
            reason = judge.never(node)
            if reason:
                found.append(_impossible(expression, reason, whole=node == expression.node))
            else:
                inner = (part for part in conjuncts(node) if isinstance(part, Or))
                pending.extend(operand for part in inner for operand in part.operands)
    return found


def _impossible(expression: Expression, reason: _Reason, *, whole: bool) -> Impossible:
    node = reason.node
    return Impossible(expression, node.start, node.end, reason.text, reason.hint, whole)


class _Judge:
    """Looks for reasons in one expression."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def never(self, node: Node) -> _Reason | None:  # noqa: PLR0911 - one line a node
        """Why a node is never true, if that can be told."""
        word = _word(node)
        if word:
            return self._unreadable(word)
        match node:
            case Constant():
                return None if node.value else _Reason(node, f"{self._show(node)} is never true")
            case Items():
                return None if node.items else _Reason(node, f"{self._show(node)} is never true")
            case Compare():
                return self._comparison(node)
            case Not():
                return self._negation(node)
            case And():
                return self._conjunction(node)
            case Or():
                return self._disjunction(node)
            case _:
                return None

    def _show(self, node: Node) -> str:
        return f"`{shorten(self._expression.slice(node))}`"

    def _unreadable(self, node: Unreadable) -> _Reason:
        if "." in node.text:
            hint = "values are text and have no attributes"
        else:
            hint = f"write '{node.text}' in quotes, or `{node.text}.attribute`"
        return _Reason(node, f"{self._show(node)} has no value", hint, fails=True)

    def _negation(self, node: Not) -> _Reason | None:
        inner = self.never(node.operand)
        if inner and inner.fails:
            return inner
        if isinstance(node.operand, Constant) and node.operand.value:
            return _Reason(node, f"{self._show(node)} is never true")
        return None

    def _disjunction(self, node: Or) -> _Reason | None:
        reasons = [self.never(operand) for operand in node.operands]
        first = reasons[0]
        if first and (all(reasons) or (first.fails and self._one_part(node))):
            return first._replace(fails=first.fails and self._one_part(node))
        return None

    def _conjunction(self, node: And) -> _Reason | None:
        for position, operand in enumerate(node.operands):
            reason = self.never(operand)
            if reason:
                return reason._replace(fails=reason.fails and not position)
        return self._contradiction(node) if self._one_part(node) else None

    def _one_part(self, node: Node) -> bool:
        """Whether one combination of records is meant by all of a node."""
        return any(
            part.node.start <= node.start and node.end <= part.node.end
            for part in self._expression.parts()
        )

    def _comparison(self, node: Compare) -> _Reason | None:
        for position, (left, symbol, right) in enumerate(node.pairs()):
            word = _word(right)
            reason = self._unreadable(word) if word else self._pair(node, left, symbol, right)
            if reason:
                return reason._replace(fails=reason.fails and not position)
        return self._contradiction(node)

    def _pair(self, node: Compare, left: Node, symbol: str, right: Node) -> _Reason | None:
        one, other = kind_of(left), kind_of(right)
        if symbol in MEMBERSHIP:
            return self._membership(node, left, symbol, right)
        if one is None or other is None:
            return None
        if symbol in ORDERING:
            if one != other or one == NONE:
                text = f"{self._show(left)} and {self._show(right)} have no order"
                return _Reason(node, text, self._hint(left, right), fails=True)
        elif symbol in _EQUALITY and one != other:
            text = f"{self._show(left)} is {one} and never {_verb(symbol)} {self._show(right)}"
            return _Reason(node, text, self._hint(left, right))
        return None

    def _membership(self, node: Compare, left: Node, symbol: str, right: Node) -> _Reason | None:
        one, other = kind_of(left), kind_of(right)
        if other in (NUMBER, NONE) or (other == TEXT and one not in (TEXT, None)):
            text = f"{self._show(left)} cannot be looked for in {self._show(right)}"
            hint = "values are text" if other == TEXT else "write a list of texts"
            return _Reason(node, text, hint, fails=True)
        if symbol != "in" or not isinstance(right, Items) or one is None:
            return None
        kinds = {kind_of(item) for item in right.items}
        if one in kinds or None in kinds:
            return None
        hint = self._hint(left, right.items[0]) if right.items else ""
        return _Reason(node, f"{self._show(left)} is never in {self._show(right)}", hint)

    def _hint(self, left: Node, right: Node) -> str:
        """How to compare what an attribute says with something that is no text."""
        if isinstance(right, Attribute):
            left, right = right, left
        if not isinstance(left, Attribute) or not isinstance(right, Constant | Call):
            return ""
        shown = self._expression.slice(right)
        name = self._expression.slice(left)
        if kind_of(right) == NONE:
            return f"an attribute that a record lacks is an empty text: `{name} == ''`"
        if isinstance(right, Constant) and isinstance(right.value, bool | EllipsisType):
            return f"values are text: write '{shown}' in quotes"
        if kind_of(right) == BYTES:
            return "write the text without the `b`"
        return f"values are text: write `int({name})`" + (
            "" if isinstance(right, Call) else f", or '{shown}' in quotes"
        )

    def _contradiction(self, node: And | Compare) -> _Reason | None:
        """Whether what is demanded of one value cannot be had together."""
        demands: dict[tuple[str, ...], _Demand] = {}
        for conjunct in conjuncts(node):
            if not isinstance(conjunct, Compare):
                continue
            for pair in conjunct.pairs():
                for of, symbol, wanted in _mirrored(*pair):
                    key = _key(of)
                    demand = demands.setdefault(key, _Demand()) if key else None
                    if demand and demand.narrow(symbol, wanted):
                        text = f"no value of {self._show(of)} meets all of this"
                        return _Reason(node, text)
        return None


@dataclass
class _Demand:
    """What is demanded of one value: one of some values, none of others, between bounds."""

    allowed: frozenset[object] | None = None
    refused: set[object] = field(default_factory=set)
    bounds: list[tuple[str, Any]] = field(default_factory=list)

    def narrow(self, symbol: str, wanted: Node) -> bool:
        """Add a demand; tell whether nothing is left."""
        values = _constants(wanted)
        if values is None:
            return False
        among = isinstance(wanted, Items)
        if symbol == "in" if among else symbol in _EQUALITY:
            self.allowed = values if self.allowed is None else self.allowed & values
        elif symbol == ("not in" if among else "!="):
            self.refused |= values
        elif symbol in ORDERING and not among:
            self.bounds.extend((symbol, value) for value in values)
        return self._empty()

    def _empty(self) -> bool:
        if self.allowed is not None:
            left = self.allowed - self.refused
            return not any(all(_within(value, *bound) for bound in self.bounds) for value in left)
        lows = [bound for bound in self.bounds if bound[0] in (">", ">=")]
        highs = [bound for bound in self.bounds if bound[0] in ("<", "<=")]
        return any(_apart(low, high) for low in lows for high in highs)


def _within(value: Any, symbol: str, bound: Any) -> bool:
    """Whether a value may be on the right side of a bound."""
    if not _ordered(value, bound):
        return True
    if symbol in ("<", "<="):
        return bool(value < bound or (symbol == "<=" and value == bound))
    return bool(value > bound or (symbol == ">=" and value == bound))


def _apart(low: tuple[str, Any], high: tuple[str, Any]) -> bool:
    """Whether nothing is above the one and below the other."""
    if not _ordered(low[1], high[1]):
        return False
    if low[1] == high[1]:
        return low[0] == ">" or high[0] == "<"
    return bool(low[1] > high[1])


def _ordered(one: object, other: object) -> bool:
    """Whether two values can be compared with each other."""
    kinds = str if isinstance(one, str) else (int, float)
    return isinstance(one, kinds) and isinstance(other, kinds)


def _word(node: Node) -> Unreadable | None:
    """A word without a value that is met whenever a node is evaluated."""
    pending = [node]
    while pending:
        node = pending.pop()
        match node:
            case Unreadable():
                return node
            case Items() | Call():
                pending.extend(reversed(children(node)))
            case Not() | Compare():
                pending.extend(reversed(children(node)[:2]))
            case _:
                pass
    return None


def _constants(node: Node) -> frozenset[object] | None:
    """The values of a constant or of a list of constants."""
    items = node.items if isinstance(node, Items) else (node,)
    values = [item.value for item in items if isinstance(item, Constant)]
    return frozenset(values) if len(values) == len(items) else None


def _key(node: Node) -> tuple[str, ...] | None:
    """What identifies a value that a combination of records has once."""
    if isinstance(node, Attribute):
        return node.resource, node.attribute
    if isinstance(node, Call) and len(node.arguments) == 1:
        inner = _key(node.arguments[0])
        return None if inner is None else (node.function, *inner)
    return None


def _mirrored(left: Node, symbol: str, right: Node) -> Iterator[tuple[Node, str, Node]]:
    """A comparison as said of its left side, and where possible of its right side."""
    yield left, symbol, right
    if symbol in _MIRRORED or symbol in ("==", "!=", "is"):
        yield right, _MIRRORED.get(symbol, symbol), left


def _verb(symbol: str) -> str:
    return "equals" if symbol == "==" else symbol
