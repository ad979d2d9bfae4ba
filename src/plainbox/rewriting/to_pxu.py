"""YAML to PXU: each document a record in canonical layout, each value as text of its kind.

A list becomes words or lines, a pattern with overrides a line of both, JSON fields become JSON.
Comments stay in front of what they stood in front of. Each record is read back: a unit that PXU
has no words for stops the conversion.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plainbox.diagnostics import Diagnostic, Sink
from plainbox.fields import IncludeList, UnitIds
from plainbox.records import format_record, read_pxu, read_yaml
from plainbox.rewriting.conversion import Conversion, differences, is_error, not_carried
from plainbox.rewriting.formatting import format_pxu
from plainbox.rewriting.json_text import encoded
from plainbox.rewriting.meaning import IDS, JSON, WORDS
from plainbox.rewriting.schema import declared, language
from plainbox.rewriting.yaml_comments import Places, places_of
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.fields import Kind
    from plainbox.records import Entry, Record
    from plainbox.rewriting.yaml_comments import Remark

_BARE = re.compile(r'[^\s\0#,="][^\s\0#,=]*')
_BLANK_LINES = re.compile(r"^[^\S\n]+$", re.MULTILINE)
_LINE = 72


class _NoWords(Exception):
    """PXU cannot say a value; never leaves this module."""


def to_pxu(source: Source) -> Conversion:
    """Convert a YAML text."""
    sink = Sink()
    records = read_yaml(source, sink)
    places, rest = places_of(source, records)
    sections = []
    complete = not any(is_error(each) for each in sink)
    for record, place in zip(records, places, strict=True):
        lines, found = _record(record, place)
        for diagnostic in found:
            sink.add(diagnostic)
        if lines is None:
            complete = False
        else:
            sections.append("".join(f"{line}\n" for line in (*_spaced(place.above), *lines)))
    sections.append("".join(f"{line}\n" for line in _spaced(rest)))
    text = format_pxu(Source(source.name, "\n".join(sections)), Sink())
    return Conversion(text if complete else None, tuple(sink))


def _spaced(remarks: Sequence[Remark]) -> list[str]:
    """Comments, with a blank line where there was at least one."""
    found: list[str] = []
    line = None
    for remark in remarks:
        if line is not None and remark.line > line + 1:
            found.append("")
        found.append(remark.text)
        line = remark.line
    return found


def _record(record: Record, places: Places) -> tuple[list[str] | None, list[Diagnostic]]:
    """The lines of a record, none where a value cannot be written, and what there is to say."""
    fields = declared(record)
    lines: list[str] = []
    found: list[Diagnostic] = []
    complete = True
    for key, entry in record.entries.items():
        field = fields.get(key.removeprefix("_"))
        lines += places.fields.get(key, [])
        if entry.value is None:
            message = f"{key}: 'null' means that there is no such field, it is left out"
            found.append(not_carried(message, record.key_span(entry)))
            continue
        try:
            kind = field.kind if field else None
            between = _between(entry, kind, places)
            texts = _texts(entry, kind, language(record, key), commented=bool(between))
            lines += _field(entry, texts, between)
        except (_NoWords, ValueError) as error:
            found.append(not_carried(f"{key}: {error}", record.value_span(entry)))
            complete = False
            continue
        found += _changes(record, entry)
    lines += places.end
    if complete:
        different = differences(record, Source("", "\n".join(lines) + "\n"), read_pxu, Sink())
        for key in sorted(different & set(record.entries)):
            message = f"{key}: PXU would read this value differently"
            found.append(not_carried(message, record.value_span(record.entries[key])))
        complete = not different
    return (lines if complete else None), found


def _changes(record: Record, entry: Entry) -> list[Diagnostic]:
    """What whitespace a text has that PXU cannot keep, as far as it can be seen."""
    value = entry.value
    if not isinstance(value, str):
        return []
    found = []
    if value.lstrip("\n")[:1].isspace():
        found.append(f"{entry.key}: the indentation of the first line is left out")
    if _BLANK_LINES.search(value.strip()):
        found.append(f"{entry.key}: blanks on empty lines are left out")
    return [not_carried(message, record.value_span(entry)) for message in found]


def _between(entry: Entry, kind: Kind[Any] | None, places: Places) -> dict[int, list[str]]:
    """The lines of the comments in front of items; words and patterns have them in the value."""
    margin = " " if isinstance(kind, (*IDS, *WORDS, IncludeList)) else ""
    return {
        index: [margin + comment for comment in found]
        for (key, index), found in places.items.items()
        if key == entry.key
    }


def _field(entry: Entry, texts: list[str], comments: dict[int, list[str]]) -> list[str]:
    """The lines of a field and of the comments between its items; raises `ValueError`."""
    written = format_record({entry.key: "\n".join(texts)}).rstrip("\n").split("\n")
    if not comments:
        return written
    lines = [f"{entry.key}:"]
    for index, text in enumerate(written[1:] or [f" {text}" for text in texts]):
        lines += [*comments.pop(index, []), text]
    return [*lines, *(line for found in comments.values() for line in found)]


def _texts(entry: Entry, kind: Kind[Any] | None, engine: str, *, commented: bool) -> list[str]:
    """The lines of a value; one for each item of a list, or few words on one."""
    value = entry.value
    if isinstance(kind, JSON) and not isinstance(value, str):
        text = encoded(value, engine)
        if text is None:
            raise _NoWords("this value cannot be written as JSON")
        return text.split("\n")
    if isinstance(value, str):
        return _BLANK_LINES.sub("", value.strip()).split("\n")
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, (int, float)):
        return [str(value)]
    if not isinstance(value, list):
        raise _NoWords("a mapping cannot be written in PXU")
    lines = [_item(item, kind) for item in value]
    if isinstance(kind, WORDS) and not commented and sum(map(len, lines)) + len(lines) <= _LINE:
        return [" ".join(lines)]
    return lines


def _item(item: object, kind: Kind[Any] | None) -> str:
    if isinstance(kind, IncludeList):
        return _pattern(item)
    if not isinstance(item, str):
        raise _NoWords(f"the item {item!r} cannot be written in PXU")
    if isinstance(kind, IDS):
        return _word(item.strip() if isinstance(kind, UnitIds) else item)
    return " ".join(item.split("\n")).strip()


def _pattern(item: object) -> str:
    pattern: object = item
    overrides: object = {}
    if isinstance(item, dict) and len(item) == 1:
        ((pattern, overrides),) = item.items()
    if not isinstance(pattern, str) or not isinstance(overrides, dict):
        raise _NoWords(f"the item {item!r} is no pattern")
    given = ", ".join(
        f"{_word(str(name))}={_word(str(value))}" for name, value in overrides.items()
    )
    return f"{_word(pattern)} {given}".rstrip()


def _word(text: str) -> str:
    """A word, in quotes where it needs them."""
    if _BARE.fullmatch(text) and text != ".":
        return text
    if '"' in text or "\n" in text:
        raise _NoWords(f"{text!r} cannot be written as a word")
    return f'"{text}"'
