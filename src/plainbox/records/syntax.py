"""The lossless syntax tree of PXU: every character of a file is in it, once and in order.

::

    File          the byte order mark, if any, and parts
    ├── Blank     lines of only whitespace
    ├── Comment   whole lines, in front of a record or by themselves
    ├── Broken    all lines between blank ones of what has a syntax error
    └── Block     a record: fields, and the comments between and after them
        ├── FieldLines
        └── Comment

The reader decides what is a record; the tree only says which lines it is made of. A comment
inside a value belongs to its field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from plainbox.records.pxu import BYTE_ORDER_MARK, TextEntry, read_pxu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.diagnostics import Sink
    from plainbox.records.model import Record
    from plainbox.text import Source


@dataclass(slots=True)
class Blank:
    """Lines that separate records, with their line ends."""

    lines: list[str]


@dataclass(slots=True)
class Comment:
    """Lines that begin with `#`, with their line ends."""

    lines: list[str]


@dataclass(slots=True)
class Broken:
    """Lines that make no record, with their line ends."""

    lines: list[str]


@dataclass(slots=True)
class FieldLines:
    """The lines of one field, comments inside its value included, with their line ends."""

    entry: TextEntry
    lines: list[str]

    def pieces(self) -> Iterator[tuple[bool, str]]:
        """What follows the line of the key: whether it is a comment, and its text.

        A comment comes with its `#`, a line of the value without its first space.
        """
        for line in self.lines[1:]:
            text = without_end(line)
            yield (True, text) if text[0] == "#" else (False, text[1:])


@dataclass(slots=True)
class Block:
    """A record and its lines; the first item is a field."""

    record: Record
    items: list[FieldLines | Comment]

    @property
    def lines(self) -> list[str]:
        """All lines, with their line ends."""
        return [line for item in self.items for line in item.lines]


Part: TypeAlias = "Blank | Comment | Broken | Block"


@dataclass(slots=True)
class File:
    """A whole text."""

    mark: str
    parts: list[Part]

    def text(self) -> str:
        """The text that the tree was made of."""
        return self.mark + "".join([line for part in self.parts for line in part.lines])

    def records(self) -> list[Record]:
        """The records, in order."""
        return [part.record for part in self.parts if isinstance(part, Block)]


def parse_syntax(source: Source, sink: Sink) -> File:
    """Make the tree of any text; its syntax errors go to the sink."""
    records = iter(read_pxu(source, sink))
    mark = BYTE_ORDER_MARK if source.text.startswith(BYTE_ORDER_MARK) else ""
    lines = _lines(source.text[len(mark) :])
    parts: list[Part] = []
    record = next(records, None)
    start = 0
    while start < len(lines):
        blank = not lines[start].strip()
        end = start + 1
        while end < len(lines) and (not lines[end].strip()) == blank:
            end += 1
        if blank:
            parts.append(Blank(lines[start:end]))
        elif record is not None and record.first_line <= end:
            first = record.first_line - 1
            if first > start:
                parts.append(Comment(lines[start:first]))
            parts.append(Block(record, _items(record, lines, end)))
            record = next(records, None)
        else:
            parts.append(_without_record(lines[start:end]))
        start = end
    return File(mark, parts)


def without_end(line: str) -> str:
    """A line without its line end."""
    return line.removesuffix("\n").removesuffix("\r")


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _items(record: Record, lines: list[str], end: int) -> list[FieldLines | Comment]:
    """The fields of a record and the comments around them; `end` is the line after it."""
    items: list[FieldLines | Comment] = []
    position = record.first_line - 1
    for entry in record.entries.values():
        if entry.line - 1 > position:
            items.append(Comment(lines[position : entry.line - 1]))
        position = entry.last_line
        if isinstance(entry, TextEntry):
            items.append(FieldLines(entry, lines[entry.line - 1 : position]))
    if end > position:
        items.append(Comment(lines[position:end]))
    return items


def _without_record(lines: list[str]) -> Comment | Broken:
    if all(line[0] == "#" for line in lines):
        return Comment(lines)
    return Broken(lines)
