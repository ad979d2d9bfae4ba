"""The values of PXU fields: assembled from lines, normalised, and mapped back to the source.

::

    written        source lines of the field, comments left out, as (offset, text) pieces
    raw            the texts of the pieces, joined
    normalised     dots and common indentation gone, outer whitespace stripped

Each normalised line is the end of its raw line, so the way back is a sum of lengths.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from plainbox.text import Source

SHAPED_FROM: Final = 3
"""A raw value of that many lines, the empty one after its last line feed included, is shaped."""


def normalise(raw: str) -> str:
    """Turn a raw value into what its author meant.

    With two line feeds or more, a line of only a dot becomes empty and common indentation is
    removed. Outer whitespace is stripped always.
    """
    lines = raw.split("\n")
    if len(lines) >= SHAPED_FROM:
        raw = "\n".join(shape(lines))
    return raw.strip()


def shape(lines: list[str]) -> list[str]:
    """Empty the lines that hold only a dot, and remove common indentation."""
    lines = ["" if is_dot(line) or line.isspace() else line for line in lines]
    solid = [line for line in lines if line]
    if not solid:
        return lines
    low, high = min(solid), max(solid)
    margin = 0
    for one, other in zip(low, high, strict=False):
        if one != other or one not in " \t":
            break
        margin += 1
    return [line[margin:] for line in lines]


def is_dot(line: str) -> bool:
    """Whether a line is only a dot, perhaps indented: the way to write an empty line."""
    return line[-1:] == "." and (line == "." or line[:-1].isspace())


def pieces(source: Source, first: int, last: int) -> list[tuple[int, str]]:
    """Give the lines of a raw value, each with the offset of its first character.

    `first` is the line of the key. The last piece is empty where a line feed ends the value.
    """
    starts = source.starts
    offset = starts[first - 1]
    end = starts[last] if last < len(starts) else len(source.text)
    found: list[tuple[int, str]] = []
    for line in source.text[offset:end].split("\n"):
        text = line.removesuffix("\r")
        if offset == starts[first - 1]:
            inline = text.partition(":")[2].lstrip()
            if inline:
                found.append((offset + len(text) - len(inline), inline))
        elif not text:
            found.append((offset, text))
        elif text[0] != "#":
            found.append((offset + 1, text[1:]))
        offset += len(line) + 1
    return found


class Layout:
    """Where the characters of a normalised value stand in the source."""

    __slots__ = ("_lead", "_length", "_offsets", "_starts")

    def __init__(self, written: list[tuple[int, str]]) -> None:
        """Take the pieces of a value, at least one."""
        lines = [text for _, text in written]
        shaped = shape(lines) if len(lines) >= SHAPED_FROM else lines
        whole = "\n".join(shaped)
        self._lead = len(whole) - len(whole.lstrip())
        self._length = len(whole.strip())
        self._starts: list[int] = []
        self._offsets: list[int] = []
        position = 0
        for (offset, text), line in zip(written, shaped, strict=True):
            self._starts.append(position)
            self._offsets.append(offset + len(text) - len(line))
            position += len(line) + 1

    def range(self, start: int | None = None, end: int | None = None) -> tuple[int, int]:
        """Turn offsets into the value into offsets into the source; all of it without any."""
        first = min(max(start or 0, 0), self._length)
        last = self._length if end is None else min(max(end, first), self._length)
        begin = self._place(first)
        return begin, self._place(last - 1) + 1 if last > first else begin

    def _place(self, position: int) -> int:
        position += self._lead
        index = bisect_right(self._starts, position) - 1
        return self._offsets[index] + position - self._starts[index]
