"""Which comparisons keep a combination of records from meeting an expression.

Whatever change makes the expression true changes something that one of them reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plainbox.expressions.nodes import And, Not, Or, attributes, conjuncts
from plainbox.expressions.values import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from plainbox.expressions.nodes import Node
    from plainbox.expressions.values import Combination, Value

    Places: TypeAlias = Mapping[str, tuple[str, int]]


class View(NamedTuple):
    """The records that a name means: all of a table, or only one of them."""

    table: str
    only: int | None = None


class Cell(NamedTuple):
    """One attribute of one record of a table."""

    table: str
    record: int
    attribute: str


class Atom(NamedTuple):
    """A node that has to be true, or untrue, and what is in it that can be told apart no more."""

    node: Node
    wanted: bool


class Judge:
    """Tells how nodes fare with combinations of records; it makes each node ready only once."""

    def __init__(self) -> None:
        self._ready: dict[int, tuple[Node, Value]] = {}

    def holds(self, atom: Atom, combination: Combination) -> bool:
        """Whether a node is as it has to be; one that cannot be told never is."""
        ready = self._ready.get(id(atom.node))
        if ready is None:
            ready = self._ready[id(atom.node)] = (atom.node, value_of(atom.node))
        try:
            return bool(ready[1](combination)) is atom.wanted
        except (TypeError, ValueError, ArithmeticError):
            return False

    def blame(self, atom: Atom, combination: Combination) -> Iterator[Atom]:
        """The comparisons of which one has to change for a node to be as wanted."""
        node, wanted = atom
        if isinstance(node, Not):
            yield from self.blame(Atom(node.operand, not wanted), combination)
        elif not isinstance(node, And | Or):
            yield atom
        elif isinstance(node, Or) is wanted:
            for operand in node.operands:
                yield from self.blame(Atom(operand, wanted), combination)
        else:
            for operand in node.operands:
                inner = Atom(operand, wanted)
                if not self.holds(inner, combination):
                    yield from self.blame(inner, combination)
                    return

    def fewest(self, node: Node, combination: Combination, where: Places) -> int:
        """So many cells have to change at the least."""
        used: set[Cell] = set()
        number = 0
        for operand in conjuncts(node):
            if self.holds(Atom(operand, wanted=True), combination):
                continue
            cells = cells_of(operand, where)
            if used.isdisjoint(cells):
                used.update(cells)
                number += 1
        return number


def cells_of(node: Node, where: Places) -> list[Cell]:
    """The cells that a node reads, by the table and record that each name means."""
    read = [(found.resource, found.attribute) for found in attributes(node)]
    return list(dict.fromkeys(Cell(*where[name], attribute) for name, attribute in read))
