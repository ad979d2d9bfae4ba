"""Records and their entries, whatever they were read from.

Tens of thousands of entries are made in a load and few of them are ever shown, so an entry
keeps line numbers only; spans are found by reading the source again when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plainbox.text import Source


class Entry:
    """One field of a record as written.

    `key` keeps a leading underscore; `line` is the line of the key and `last_line` the last one
    of the field, both counted from 1.
    """

    __slots__ = ("key", "last_line", "line", "source")

    def __init__(self, source: Source, key: str, line: int) -> None:
        self.source = source
        self.key = key
        self.line = line
        self.last_line = line

    def __repr__(self) -> str:
        return f"<{self.key}: {self.value!r} at {self.source.name}:{self.line}>"

    @property
    def raw(self) -> object:
        """The value before its indentation and dots are taken away: what translators see."""
        raise NotImplementedError

    @property
    def value(self) -> object:
        """The value as jobs and expressions see it; text in PXU, any plain value in YAML."""
        raise NotImplementedError

    @property
    def text_line(self) -> int:
        """The line where the text of the value begins: the next one where the key stands alone."""
        raise NotImplementedError

    def key_range(self) -> tuple[int, int]:
        """Where the key stands: offsets into the source."""
        raise NotImplementedError

    def value_range(
        self, path: Sequence[int | str] = (), start: int | None = None, end: int | None = None
    ) -> tuple[int, int]:
        """Where the value stands, or the item at a path in it, or some of the characters."""
        raise NotImplementedError


class DerivedEntry(Entry):
    """A value that was computed from another entry; it stands where that one stands."""

    __slots__ = ("_value", "origin")

    def __init__(self, origin: Entry, key: str, value: object) -> None:
        super().__init__(origin.source, key, origin.line)
        self.last_line = origin.last_line
        self.origin = origin
        self._value = value

    @property
    def raw(self) -> object:
        """The value itself."""
        return self._value

    @property
    def value(self) -> object:
        """The value itself."""
        return self._value

    @property
    def text_line(self) -> int:
        """The line where the text of the origin begins."""
        return self.origin.text_line

    def key_range(self) -> tuple[int, int]:
        """Where the key of the origin stands."""
        return self.origin.key_range()

    def value_range(
        self,
        path: Sequence[int | str] = (),
        start: int | None = None,  # noqa: ARG002 - characters were computed, they stand nowhere
        end: int | None = None,  # noqa: ARG002 - likewise
    ) -> tuple[int, int]:
        """Where the value of the origin stands."""
        return self.origin.value_range(path)


class Record:
    """The entries of one unit or resource, by key as written and in order; never empty."""

    __slots__ = ("entries", "first_line", "last_line", "source")

    def __init__(
        self, source: Source, entries: dict[str, Entry], first_line: int, last_line: int
    ) -> None:
        self.source = source
        self.entries = entries
        self.first_line = first_line
        self.last_line = last_line

    def __repr__(self) -> str:
        return f"<record at {self.source.name}:{self.first_line}-{self.last_line}>"

    def get(self, name: str) -> Entry | None:
        """The entry that holds a field: the one marked as translatable comes first."""
        return self.entries.get("_" + name) or self.entries.get(name)

    def data(self) -> dict[str, object]:
        """The values by key as written."""
        return {key: entry.value for key, entry in self.entries.items()}

    def span(self) -> Span:
        """All lines of the record."""
        return self.source.span_of_lines(self.first_line, self.last_line)

    def key_span(self, entry: Entry) -> Span:
        """The key of an entry."""
        return Span(entry.source, *entry.key_range())

    def value_span(self, entry: Entry, start: int | None = None, end: int | None = None) -> Span:
        """The value of an entry, or its characters from `start` up to `end`.

        An empty value is the place after the colon. Where characters cannot be told apart, as
        in a quoted YAML text with escapes, the span is that of the whole value.
        """
        return Span(entry.source, *entry.value_range((), start, end))

    def item_span(
        self,
        entry: Entry,
        path: Sequence[int | str],
        start: int | None = None,
        end: int | None = None,
    ) -> Span:
        """One item of a list or mapping, found by indexes and keys, or some of its characters.

        Where a path leads nowhere, the span is that of the last thing it did lead to.
        """
        return Span(entry.source, *entry.value_range(path, start, end))

    def derived(self, values: Mapping[str, object], at: Entry | None = None) -> Record:
        """A record of exactly these values that stands where this one stands.

        A value that is the same keeps its entry; a key that this record does not have stands
        at the given entry, or at the first one.
        """
        home = at or next(iter(self.entries.values()))
        entries: dict[str, Entry] = {}
        for key, value in values.items():
            entry = self.entries.get(key)
            if entry is None or entry.value != value or type(entry.value) is not type(value):
                entry = DerivedEntry(entry or home, key, value)
            entries[key] = entry
        return Record(self.source, entries, self.first_line, self.last_line)
