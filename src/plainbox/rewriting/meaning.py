"""What a record says, however it is written: the measure of a conversion.

Texts count without whitespace around them, lists by their items, whether they were written as
words, as lines or as YAML. Fields that no unit type declares count as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from plainbox.fields import (
    BadValue,
    Flags,
    Imports,
    IncludeList,
    JsonObject,
    JsonObjects,
    OverrideList,
    Reading,
    Requirements,
    ResourceProgram,
    UnitIds,
    Variables,
    Words,
)
from plainbox.rewriting.json_text import decoded
from plainbox.rewriting.schema import declared, language

if TYPE_CHECKING:
    from plainbox.fields import Kind
    from plainbox.records import Record

_BLANK_LINES = re.compile(r"^[^\S\n]+$", re.MULTILINE)

LINES: Final = (ResourceProgram, Imports, OverrideList)
"""Kinds whose values are lines."""
IDS: Final = (UnitIds, Requirements)
"""Kinds whose values are words that can be quoted."""
WORDS: Final = (Words, Flags, Variables)
"""Kinds whose values are words that cannot be quoted."""
JSON: Final = (JsonObjects, JsonObject)
"""Kinds whose values are JSON."""


def meaning(record: Record) -> dict[str, object]:
    """The values by key as written; two records that say the same have equal ones."""
    fields = declared(record)
    found: dict[str, object] = {}
    for key, entry in record.entries.items():
        if entry.value is None:
            continue
        field = fields.get(key.removeprefix("_"))
        kind = field.kind if field else None
        found[key] = _meaning(kind, entry.value, language(record, key))
    return found


def _meaning(kind: Kind[Any] | None, value: object, engine: str) -> object:
    if isinstance(kind, JSON):
        return decoded(value, engine) if isinstance(value, str) else value
    if isinstance(kind, LINES) or not isinstance(kind, (*IDS, *WORDS, IncludeList)):
        return lines_of(value, comments=not isinstance(kind, LINES))
    reading = Reading("")
    try:
        parsed: Any = kind.parse(value, reading)
    except BadValue:
        return lines_of(value)
    if isinstance(kind, IncludeList):
        parsed = [(line.pattern.text, line.overrides) for line in parsed]
    return parsed, [fault.message for fault in reading.faults]


def lines_of(value: object, *, comments: bool = True) -> object:
    """The lines of a text or the items of a list, without whitespace around the whole."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "\n".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value if isinstance(value, (dict, list)) else str(value)
    if comments:
        return _BLANK_LINES.sub("", value.strip())
    lines = [line.strip() for line in value.split("\n")]
    return [line for line in lines if line and not line.startswith("#")]
