"""A diagnostic as a person reads it in a terminal: message, place, lines with marks, notes.

error[unknown-job]: depends names no job
  --> units/audio/jobs.pxu:31:10
   |
31 | depends: audio/detcet
   |          ^^^^^^^^^^^^ no job `audio/detcet`
   |
   = did you mean `audio/detect`?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plainbox.diagnostics.model import Diagnostic
    from plainbox.text import Source, Span


def render(diagnostic: Diagnostic) -> str:
    """The diagnostic in several lines, without colours and without a final line end."""
    head = f"{diagnostic.severity.word}[{diagnostic.code}]: {diagnostic.message}"
    return harmless("\n".join((head, *_body(diagnostic))))


def headline(diagnostic: Diagnostic) -> str:
    """The diagnostic in one line, its place first."""
    place = f"{diagnostic.span}: " if diagnostic.span else ""
    text = f"{place}{diagnostic.severity.word}[{diagnostic.code}]: {diagnostic.message}"
    return harmless(text).replace("\n", " ")


def _body(diagnostic: Diagnostic) -> Iterator[str]:
    marks = [(label.span, label.text, "-") for label in diagnostic.others]
    if diagnostic.span is not None:
        marks.append((diagnostic.span, diagnostic.label, "^"))
    width = max((len(str(span.end_line)) for span, _, _ in marks), default=0)
    if diagnostic.span is not None:
        here = diagnostic.span.source
        yield f"{' ' * width}--> {diagnostic.span}"
        yield from _lines(here, [mark for mark in marks if mark[0].source is here], width)
        for span, text, sign in marks:
            if span.source is not here:
                yield f"{' ' * width}::: {span}"
                yield from _lines(span.source, [(span, text, sign)], width)
    for note in diagnostic.notes:
        first, *rest = note.splitlines() or [""]
        yield f"{' ' * width} = {first}"
        yield from (f"{' ' * width}   {line}" for line in rest)
    if diagnostic.fix is not None:
        yield f"{' ' * width} = {diagnostic.fix.title}"


def _lines(source: Source, marks: Iterable[tuple[Span, str, str]], width: int) -> Iterator[str]:
    """The marked lines of one source, from the top, each with its marks below it."""
    yield f"{' ' * width} |"
    previous = 0
    for span, text, sign in sorted(marks, key=lambda mark: (mark[0].start, mark[0].end)):
        line = span.line
        if previous and line > previous + 1:
            yield f"{'.' * width} |"
        content = source.line(line)
        if line != previous:
            yield f"{line:>{width}} | {_shown(content)}".rstrip()
        previous = line
        before = _shown(content[: span.column - 1])
        marked = _shown(content[span.column - 1 : span.column - 1 + span.end - span.start])
        yield f"{' ' * width} | {' ' * len(before)}{sign * max(1, len(marked))} {text}".rstrip()


def _shown(text: str) -> str:
    return harmless(text).replace("\t", "    ")
