"""Safe fixes, put together to new texts: edits that touch each other are left for another round."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plainbox.diagnostics import Diagnostic, Edit, Fix
    from plainbox.text import Source


class Mended(NamedTuple):
    """A source, its new text, and how many mistakes are gone in it."""

    source: Source
    text: str
    mistakes: int


def mend(diagnostics: Iterable[Diagnostic]) -> list[Mended]:
    """The new texts of all sources that safe fixes change."""
    taken: dict[int, list[Edit]] = {}
    counts: dict[int, int] = {}
    sources: dict[int, Source] = {}
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not fix.safe or not _fits(fix, taken):
            continue
        for edit in fix.edits:
            source = edit.span.source
            sources[id(source)] = source
            edits = taken.setdefault(id(source), [])
            if edit not in edits:
                edits.append(edit)
        first = id(fix.edits[0].span.source)
        counts[first] = counts.get(first, 0) + 1
    return [
        Mended(sources[at], _edited(sources[at].text, edits), counts.get(at, 0))
        for at, edits in taken.items()
    ]


def _fits(fix: Fix, taken: dict[int, list[Edit]]) -> bool:
    """Whether its edits are those of another fix, or nowhere near them."""
    for edit in fix.edits:
        for other in taken.get(id(edit.span.source), ()):
            apart = edit.span.end < other.span.start or other.span.end < edit.span.start
            if edit != other and not apart:
                return False
    return bool(fix.edits)


def _edited(text: str, edits: list[Edit]) -> str:
    for edit in sorted(edits, key=lambda each: each.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
