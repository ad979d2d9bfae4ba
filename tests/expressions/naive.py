"""The meaning of expressions in its simplest form: try every combination of records.

Written against the description of the language, not against the evaluator that it checks.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from plainbox.expressions import nodes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.expressions import Expression, Part, Records


def naive_true(expression: Expression, resources: Mapping[str, Records]) -> bool:
    return any(
        all(_met(part, resources) for part in alternative)
        for alternative in expression.alternatives
    )


def _met(part: Part, resources: Mapping[str, Records]) -> bool:
    combinations = product(*(resources[name] for name in part.names))
    return any(_meets(part, dict(zip(part.names, found, strict=True))) for found in combinations)


def _meets(part: Part, bound: Mapping[str, Mapping[str, str]]) -> bool:
    try:
        return bool(_value(part.node, bound))
    except (TypeError, ValueError, OverflowError):
        return False


def _value(node: nodes.Node, bound: Mapping[str, Mapping[str, str]]) -> Any:  # noqa: PLR0911 - one case a node
    match node:
        case nodes.Constant():
            return node.value
        case nodes.Attribute():
            return bound[node.resource].get(node.attribute, "")
        case nodes.Unreadable():
            raise ValueError
        case nodes.Items():
            return node.kind(_value(item, bound) for item in node.items)
        case nodes.Call():
            arguments = [_value(argument, bound) for argument in node.arguments]
            function: Any = {"len": len, "int": int, "bool": bool, "float": float}[node.function]
            return function(*arguments)
        case nodes.Compare():
            return _compare(node, bound)
        case nodes.Not():
            return not _value(node.operand, bound)
        case nodes.And():
            return _first(node.operands, bound, until=False)
        case nodes.Or():
            return _first(node.operands, bound, until=True)


def _first(
    operands: tuple[nodes.Node, ...], bound: Mapping[str, Mapping[str, str]], *, until: bool
) -> Any:
    for operand in operands[:-1]:
        value = _value(operand, bound)
        if bool(value) is until:
            return value
    return _value(operands[-1], bound)


def _compare(node: nodes.Compare, bound: Mapping[str, Mapping[str, str]]) -> Any:
    left = _value(node.left, bound)
    for operator, operand in node.links:
        right = _value(operand, bound)
        if not _holds(left, operator, right):
            return False
        left = right
    return True


def _holds(left: Any, operator: str, right: Any) -> Any:  # noqa: PLR0911 - a table of ten
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "in":
            return left in right
        case "not in":
            return left not in right
        case "is":
            return type(left) is type(right) and left == right and type(left) is not list
        case _:
            return not (type(left) is type(right) and left == right and type(left) is not list)
