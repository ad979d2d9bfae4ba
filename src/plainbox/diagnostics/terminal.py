"""A diagnostic as a person reads it in a terminal: message, place, lines with marks, notes.

error[unknown-job]: depends names no job: 'audio/detcet'
  --> units/audio/jobs.pxu:31:10
   |
31 | depends: audio/detcet
   |          ^^^^^^^^^^^^ no job 'audio/detcet' in com.example
   |
   = did you mean 'audio/detect' (units/audio/jobs.pxu:4)?     [fix: plainbox check --fix]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics.codes import Severity
from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plainbox.diagnostics.model import Diagnostic
    from plainbox.diagnostics.reported import Totals
    from plainbox.text import Source, Span

COLOURS: Final = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.ADVICE: "\x1b[1;36m",
    Severity.HINT: "\x1b[1;34m",
}
_BOLD: Final = "\x1b[1m"
_DIM: Final = "\x1b[2m"
_PLAIN: Final = "\x1b[0m"
_FIXABLE: Final = "     [fix: plainbox check --fix]"
_FRAME: Final = re.compile(r"( *(?:-->|:::) .*| *[0-9.]* \|| *=)(.*)", re.DOTALL)
_MARKS: Final = re.compile(r"( *)(\^+|-+)(.*)", re.DOTALL)


def render(diagnostic: Diagnostic, *, coloured: bool = False) -> str:
    """The diagnostic in several lines, without a final line end."""
    severity = diagnostic.severity
    head = harmless(f"{severity.word}[{diagnostic.code}]: {diagnostic.message}")
    lines = [head, *map(harmless, _body(diagnostic))]
    if coloured:
        lines = list(_colour(lines, COLOURS[severity]))
    return "\n".join(lines)


def headline(diagnostic: Diagnostic) -> str:
    """The diagnostic in one line, its place first."""
    place = f"{diagnostic.span}: " if diagnostic.span else ""
    text = f"{place}{diagnostic.severity.word}[{diagnostic.code}]: {diagnostic.message}"
    return harmless(text).replace("\n", " ")


def summary(found: Iterable[Diagnostic], totals: Totals, dot: str = "·") -> str:
    """How many mistakes of each kind there are, in how many files; and how many can be fixed."""
    diagnostics = list(found)
    numbers = [each.severity for each in diagnostics]
    advice = numbers.count(Severity.ADVICE) + numbers.count(Severity.HINT)
    counts = [
        _count(numbers.count(Severity.ERROR), "error"),
        _count(numbers.count(Severity.WARNING), "warning"),
        *([f"{advice} advice"] if advice else []),
    ]
    files = _count(totals.files, "file")
    parts = [f"{', '.join(counts)} in {files} ({totals.seconds:.1f} s)"]
    fixable = sum(each.fix is not None and each.fix.safe for each in diagnostics)
    parts += [f"{totals.fixed} fixed"] if totals.fixed else []
    parts += [f"{fixable} can be fixed: plainbox check --fix"] if fixable else []
    parts += ["plainbox explain CODE tells more"] if diagnostics else []
    return f" {dot} ".join(parts)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _colour(lines: Iterable[str], colour: str) -> Iterator[str]:
    head, *body = lines
    word, bracket, message = head.partition("]: ")
    yield f"{colour}{word}{bracket}{_PLAIN}{_BOLD}{message}{_PLAIN}"
    for line in body:
        frame = _FRAME.fullmatch(line)
        if frame is None:
            yield line
            continue
        marks = _MARKS.fullmatch(frame[2])
        rest = frame[2]
        if marks and frame[1].endswith("|"):
            rest = f"{marks[1]}{colour}{marks[2]}{marks[3]}{_PLAIN}"
        yield f"{_DIM}{frame[1]}{_PLAIN}{rest}"


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
    for note in (*_fix(diagnostic), *diagnostic.notes):
        first, *rest = note.splitlines() or [""]
        yield f"{' ' * width} = {first}"
        yield from (f"{' ' * width}   {line}" for line in rest)


def _fix(diagnostic: Diagnostic) -> Iterator[str]:
    fix = diagnostic.fix
    if fix is not None:
        yield fix.title + _FIXABLE if fix.safe else fix.title


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
