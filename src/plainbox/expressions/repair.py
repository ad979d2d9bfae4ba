"""The smallest change of records that makes programs true.

A change sets attributes of records that are there, or of new ones; a new record counts as one
change more. The search asks of an expression that is not true which comparisons keep which
combination of records from meeting it: any change that helps touches one of those. It allows
one change, then two, and so on, so the first changes found are the smallest, as far as the
values that `Ideas` has suffice: they do for comparisons with constants and between resources.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from plainbox.expressions.blame import Atom, Cell, Judge, View, cells_of
from plainbox.expressions.evaluation import is_true, witness
from plainbox.expressions.facts import Facts, Table
from plainbox.expressions.ideas import Ideas
from plainbox.expressions.values import meets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from plainbox.expressions.facts import Record, Records
    from plainbox.expressions.program import Expression, Part, Program

    Edits: TypeAlias = Mapping[Cell, str]
    Combination: TypeAlias = Mapping[str, tuple[str, int]]

_SPARE: Final = 7
"""How many changes more than the least that could do are tried."""
_EFFORT: Final = 8_000
"""How many combinations of records are looked at before one change more is allowed."""
_RECORDS: Final = 60
"""How many records of one resource are tried: those that meet most."""
_SOLUTIONS: Final = 24


class Goal(NamedTuple):
    """A program that has to be true, and which records its names mean."""

    program: Program
    views: Mapping[str, View]


class Edit(NamedTuple):
    """A value that an attribute of a record has to have; `before` is None in a new record."""

    cell: Cell
    value: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Repair:
    """Edits that make all goals true; numbers of new records follow those that are there."""

    edits: tuple[Edit, ...]

    def applied(self, tables: Mapping[str, Records]) -> dict[str, Records]:
        """The tables with the edits made."""
        changed: dict[str, Records] = dict(tables)
        for name in dict.fromkeys(edit.cell.table for edit in self.edits):
            values: dict[int, dict[str, str]] = {}
            for (table, number, attribute), value, _ in self.edits:
                if table == name:
                    values.setdefault(number, {})[attribute] = value
            records = list(tables.get(name, ()))
            for number in sorted(values):
                if number < len(records):
                    records[number] = {**records[number], **values[number]}
                else:
                    records.append(values[number])
            changed[name] = records
        return changed


def repairs(
    goals: Sequence[Goal], tables: Mapping[str, Records], fixed: Collection[Cell] = ()
) -> Iterator[Repair]:
    """Changes that make all goals true, the smallest first; a table that is missing is empty.

    Cells that are `fixed` keep their values. Nothing comes where no change is found.
    """
    found = [_Search(group, tables, fixed).solutions() for group in _groups(_expressions_of(goals))]
    choices = sorted(product(*found), key=lambda choice: sum(cost for cost, _ in choice))
    for choice in choices:
        edits = {cell: value for _, part in choice for cell, value in part.items()}
        yield Repair(tuple(_edit(cell, edits[cell], tables) for cell in sorted(edits)))


def _edit(cell: Cell, value: str, tables: Mapping[str, Records]) -> Edit:
    records = tables.get(cell.table, ())
    there = cell.record < len(records) and records[cell.record]
    return Edit(cell, value, there.get(cell.attribute, "") if there else None)


class _Wanted(NamedTuple):
    """One expression that has to be true."""

    expression: Expression
    views: Mapping[str, View]

    @property
    def reads(self) -> set[tuple[str, str]]:
        """The tables and attributes on which it depends."""
        return {(self.views[name].table, key) for name, key in self.expression.attributes}


def _expressions_of(goals: Iterable[Goal]) -> list[_Wanted]:
    wanted = [_Wanted(it, goal.views) for goal in goals for it in goal.program.expressions]
    seen: set[tuple[object, ...]] = set()
    unique = []
    for it in wanted:
        key = (it.expression.text, *sorted(it.views.items()))
        if key not in seen:
            seen.add(key)
            unique.append(it)
    return unique


def _groups(wanted: Iterable[_Wanted]) -> list[list[_Wanted]]:
    """Expressions that share no table are no business of each other."""
    groups: list[tuple[set[str], list[_Wanted]]] = []
    for it in wanted:
        tables = {it.views[name].table for name in it.expression.names}
        near = [group for group in groups if group[0] & tables]
        groups = [group for group in groups if not group[0] & tables]
        groups.append((tables.union(*(g[0] for g in near)), [*(i for g in near for i in g[1]), it]))
    return [members for _, members in groups]


class _Search:
    """The search for changes that make some expressions true."""

    def __init__(
        self, wanted: Sequence[_Wanted], tables: Mapping[str, Records], fixed: Collection[Cell]
    ) -> None:
        self._wanted = wanted
        self._tables = tables
        self._fixed = fixed
        self._judge = Judge()
        nodes = [(it.expression.node, it.views) for it in wanted]
        self._ideas = Ideas(nodes, tables, self._judge)
        self._views: dict[tuple[object, ...], Table] = {}
        self._near: dict[View, list[int]] = {}
        self._effort = _EFFORT
        self._seen: dict[frozenset[tuple[Cell, str]], int] = {}

    def solutions(self) -> list[tuple[int, Edits]]:
        """The smallest changes, the most likely first, each with its size; maybe none."""
        least = self._least({})
        for budget in range(least, least + _SPARE + 1):
            self._seen.clear()
            self._effort = _EFFORT
            found = list(islice(self._fix({}, budget), _SOLUTIONS))
            if found:
                unique = {frozenset(edits.items()): edits for edits in found}
                return [(budget, it) for it in sorted(unique.values(), key=self._odd)]
        return []

    def _fix(self, edits: Edits, budget: int) -> Iterator[Edits]:
        """Make everything true with so many changes more."""
        known = frozenset(edits.items())
        if self._seen.get(known, -1) >= budget or self._effort <= 0:
            return
        self._seen[known] = budget
        failing = self._failing(edits)
        if failing is None:
            yield edits
            return
        if budget <= 0 or self._least(edits) > budget:
            return
        for part in self._parts(failing, edits):
            for where in self._combinations(part, failing.views, edits):
                for changed, left in self._satisfy(part, where, edits, budget):
                    yield from self._fix(changed, left)

    def _satisfy(
        self, part: Part, where: Combination, edits: Edits, budget: int
    ) -> Iterator[tuple[Edits, int]]:
        """Make one combination of records meet a part; what each came to and what is left."""
        self._effort -= 1
        bound = {name: self._record(*place, edits) for name, place in where.items()}
        whole = Atom(part.node, wanted=True)
        if self._judge.holds(whole, bound):
            yield edits, budget
            return
        if budget <= 0 or self._effort <= 0:
            return
        if self._judge.fewest(part.node, bound, where) > budget:
            return
        for atom in self._judge.blame(whole, bound):
            for cell in cells_of(atom.node, where):
                price = 1 + self._makes_record(cell, edits)
                if price > budget or cell in edits or cell in self._fixed:
                    continue
                for value in self._ideas.values(atom, cell, bound, where):
                    yield from self._satisfy(part, where, {**edits, cell: value}, budget - price)

    def _makes_record(self, cell: Cell, edits: Edits) -> bool:
        """Whether setting this cell makes a record where there was none."""
        records = self._tables.get(cell.table, ())
        if cell.record < len(records) and records[cell.record]:
            return False
        return not any(it.table == cell.table and it.record == cell.record for it in edits)

    def _failing(self, edits: Edits) -> _Wanted | None:
        return next((it for it in self._wanted if not self._true(it, edits)), None)

    def _true(self, wanted: _Wanted, edits: Edits) -> bool:
        return is_true(wanted.expression, self._facts(wanted.views, edits))

    def _least(self, edits: Edits) -> int:
        """So many changes are needed at the least: expressions that read nothing in common."""
        used: set[tuple[str, str]] = set()
        number = 0
        for wanted in self._wanted:
            if used.isdisjoint(wanted.reads) and not self._true(wanted, edits):
                used |= wanted.reads
                number += 1
        return number

    def _parts(self, wanted: _Wanted, edits: Edits) -> Iterator[Part]:
        """Of each alternative the first part that no records meet."""
        facts = self._facts(wanted.views, edits)
        for alternative in wanted.expression.alternatives:
            yield from islice((it for it in alternative if witness(it, facts) is None), 1)

    def _combinations(
        self, part: Part, views: Mapping[str, View], edits: Edits
    ) -> Iterator[Combination]:
        """Every choice of a record for each name."""
        tables = [views[name].table for name in part.names]
        for numbers in product(*(self._numbers(views[name], edits) for name in part.names)):
            places = zip(tables, numbers, strict=True)
            yield dict(zip(part.names, places, strict=True))

    def _numbers(self, view: View, edits: Edits) -> list[int]:
        """The records that a name may mean: those that are there, those made, and a new one."""
        if view.only is not None:
            return [view.only]
        count = len(self._tables.get(view.table, ()))
        made = {cell.record for cell in edits if cell.table == view.table and cell.record >= count}
        touched = {cell.record for cell in edits if cell.table == view.table} - made
        there = self._nearest(view)
        number = max([count - 1, *made]) + 1
        return [*there, *sorted(touched - set(there)), *sorted(made), number]

    def _nearest(self, view: View) -> list[int]:
        """The records of a table worth trying: of equal ones a few, of many those that fit best."""
        near = self._near.get(view)
        if near is None:
            records = self._tables.get(view.table, ())
            keys = sorted(
                {key for it in self._wanted for table, key in it.reads if table == view.table}
            )
            alike: Counter[tuple[str, ...]] = Counter()
            near = []
            for number, record in enumerate(records):
                shown = tuple(record.get(key, "") for key in keys)
                alike[shown] += 1
                if alike[shown] <= 2:  # noqa: PLR2004 - one to change and one to keep
                    near.append(number)
            near.sort(key=lambda number: self._faults(view.table, number))
            near = self._near[view] = near[:_RECORDS]
        return near

    def _faults(self, table: str, number: int) -> int:
        """How many comparisons a record does not meet, of those that read nothing else."""
        record = self._record(table, number, {})
        return sum(not meets(value, {name: record}) for name, value in self._ideas.alone(table))

    def _record(self, table: str, number: int, edits: Edits) -> Record:
        records = self._tables.get(table, ())
        record = records[number] if number < len(records) else {}
        own = {it.attribute: value for it, value in edits.items() if it[:2] == (table, number)}
        return {**record, **own} if own else record

    def _facts(self, views: Mapping[str, View], edits: Edits) -> Facts:
        return Facts({name: self._table(view, edits) for name, view in views.items()})

    def _table(self, view: View, edits: Edits) -> Table:
        own = {cell: value for cell, value in edits.items() if cell.table == view.table}
        key = (view, frozenset(own.items()))
        table = self._views.get(key)
        if table is None:
            count = len(self._tables.get(view.table, ()))
            numbers: Iterable[int] = range(count)
            if view.only is not None:
                numbers = (view.only,)
            else:
                numbers = [*numbers, *sorted({it.record for it in own if it.record >= count})]
            records = [self._record(view.table, number, own) for number in numbers]
            table = self._views[key] = Table(records)
        return table

    def _odd(self, edits: Edits) -> tuple[object, ...]:
        """How unlikely a change is: what tells records apart stays, what is there is used."""
        identifying = absent = made = 0
        for cell in edits:
            records = self._tables.get(cell.table, ())
            if cell.record >= len(records):
                made += 1
                continue
            absent += cell.attribute not in records[cell.record]
            values = [record.get(cell.attribute, "") for record in records]
            identifying += len(values) > 1 and len(set(values)) == len(values)
        return identifying, made, absent, sorted(edits)
