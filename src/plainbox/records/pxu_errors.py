"""What to say about a line that PXU has no reading for.

Called once for each syntax error, with time to look around: the reader itself only knows that
the line cannot be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic, Edit, Fix, Label
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.records.model import Entry
    from plainbox.text import Source


def explain(source: Source, number: int, entries: Mapping[str, Entry]) -> Diagnostic:
    """Say what is wrong with a line; `entries` are those of the record so far."""
    line = source.line(number)
    if number == 1:
        line = line.removeprefix("\ufeff")
    key, colon, _ = line.partition(":")
    if line.startswith(" "):
        return _no_open_field(source, number)
    if not colon:
        return _no_colon(source, number, entries)
    if not key.strip():
        return Diagnostic(
            Code.SYNTAX,
            "this field has no name",
            _span(source, number),
            "expected a name before the colon",
        )
    return _given_twice(source, number, key.strip(), entries)


def _span(source: Source, number: int) -> Span:
    """The text of a line without the whitespace around it."""
    line = source.line(number)
    text = (line.removeprefix("\ufeff") if number == 1 else line).strip()
    start = source.offset(number) + line.index(text)
    return Span(source, start, start + len(text))


def _no_open_field(source: Source, number: int) -> Diagnostic:
    blanks = _blank_lines_above(source, number)
    start = source.offset(number)
    span = _span(source, number)
    if not blanks:
        return Diagnostic(
            Code.SYNTAX,
            "this line continues a field, but none is open",
            span,
            "expected 'field: value' at the start of the line",
            fix=Fix(
                "remove the indentation", (Edit(Span(source, start, span.start), ""),), safe=False
            ),
        )
    dots = tuple(Edit(source.span_of_lines(blank, blank), " .") for blank in blanks)
    return Diagnostic(
        Code.SYNTAX,
        "this line continues a field, but a blank line has ended the record",
        span,
        "no field is open here",
        others=(Label(source.span_of_lines(blanks[0], blanks[0]), "the record ends here"),),
        notes=("write a line of ' .' where a value has an empty line",),
        fix=Fix("write the blank line as ' .'", dots, safe=False),
    )


def _blank_lines_above(source: Source, number: int) -> list[int]:
    """The blank lines between a line and the record above; none where there is no record."""
    blanks: list[int] = []
    for above in range(number - 1, 0, -1):
        line = source.line(above)
        if line and not line.isspace():
            if line.startswith("#"):
                continue
            return blanks[::-1]
        blanks.append(above)
    return []


def _no_colon(source: Source, number: int, entries: Mapping[str, Entry]) -> Diagnostic:
    span = _span(source, number)
    if not entries:
        return Diagnostic(Code.SYNTAX, "expected 'field: value'", span, "no colon in this line")
    entry = list(entries.values())[-1]
    start = source.offset(number)
    edits = tuple(Edit(Span(source, place, place), " ") for place in _lines_alike(source, number))
    fix = Fix("begin the line with a space", edits, safe=False)
    if span.start > start:
        sign = "a tab" if source.text[start] == "\t" else "this whitespace"
        return Diagnostic(
            Code.SYNTAX,
            f"{sign} does not continue a value",
            Span(source, start, span.start),
            "expected a space",
            notes=(f"each further line of '{entry.key}' begins with a space",),
            fix=fix,
        )
    return Diagnostic(
        Code.SYNTAX,
        "expected 'field: value'",
        span,
        "no colon in this line",
        notes=(f"if it belongs to '{entry.key}', begin the line with a space",),
        fix=fix,
    )


def _lines_alike(source: Source, number: int) -> list[int]:
    """Where this line starts, and each one after it that begins with the same whitespace."""
    start = source.offset(number)
    found = [start]
    sign = source.text[start]
    while sign.isspace():
        number += 1
        line = source.line(number)
        if not line.startswith(sign) or line.isspace():
            break
        found.append(source.offset(number))
    return found


def _given_twice(source: Source, number: int, key: str, entries: Mapping[str, Entry]) -> Diagnostic:
    start = source.text.index(key, source.offset(number))
    notes: tuple[str, ...] = ()
    fix: Fix | None = None
    if key == next(iter(entries)):
        place = Span(source, source.offset(number), source.offset(number))
        notes = ("records are separated by a blank line",)
        fix = Fix("begin a new record", (Edit(place, "\n"),), safe=False)
    return Diagnostic(
        Code.DUPLICATE_FIELD,
        f"field '{key}' is given twice",
        Span(source, start, start + len(key)),
        "given again here",
        others=(Label(Span(source, *entries[key].key_range()), "given here first"),),
        notes=notes,
        fix=fix,
    )
