"""Source texts and places in them.

A `Source` is one text with the name that people know it by; a `Span` is a range of its
characters. Spans are made only when something is to be shown, so reading pays nothing for them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

_HARMFUL = {code: None for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


def harmless(text: str) -> str:
    """The text without control characters: nothing in it can steer a terminal.

    Line feeds and tabs stay.
    """
    return _ESCAPES.sub("", text).translate(_HARMFUL)


def printable(name: str) -> str:
    """A name as the system gives it, with bytes that are no text replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


class Source:
    """A text and its name: a path as the user would type it, or `<stdin>` and the like.

    Lines are counted from 1 and end at a line feed (a carriage return before it belongs to
    the line end).
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    @cached_property
    def starts(self) -> list[int]:
        """The offset of the first character of every line."""
        starts = [0]
        find = self.text.find
        position = find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = find("\n", position + 1)
        return starts

    def line(self, number: int) -> str:
        """The text of one line, without its line end; empty where there is no such line."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : None if end < 0 else end].removesuffix("\r")

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a line and column, both counted from 1."""
        return self.starts[line - 1] + column - 1

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both counted from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def span_of_lines(self, first: int, last: int) -> Span:
        """The span from the first character of a line to the last one of another."""
        return Span(self, self.offset(first), self.offset(last) + len(self.line(last)))


@dataclass(frozen=True, slots=True)
class Span:
    """The characters from `start` up to, not including, `end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, counted from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column of the first character, counted from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line of the last character, counted from 1."""
        return self.source.position(max(self.start, self.end - 1))[0]

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"
