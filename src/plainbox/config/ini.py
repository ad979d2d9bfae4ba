r"""Read the INI form of configuration files and of `.provider` files.

Grammar, line by line; a mistake costs its line and is reported under the code of the caller::

    blank     → part of a value when more of that value follows, else nothing
    comment   → [ \t]* ("#" | ";") …
    more      → deeper indentation than the key above it: the value goes on
    section   → "[" name "]"
    key       → name "=" value         only "=" separates; names keep their case; "%" is plain
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.spelling import closest
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from plainbox.diagnostics import Sink
    from plainbox.text import Source

_SECTION: Final = re.compile(r"\[(.+)\]")
_KEY: Final = re.compile(r"([^=]*?)\s*=\s*(.*)")


class Given(NamedTuple):
    """One value as stated, and where its key stands."""

    value: object
    span: Span


class Section(NamedTuple):
    """One section: its values (texts) by key, and the place of its header."""

    given: dict[str, Given]
    span: Span


def read_text(path: Path, sink: Sink) -> str | None:
    """The text of a file, with plain line feeds; a file that cannot be read is reported."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 at byte {error.start}"
    except OSError as error:
        reason = error.strerror or str(error)
    sink.add(Diagnostic(Code.UNREADABLE_FILE, f"cannot read {path}: {reason}"))
    return None


def read_ini(source: Source, sink: Sink, code: Code) -> dict[str, Section]:
    """The sections of a file by name; mistakes are reported under `code`."""
    reader = _Reader(source, sink, code)
    for number in range(1, len(source.starts) + 1):
        reader.take(number, source.line(number))
    reader.close_value()
    return reader.sections


def report_unknown(
    given: Mapping[str, Given], known: Collection[str], what: str, sink: Sink
) -> None:
    """Warn of every key that means nothing, and say which one may be meant."""
    for key, stated in given.items():
        if key in known:
            continue
        near = closest(key, known)
        notes = (f"did you mean '{near}'?",) if near else ()
        message = f"unknown {what} '{key}' is ignored"
        sink.add(Diagnostic(Code.UNKNOWN_KEY, message, stated.span, notes=notes))


class _Reader:
    def __init__(self, source: Source, sink: Sink, code: Code) -> None:
        self.source = source
        self.sink = sink
        self.code = code
        self.sections: dict[str, Section] = {}
        self.section: Section | None = None
        self.key: str | None = None
        self.key_span = Span(source, 0, 0)
        self.indent = 0
        self.lines: list[str] = []

    def take(self, number: int, line: str) -> None:
        text = line.strip()
        if not text:
            self.lines.append("")
            return
        if text[0] in "#;":
            return
        indent = len(line) - len(line.lstrip())
        if self.key is not None and indent > self.indent:
            self.lines.append(text)
            return
        self.close_value()
        self.indent = indent
        start = self.source.offset(number, indent + 1)
        span = Span(self.source, start, start + len(text))
        if header := _SECTION.match(text):
            self.open_section(header[1], span)
        elif self.section is None:
            self.fault("a line outside any section", span)
        else:
            self.open_value(self.section, text, span)

    def open_section(self, name: str, span: Span) -> None:
        if name in self.sections:
            self.fault(f"section '{name}' stands in the file twice", span, self.sections[name].span)
        self.section = self.sections.setdefault(name, Section({}, span))

    def open_value(self, section: Section, text: str, span: Span) -> None:
        match = _KEY.match(text)
        if match is None or not match[1]:
            self.fault("expected 'key = value'", span)
            return
        key_span = Span(self.source, span.start, span.start + len(match[1]))
        if match[1] in section.given:
            first = section.given[match[1]].span
            self.fault(f"key '{match[1]}' stands in its section twice", key_span, first)
            return
        self.key, self.key_span, self.lines = match[1], key_span, [match[2]]

    def close_value(self) -> None:
        if self.key is not None and self.section is not None:
            self.section.given[self.key] = Given("\n".join(self.lines).rstrip(), self.key_span)
        self.key, self.lines = None, []

    def fault(self, message: str, span: Span, first: Span | None = None) -> None:
        others = (Label(first, "first here"),) if first else ()
        self.sink.add(Diagnostic(self.code, message, span, others=others))
