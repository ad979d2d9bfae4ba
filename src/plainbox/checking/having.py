"""The fields that a unit has, of the kinds that a rule is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plainbox.fields import Field, Unit
    from plainbox.records import Entry

_TABLES: dict[tuple[type, object], tuple[object, tuple[tuple[str, Field[Any]], ...]]] = {}
"""The fields of each type that are of certain kinds; nobody looks through all of them twice."""


def fields_of(
    unit: Unit, kinds: type | tuple[type, ...]
) -> Iterator[tuple[str, Field[Any], Entry]]:
    """Key, field and entry of each, in the order of the type."""
    entries = unit.record.entries
    for key, field in _fields(type(unit), unit.fields, kinds):
        entry = entries.get(f"_{key}") or entries.get(key)
        if entry is not None:
            yield key, field, entry


def _fields(
    of: type[Unit], fields: Mapping[str, Field[Any]], kinds: type | tuple[type, ...]
) -> tuple[tuple[str, Field[Any]], ...]:
    known = _TABLES.get((of, kinds))
    if known is None or known[0] is not fields:  # an extension has added some
        found = tuple((key, each) for key, each in fields.items() if isinstance(each.kind, kinds))
        known = _TABLES[of, kinds] = (fields, found)
    return known[1]
