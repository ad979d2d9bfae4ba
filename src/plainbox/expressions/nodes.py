"""The syntax tree of one expression, and what it tells without any records.

Every node knows the range of characters that it was written with, counted from the start of the
text of the field. Parentheses leave no node; chains of `and` and `or` are flat. Values of
attributes are always text, so it is known of most operands what they are, and which comparisons
can fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator


TEXT: Final = "text"
NUMBER: Final = "a number"
BYTES: Final = "bytes"
LIST: Final = "a list"
TUPLE: Final = "a tuple"
NONE: Final = "`None`"
OTHER: Final = "`...`"
ORDERING: Final = frozenset({"<", "<=", ">", ">="})
MEMBERSHIP: Final = frozenset({"in", "not in"})
_CONSTANTS: Final = ((str, TEXT), (bytes, BYTES), (int | float | complex, NUMBER))


class Constant(NamedTuple):
    """A literal: text, bytes, number, `True`, `False`, `None` or `...`."""

    value: object
    start: int
    end: int


class Attribute(NamedTuple):
    """The value that a record of a resource has under a key: `package.name`."""

    resource: str
    attribute: str
    start: int
    end: int


class Unreadable(NamedTuple):
    """What may be written but has no value: a bare word, or an attribute of a value."""

    text: str
    start: int
    end: int


class Items(NamedTuple):
    """A list or a tuple; `kind` is the one or the other."""

    items: tuple[Node, ...]
    kind: type[list[object] | tuple[object, ...]]
    start: int
    end: int


class Call(NamedTuple):
    """A conversion: `len`, `bool`, `int` or `float`."""

    function: str
    arguments: tuple[Node, ...]
    start: int
    end: int


class Link(NamedTuple):
    """One operator of a comparison and what stands on its right."""

    operator: str
    right: Node


class Compare(NamedTuple):
    """A comparison, or a chain of them."""

    left: Node
    links: tuple[Link, ...]
    start: int
    end: int

    def pairs(self) -> Iterator[tuple[Node, str, Node]]:
        """The single comparisons that all have to hold."""
        left = self.left
        for operator, right in self.links:
            yield left, operator, right
            left = right


class Not(NamedTuple):
    """A negation."""

    operand: Node
    start: int
    end: int


class And(NamedTuple):
    """Two or more operands joined by `and`."""

    operands: tuple[Node, ...]
    start: int
    end: int


class Or(NamedTuple):
    """Two or more operands joined by `or`."""

    operands: tuple[Node, ...]
    start: int
    end: int


Node: TypeAlias = "Constant | Attribute | Unreadable | Items | Call | Compare | Not | And | Or"


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node, in the order in which they are written."""
    match node:
        case Items():
            return node.items
        case Call():
            return node.arguments
        case Compare():
            return (node.left, *(link.right for link in node.links))
        case Not():
            return (node.operand,)
        case And() | Or():
            return node.operands
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order in which they are written."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))


def attributes(node: Node) -> dict[Attribute, None]:
    """All attributes that a node reads, in the order in which they are written."""
    return {found: None for found in walk(node) if isinstance(found, Attribute)}


def names(node: Node) -> tuple[str, ...]:
    """The resources that a node reads, in the order in which they are first named."""
    return tuple(dict.fromkeys(attribute.resource for attribute in attributes(node)))


def conjuncts(node: Node) -> list[Node]:
    """What all has to be true for a node to be true, and suffices."""
    found: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, And):
            pending.extend(reversed(node.operands))
        else:
            found.append(node)
    return found


def kind_of(node: Node) -> str | None:
    """What the value of a node is, if it has one; `None` where that depends on the records."""
    match node:
        case Constant():
            if node.value is None:
                return NONE
            return next((kind for of, kind in _CONSTANTS if isinstance(node.value, of)), OTHER)
        case Attribute():
            return TEXT
        case Items():
            return LIST if node.kind is list else TUPLE
        case Call() | Compare() | Not():
            return NUMBER
        case _:
            return None


def cannot_fail(node: Node) -> bool:
    """Whether the value of a node can be told for all records."""
    if isinstance(node, Unreadable):
        return False
    if isinstance(node, Call) and not _safe_call(node):
        return False
    if isinstance(node, Compare) and not all(_safe_pair(*pair) for pair in node.pairs()):
        return False
    return all(cannot_fail(child) for child in children(node))


def _safe_call(node: Call) -> bool:
    if node.function == "bool":
        return len(node.arguments) <= 1
    return (
        node.function == "len" and len(node.arguments) == 1 and kind_of(node.arguments[0]) == TEXT
    )


def _safe_pair(left: Node, symbol: str, right: Node) -> bool:
    if symbol in ORDERING:
        return kind_of(left) == kind_of(right) == TEXT
    if symbol in MEMBERSHIP:
        return isinstance(right, Items) or kind_of(left) == kind_of(right) == TEXT
    return True
