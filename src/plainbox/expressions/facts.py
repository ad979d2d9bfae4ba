"""The records that expressions are evaluated against, with indexes that make it quick.

A `Table` holds the records of one resource and is never changed: what is found out about them
stays true, so a table should live as long as its records. `Facts` name tables in the way that
the expressions of one job do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Record: TypeAlias = Mapping[str, str]
Records: TypeAlias = Sequence[Record]


class Table:
    """The records of one resource; an attribute that a record lacks is an empty text."""

    __slots__ = ("_indexes", "records")

    def __init__(self, records: Records) -> None:
        self.records = records
        self._indexes: dict[str, dict[str, list[Record]]] = {}

    def index(self, attribute: str) -> dict[str, list[Record]]:
        """The records by the value of an attribute, in order."""
        index = self._indexes.get(attribute)
        if index is None:
            index = self._indexes[attribute] = index_of(self.records, attribute)
        return index

    def having(self, attribute: str, values: Iterable[str]) -> Records:
        """The records of which an attribute has one of some distinct values."""
        index = self.index(attribute)
        found = [index[value] for value in values if value in index]
        return found[0] if len(found) == 1 else list(chain.from_iterable(found))


class Facts:
    """The tables of resources by the names that expressions use."""

    __slots__ = ("tables",)

    def __init__(self, resources: Mapping[str, Records | Table]) -> None:
        self.tables: Mapping[str, Table] = {
            name: records if isinstance(records, Table) else Table(records)
            for name, records in resources.items()
        }

    def named(self, names: Mapping[str, str]) -> Facts:
        """The same tables under other names; `names` maps each to the present one."""
        tables = self.tables
        return Facts({name: tables[old] for name, old in names.items() if old in tables})


def index_of(records: Iterable[Record], attribute: str) -> dict[str, list[Record]]:
    """Records by the value of an attribute."""
    index: dict[str, list[Record]] = {}
    for record in records:
        index.setdefault(record.get(attribute, ""), []).append(record)
    return index
