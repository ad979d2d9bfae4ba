"""From nodes to functions that tell their value for one combination of records.

The meaning is Python's. A combination for which a value cannot be told, because a comparison or a
conversion fails, does not meet the expression.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from plainbox.expressions.nodes import (
    And,
    Attribute,
    Call,
    Compare,
    Constant,
    Items,
    Not,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plainbox.expressions.facts import Record
    from plainbox.expressions.nodes import Node

Combination: TypeAlias = "Mapping[str, Record]"
Value: TypeAlias = "Callable[[Combination], Any]"

_FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "len": len,
    "bool": bool,
    "int": int,
    "float": float,
}


def same(left: object, right: object) -> bool:
    """What `is` means: equal values of one type; lists are never the same."""
    return type(left) is type(right) and left == right and not isinstance(left, list)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], object]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": same,
    "is not": lambda left, right: not same(left, right),
}


def meets(value: Value, combination: Combination) -> bool:
    """Whether a value can be told and counts as true."""
    try:
        return bool(value(combination))
    except (TypeError, ValueError, ArithmeticError):
        return False


def value_of(node: Node) -> Value:  # noqa: PLR0911 - one line a node
    """The function that tells the value of a node; it may raise what `meets` catches."""
    match node:
        case Constant():
            return _constant(node.value)
        case Attribute():
            return _attribute(node)
        case Unreadable():
            return _unreadable(node)
        case Items():
            return _items(node)
        case Call():
            return _call(node)
        case Compare():
            return _comparison(node)
        case Not():
            operand = value_of(node.operand)
            return lambda combination: not operand(combination)
        case And():
            return _logic(node.operands, until=False)
        case _:
            return _logic(node.operands, until=True)


def _constant(value: object) -> Value:
    return lambda _: value


def _attribute(node: Attribute) -> Value:
    resource, attribute = node.resource, node.attribute
    return lambda combination: combination[resource].get(attribute, "")


def _unreadable(node: Unreadable) -> Value:
    def value(_: Combination) -> object:
        raise ValueError(node.text)

    return value


def _items(node: Items) -> Value:
    kind = node.kind
    if all(isinstance(item, Constant) for item in node.items):
        constants = kind(item.value for item in node.items if isinstance(item, Constant))
        return lambda _: constants
    items = [value_of(item) for item in node.items]
    return lambda combination: kind(item(combination) for item in items)


def _call(node: Call) -> Value:
    function = _FUNCTIONS[node.function]
    arguments = [value_of(argument) for argument in node.arguments]
    return lambda combination: function(*[argument(combination) for argument in arguments])


def _comparison(node: Compare) -> Value:
    first = value_of(node.left)
    links = [(_OPERATORS[symbol], value_of(right)) for symbol, right in node.links]
    if len(links) == 1:
        compare, second = links[0]
        return lambda combination: compare(first(combination), second(combination))

    def value(combination: Combination) -> object:
        left = first(combination)
        result: object = True
        for compare, right_of in links:
            right = right_of(combination)
            result = compare(left, right)
            if not result:
                break
            left = right
        return result

    return value


def _logic(operands: tuple[Node, ...], *, until: bool) -> Value:
    """The first operand that counts as `until`, else the last one."""
    values = [value_of(operand) for operand in operands]

    def value(combination: Combination) -> object:
        result: object = None
        for operand in values:
            result = operand(combination)
            if bool(result) is until:
                break
        return result

    return value
