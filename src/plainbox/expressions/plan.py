"""How a combination of records is looked for that meets all of several nodes.

The meaning is that of trying every combination. Work is saved where that cannot be noticed:

* nodes that share no resource are looked at apart from each other;
* an `or` whose first operands cannot fail is looked at operand by operand;
* nodes about one resource sift its records first, by an index where there is an equality;
* resources are joined one after the other, by an index where there is an equality between them,
  and of records that cannot be told apart only one is tried.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from plainbox.expressions.facts import index_of
from plainbox.expressions.nodes import (
    Attribute,
    Compare,
    Constant,
    Items,
    Or,
    attributes,
    cannot_fail,
    conjuncts,
    names,
)
from plainbox.expressions.values import meets, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.expressions.facts import Record, Records, Table
    from plainbox.expressions.nodes import Node
    from plainbox.expressions.values import Combination, Value


class Plan:
    """Looks for a combination that meets all nodes."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        tests = [_Test(found) for node in nodes for found in conjuncts(node)]
        self._constants = [test.value for test in tests if not test.names]
        self._groups = [_Group(group) for group in _connected(tests)]

    def find(self, tables: Mapping[str, Table]) -> dict[str, Record] | None:
        """Records by resource, of those resources that mattered; every table needs a record."""
        if not all(meets(constant, {}) for constant in self._constants):
            return None
        combination: dict[str, Record] = {}
        for group in self._groups:
            found = group.find(tables)
            if found is None:
                return None
            combination.update(found)
        return combination


class _Test:
    """One node that has to be true, and the ways to look up what makes it so."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.names = names(node)
        self.attributes = attributes(node)

    @cached_property
    def value(self) -> Value:
        return value_of(self.node)

    @cached_property
    def values(self) -> tuple[str, tuple[str, ...]] | None:
        """An attribute and the only values of it that are right."""
        if not isinstance(self.node, Compare) or len(self.node.links) > 1:
            return None
        left, symbol, right = next(self.node.pairs())
        if symbol == "==" and isinstance(left, Constant):
            left, right = right, left
        if not isinstance(left, Attribute):
            return None
        if symbol == "in" and isinstance(right, Items):
            constants = [item.value for item in right.items if isinstance(item, Constant)]
            if len(constants) == len(right.items):
                return left.attribute, _texts(constants)
        if symbol == "==" and isinstance(right, Constant):
            return left.attribute, _texts([right.value])
        return None

    @cached_property
    def join(self) -> dict[str, tuple[str, tuple[str, str]]]:
        """By resource: its attribute that has to equal an attribute of another resource."""
        if not isinstance(self.node, Compare) or len(self.node.links) > 1:
            return {}
        left, symbol, right = next(self.node.pairs())
        if symbol != "==" or not isinstance(left, Attribute) or not isinstance(right, Attribute):
            return {}
        return {
            left.resource: (left.attribute, (right.resource, right.attribute)),
            right.resource: (right.attribute, (left.resource, left.attribute)),
        }


class _Group:
    """Tests that are connected by the resources that they read."""

    def __init__(self, tests: Sequence[_Test]) -> None:
        self._names = tuple(dict.fromkeys(name for test in tests for name in test.names))
        self._alone: dict[str, list[_Test]] = {name: [] for name in self._names}
        self._shared: dict[str, list[_Test]] = {name: [] for name in self._names}
        for test in tests:
            for name in test.names:
                (self._alone if len(test.names) == 1 else self._shared)[name].append(test)
        self._alternatives = _alternatives(tests[0].node) if len(tests) == 1 else []

    def find(self, tables: Mapping[str, Table]) -> dict[str, Record] | None:
        for plan in self._alternatives:
            found = plan.find(tables)
            if found is not None:
                return found
        if self._alternatives:
            return None
        if len(self._names) == 1:
            name = self._names[0]
            for record in self._sifted(name, tables[name]):
                return {name: record}
            return None
        return self._search(tables)

    def _sifted(self, name: str, table: Table) -> Iterator[Record]:
        """The records that meet the tests about one resource alone."""
        tests = self._alone[name]
        records = table.records
        lookups = [test for test in tests if test.values]
        for test in lookups:
            found = table.having(*test.values) if test.values else records
            if len(found) <= len(records):
                records, best = found, test
        if lookups:
            tests = [test for test in tests if test is not best]
        if not tests:
            yield from records
            return
        values = [test.value for test in tests]
        combination: dict[str, Record] = {}
        for record in records:
            combination[name] = record
            if all(meets(value, combination) for value in values):
                yield record

    def _search(self, tables: Mapping[str, Table]) -> dict[str, Record] | None:
        """Join one resource after the other; step back where none of its records fits."""
        steps = self._steps(tables)
        if steps is None:
            return None
        combination: dict[str, Record] = {}
        pending = [iter(steps[0].records)]
        while pending:
            step = steps[len(pending) - 1]
            for record in pending[-1]:
                combination[step.name] = record
                if all(meets(value, combination) for value in step.values):
                    break
            else:
                pending.pop()
                continue
            if len(pending) == len(steps):
                return combination
            pending.append(iter(steps[len(pending)].fitting(combination)))
        return None

    def _steps(self, tables: Mapping[str, Table]) -> list[_Step] | None:
        """The order of joining: few records first, then what an equality connects."""
        left = {}
        for name in self._names:
            table = tables[name]
            left[name] = list(self._sifted(name, table)) if self._alone[name] else table.records
            if not left[name]:
                return None
        steps: list[_Step] = []
        bound: set[str] = set()
        joined: set[str] = set()
        while left:
            name = min(left, key=lambda name: (name not in joined, len(left[name])))
            bound.add(name)
            ready = [test for test in self._shared[name] if bound.issuperset(test.names)]
            joined.update(other for test in self._shared[name] for other in test.join)
            whole = None if self._alone[name] else tables[name]
            steps.append(_Step(name, left.pop(name), ready, self._keys(name), whole))
        return steps

    def _keys(self, name: str) -> tuple[str, ...]:
        """The attributes of a resource that tests with other resources read."""
        read = (found for test in self._shared[name] for found in test.attributes)
        return tuple(dict.fromkeys(found.attribute for found in read if found.resource == name))


class _Step:
    """The joining of one resource: its records and the tests that can be made then."""

    __slots__ = ("_index", "_join", "name", "records", "values")

    def __init__(
        self,
        name: str,
        records: Records,
        tests: Sequence[_Test],
        keys: tuple[str, ...],
        table: Table | None,
    ) -> None:
        """`table` is the one that all records of which are meant, if so."""
        self.name = name
        joins = [test for test in tests if test.join]
        self.values = [test.value for test in tests if test not in joins[:1]]
        self.records = records if joins else _distinct(records, keys)
        self._join: tuple[str, str] | None = None
        self._index: Mapping[str, list[Record]] = {}
        if joins:
            attribute, self._join = joins[0].join[name]
            self._index = table.index(attribute) if table else index_of(records, attribute)

    def fitting(self, combination: Combination) -> Records:
        """The records that may fit to those chosen before."""
        if self._join is None:
            return self.records
        other, key = self._join
        return self._index.get(combination[other].get(key, ""), [])


def _texts(constants: Iterable[object]) -> tuple[str, ...]:
    """The distinct texts; nothing else equals the value of an attribute."""
    return tuple(dict.fromkeys(value for value in constants if isinstance(value, str)))


def _distinct(records: Records, keys: tuple[str, ...]) -> Records:
    """One record of each set of records that have the same values."""
    if len(keys) == 1:
        key = keys[0]
        return list({record.get(key, ""): record for record in records}.values())
    return list({tuple(record.get(key, "") for key in keys): record for record in records}.values())


def _connected(tests: Iterable[_Test]) -> list[list[_Test]]:
    """The tests that read resources, in groups that share none."""
    groups: list[tuple[set[str], list[_Test]]] = []
    for test in tests:
        if not test.names:
            continue
        touched = [group for group in groups if not group[0].isdisjoint(test.names)]
        groups = [group for group in groups if group[0].isdisjoint(test.names)]
        merged = set(test.names).union(*(group[0] for group in touched))
        members = list(chain.from_iterable(group[1] for group in touched))
        groups.append((merged, [*members, test]))
    return [members for _, members in groups]


def _alternatives(node: Node) -> list[Plan]:
    """Operands of an `or` that can be tried one by one: those before them cannot fail."""
    if not isinstance(node, Or):
        return []
    operands = node.operands
    safe = 0
    while safe < len(operands) - 1 and cannot_fail(operands[safe]):
        safe += 1
    if not safe:
        return []
    rest = operands[safe:]
    last = rest[0] if len(rest) == 1 else Or(rest, rest[0].start, node.end)
    return [Plan([operand]) for operand in (*operands[:safe], last)]
