"""Values that an attribute could have to make comparisons true.

For each attribute these are the constants that it is compared with, there or through others that
it is compared with; what stands next to them in order and length; what other records have; none.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from plainbox.expressions.blame import cells_of
from plainbox.expressions.nodes import (
    And,
    Call,
    Constant,
    Not,
    Or,
    attributes,
    children,
    names,
    walk,
)
from plainbox.expressions.values import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeGuard

    from plainbox.expressions.blame import Atom, Cell, Judge, View
    from plainbox.expressions.facts import Record, Records
    from plainbox.expressions.nodes import Node

    Key: TypeAlias = tuple[str, str]

_OTHERS: Final = 6
"""How many values that other records have are tried."""
_LONGEST: Final = 200
"""The longest text that is made only for its length."""
_GREATEST: Final = 10**15
"""The greatest number that others are made from."""


class Ideas:
    """What could be written into the cells that some expressions read."""

    def __init__(
        self,
        nodes: Iterable[tuple[Node, Mapping[str, View]]],
        tables: Mapping[str, Records],
        judge: Judge,
    ) -> None:
        self._tables = tables
        self._judge = judge
        self._readers: Counter[Key] = Counter()
        self._constants: dict[Key, dict[str, None]] = {}
        self._derived: dict[Key, dict[str, None]] = {}
        self._alone: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {}
        linked: list[tuple[Key, ...]] = []
        for node, views in nodes:
            for atom in _atoms(node):
                keys = [(views[at.resource].table, at.attribute) for at in attributes(atom)]
                self._readers.update(set(keys))
                linked.append(tuple(keys))
                for key in keys:
                    self._constants.setdefault(key, {}).update(dict.fromkeys(_texts(atom)))
                    self._derived.setdefault(key, {}).update(dict.fromkeys(_neighbours(atom)))
                named = names(atom)
                if len(named) == 1:
                    test = (named[0], value_of(atom))
                    self._alone.setdefault(views[named[0]].table, []).append(test)
        self._share(linked)

    def _share(self, linked: Iterable[tuple[Key, ...]]) -> None:
        """Let attributes that are compared with each other have the same ideas."""
        self._kin: dict[Key, dict[Key, None]] = {key: {key: None} for key in self._constants}
        for keys in linked:
            for key in keys[1:]:
                if self._kin[key] is not self._kin[keys[0]]:
                    self._kin[keys[0]].update(self._kin[key])
                    for other in self._kin[key]:
                        self._kin[other] = self._kin[keys[0]]
        for ideas in (self._constants, self._derived):
            own = {key: tuple(values) for key, values in ideas.items()}
            for key in own:
                ideas[key].update((value, None) for it in self._kin[key] for value in own[it])

    def alone(self, table: str) -> Sequence[tuple[str, Callable[[Any], Any]]]:
        """The comparisons that read one table only, with the name that they have for it."""
        return self._alone.get(table, ())

    def values(
        self,
        atom: Atom,
        cell: Cell,
        bound: Mapping[str, Record],
        where: Mapping[str, tuple[str, int]],
    ) -> Iterator[str]:
        """What to write into a cell that a comparison reads, the most likely first."""
        key = (cell.table, cell.attribute)
        place = cell[:2]
        aliases = [name for name, record in where.items() if record == place]
        now = bound[aliases[0]].get(cell.attribute, "")
        cells = cells_of(atom.node, where)
        found = dict.fromkeys(
            value
            for other in cells
            if other != cell
            for name, record in where.items()
            if record == other[:2]
            for value in [bound[name].get(other.attribute, "")]
        )
        found.update(dict.fromkeys(self._all(key)))
        found.pop(now, None)
        for value in found:
            if len(cells) == 1:
                changed = {**bound[aliases[0]], cell.attribute: value}
                if not self._judge.holds(atom, {**bound, **dict.fromkeys(aliases, changed)}):
                    continue
            yield value
            if len(cells) == 1 and self._readers[key] == 1:
                return

    def _all(self, key: Key) -> Iterator[str]:
        yield from self._constants[key]
        for table, attribute in self._kin[key]:
            records = self._tables.get(table, ())
            others = dict.fromkeys(record.get(attribute, "") for record in records[:_LONGEST])
            yield from [value for value in others if value][:_OTHERS]
        yield ""
        yield from self._derived[key]
        yield "x"


def _atoms(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, And | Or | Not):
            pending.extend(children(node))
        else:
            yield node


def _texts(atom: Node) -> Iterator[str]:
    """The constants of a comparison, as a record would have them."""
    for node in walk(atom):
        if isinstance(node, Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, Constant) and _is_number(node.value):
            yield str(node.value)


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number that can be counted with."""
    return isinstance(value, int | float) and abs(value) <= _GREATEST


def _neighbours(atom: Node) -> Iterator[str]:
    """Values just before and behind constants, and of a length close to them."""
    lengths = any(isinstance(node, Call) and node.function == "len" for node in walk(atom))
    for node in walk(atom):
        value = node.value if isinstance(node, Constant) else None
        if isinstance(value, str):
            yield value + "0"
            yield value + "x"
        elif _is_number(value):
            yield from (str(value + by) for by in (1, -1))
            if isinstance(value, float):
                yield from (str(int(value) + by) for by in (0, 1, -1))
            if lengths and 0 <= value <= _LONGEST:
                yield from ("x" * (int(value) + by) for by in (0, 1, -1))
    yield from ("0", "1")
