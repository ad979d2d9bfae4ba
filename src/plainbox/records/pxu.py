"""Reading PXU, the line oriented grammar of unit files and of resource output.

::

    #…                  comment, anywhere, even inside a value
    (only whitespace)   end of the record
    ␠text               one more line of the open field, without that one space
    key: text           a field; its key and text are stripped
    anything else       a syntax error

A syntax error costs the record it is in: reading goes on after the next blank line, so one
mistake gives one diagnostic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.records.model import Entry, Record
from plainbox.records.pxu_errors import explain
from plainbox.records.values import Layout, normalise, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.text import Source

BYTE_ORDER_MARK = "\ufeff"


class TextEntry(Entry):
    """A field of a PXU record. `inline` is what stands after the colon, on the line of the key."""

    __slots__ = ("_value", "inline")

    def __init__(self, source: Source, key: str, line: int, inline: str) -> None:
        self.source = source
        self.key = key
        self.line = line
        self.last_line = line
        self.inline = inline
        self._value: str | None = None

    @property
    def raw(self) -> str:
        """The lines of the value, without the one space that makes a line belong to it."""
        return "\n".join([text for _, text in pieces(self.source, self.line, self.last_line)])

    @property
    def value(self) -> str:
        """The text without its common indentation and outer whitespace."""
        value = self._value
        if value is None:
            single = self.last_line == self.line
            value = self._value = self.inline.strip() if single else normalise(self.raw)
        return value

    @property
    def text_line(self) -> int:
        """The line after the key where nothing follows the colon."""
        return self.line if self.inline.strip() else self.line + 1

    def key_range(self) -> tuple[int, int]:
        """Where the key stands."""
        start = self.source.text.index(self.key, self.source.starts[self.line - 1])
        return start, start + len(self.key)

    def value_range(
        self,
        path: Sequence[int | str] = (),  # noqa: ARG002 - a text has no items
        start: int | None = None,
        end: int | None = None,
    ) -> tuple[int, int]:
        """Where the value stands, or some of its characters."""
        if not self.value:
            place = self.source.text.index(":", self.key_range()[1]) + 1
            return place, place
        return Layout(pieces(self.source, self.line, self.last_line)).range(start, end)


def read_pxu(source: Source, sink: Sink) -> list[Record]:
    """Read all records that have no syntax error."""
    return _read(source, sink, until_error=False)


def read_records_until_error(source: Source, sink: Sink) -> list[Record]:
    """Read the records that are complete before the first syntax error: the rule for resources."""
    return _read(source, sink, until_error=True)


def _read(source: Source, sink: Sink, *, until_error: bool) -> list[Record]:
    records: list[Record] = []
    entries: dict[str, Entry] = {}
    entry: Entry | None = None
    numbered = enumerate(_lines(source.text), 1)
    for number, line in numbered:
        first = line[:1]
        if first == "#":
            continue
        if first == " " and not line.isspace():
            if entry is not None:
                entry.last_line = number
                continue
        else:
            key, colon, inline = line.partition(":")
            if colon:
                key = key.strip()
                if key and key not in entries:
                    entry = entries[key] = TextEntry(source, key, number, inline)
                    continue
            elif not line or line.isspace():
                if entry is not None:
                    first_line = next(iter(entries.values())).line
                    records.append(Record(source, entries, first_line, entry.last_line))
                    entries, entry = {}, None
                continue
        sink.add(explain(source, number, entries))
        if until_error:
            break
        _skip_record(numbered)
        entries, entry = {}, None
    return records


def _lines(text: str) -> list[str]:
    """Split a text, and end it with a blank line so that every record is closed by one."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = text.removeprefix(BYTE_ORDER_MARK).split("\n")
    lines.append("")
    return lines


def _skip_record(numbered: Iterator[tuple[int, str]]) -> None:
    for _, line in numbered:
        if not line or line.isspace():
            return
