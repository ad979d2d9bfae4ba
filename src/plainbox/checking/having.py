"""The fields that a unit has, of the kinds that a rule is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.fields import Field, Unit
    from plainbox.records import Entry


def fields_of(
    unit: Unit, kinds: type | tuple[type, ...]
) -> Iterator[tuple[str, Field[Any], Entry]]:
    """Key, field and entry of each, in the order of the text."""
    fields, record = unit.fields, unit.record
    for key, entry in record.entries.items():
        name = key if key in fields else key.removeprefix("_")
        field = fields.get(name)
        if field is not None and isinstance(field.kind, kinds) and record.get(name) is entry:
            yield name, field, entry
