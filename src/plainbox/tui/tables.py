"""Tables and trees of plain words, aligned, for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plainbox.tui.words import Line, Marks

_WIDEST: Final = 64
"""A column is at most so wide; what is longer pushes the rest of its line aside."""
_GAP: Final = 2


def table(
    rows: Sequence[Sequence[str]], titles: Sequence[str] = (), *, within: int = 2 * _WIDEST
) -> Iterator[Line]:
    """Rows in columns; the last column has any width, and titles stand above if given.

    No column takes more than half of the width that there is.
    """
    everything = [titles, *rows] if titles else rows
    count = max(map(len, everything), default=0)
    widths = [
        min(
            _WIDEST,
            within // 2,
            max((len(row[place]) for row in everything if place < len(row)), default=0),
        )
        for place in range(count)
    ]
    if titles:
        yield [(_joined(titles, widths), "dim")]
    for row in rows:
        yield [(_joined(row, widths), "")]


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [text.ljust(width + _GAP - 1) for text, width in zip(row, widths, strict=False)]
    return " ".join(cells).rstrip()


class Branch:
    """A tree of lines: a text, and branches below it."""

    __slots__ = ("below", "line")

    def __init__(self, line: Line, below: Iterable[Branch] = ()) -> None:
        self.line = line
        self.below = list(below)


def tree(branches: Iterable[Branch], marks: Marks) -> Iterator[Line]:
    """Branches, each below the one that it belongs to; those at the top stand at the margin."""
    for branch in branches:
        yield branch.line
        yield from _below(branch, marks)


def _below(branch: Branch, marks: Marks) -> Iterator[Line]:
    through, last, edge = ("|-- ", "`-- ", "|   ") if marks.ascii else ("├─ ", "└─ ", "│  ")
    gap = " " * len(edge)
    pending = [(it, "", n + 1 == len(branch.below)) for n, it in enumerate(branch.below)]
    pending.reverse()
    while pending:
        inner, indent, is_last = pending.pop()
        yield [(indent + (last if is_last else through), "dim"), *inner.line]
        deeper = indent + (gap if is_last else edge)
        below = [(it, deeper, n + 1 == len(inner.below)) for n, it in enumerate(inner.below)]
        pending.extend(reversed(below))
