"""Fields as they are written: unknown ones, lists written as text in YAML, items given twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from plainbox.checking.having import fields_of
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix, Severity
from plainbox.fields import (
    Flags,
    IncludeList,
    Place,
    ResourceProgram,
    Unit,
    UnitIds,
    Variables,
    replacement,
)
from plainbox.fields.programs import Imports
from plainbox.fields.reading import Reading, lines_of
from plainbox.fields.words import WORD, tokens
from plainbox.records.files import name_is_yaml
from plainbox.spelling import closest
from plainbox.text import Span
from plainbox.units import OtherUnit, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.fields import Field, IncludeLine
    from plainbox.records import Entry

_LISTED: Final = (UnitIds, Flags, Variables, ResourceProgram, Imports, IncludeList)


def fields(unit: Unit) -> Iterator[Diagnostic]:
    """What is odd about the fields of a unit, whatever they mean."""
    if not isinstance(unit, OtherUnit):
        yield from _unknown_fields(unit)
    if name_is_yaml(unit.record.source.name):
        yield from _texts_for_lists(unit)
    yield from _repeated_words(unit)
    yield from _repeated_lines(unit)


def _unknown_fields(unit: Unit) -> Iterator[Diagnostic]:
    if isinstance(unit, Template) and unit.template_unit not in Unit.types:
        return  # nobody knows what such units have
    fields = unit.fields
    entries = unit.record.entries
    odd = [key for key in entries if key not in fields and key.removeprefix("_") not in fields]
    known = unit.known_keys() if odd else frozenset()
    for key in odd:
        entry = entries[key]
        name = key.removeprefix("_")
        if key in known or name in known:
            continue
        span = unit.record.key_span(entry)
        if _is_indented(span):
            yield _indented(unit, entry, span)
            continue
        meant = closest(name, known)
        message = f"unknown field '{key}'"
        if meant is None or unit.record.get(meant) is not None:
            level = Severity.ADVICE if meant is None else None
            notes = (f"did you mean '{meant}', which is there already?",) if meant else ()
            label = f"a {unit.kind} has no such field{_who_has(name)}: nothing reads it"
            yield Diagnostic(Code.UNKNOWN_FIELD, message, span, label, notes=notes, level=level)
            continue
        prefix = key[: len(key) - len(name)]
        name_span = Span(span.source, span.start + len(prefix), span.end)
        fix = replacement(name_span, meant, prefix)
        yield Diagnostic(Code.UNKNOWN_FIELD, message, span, "nothing reads it", fix=fix)


def _who_has(name: str) -> str:
    """The type of unit that has a field, if there is one."""
    for kind, found in sorted(Unit.types.items()):
        if name in found.fields:
            return f", a {kind} has"
    return ""


def _is_indented(span: Span) -> bool:
    line = span.source.line(span.line)
    return not name_is_yaml(span.source.name) and line[:1].isspace()


def _indented(unit: Unit, entry: Entry, span: Span) -> Diagnostic:
    """A line that was meant to continue a value, and begins with a tab."""
    keys = list(unit.record.entries)
    place = keys.index(entry.key)
    above = keys[place - 1] if place else entry.key
    start = span.source.offset(span.line)
    blanks = Span(span.source, start, span.start)
    edit = Edit(Span(span.source, start, start), " ")
    return Diagnostic(
        Code.INDENTED_FIELD,
        f"a tab does not continue a value: this is read as a field '{entry.key}'",
        blanks,
        "expected a space",
        notes=(f"each further line of '{above}' begins with a space",),
        fix=Fix("begin the line with a space", (edit,), safe=False),
    )


def _texts_for_lists(unit: Unit) -> Iterator[Diagnostic]:
    for key, _, entry in fields_of(unit, _LISTED):
        if isinstance(entry.value, str) and entry.value:
            message = f"{key}: in YAML this is a list, text is the old way to write it"
            yield unit.finding(key, Code.DEPRECATED, message)


def _repeated_words(unit: Unit) -> Iterator[Diagnostic]:
    for key, field, entry in fields_of(unit, (UnitIds, Flags)):
        seen: set[str] = set()
        for word, place in _words(field, entry):
            if word in seen:
                message = f"{key}: '{word}' is given twice"
                yield unit.finding(key, Code.REPEATED_ITEM, message, place)
            seen.add(word)


def _words(field: Field[object], entry: Entry) -> Iterator[tuple[str, Place]]:
    value = entry.value
    if isinstance(value, str):
        if isinstance(field.kind, Flags):
            for match in re.finditer(r"#[^\n]*|[^\s,]+", value):
                if not match.group().startswith("#"):
                    yield match.group(), Place(*match.span())
            return
        for token in tokens(value):
            if token.type == WORD:
                yield token.text, Place(token.start, token.end)
    elif isinstance(value, list):
        for line in lines_of(value, Reading("")):
            yield line.text.strip(), line.place()


def _repeated_lines(unit: Unit) -> Iterator[Diagnostic]:
    """Lines of a test plan that are there twice; where their overrides differ one is lost."""
    for key, field, _ in fields_of(unit, (IncludeList,)):
        seen: dict[str, IncludeLine] = {}
        lines: tuple[IncludeLine, ...] = getattr(unit, field.name)
        for line in lines:
            first = seen.setdefault(line.pattern.text, line)
            if first is line:
                continue
            message = f"{key}: '{line.pattern.text}' is given twice"
            finding = unit.finding(key, Code.REPEATED_ITEM, message, line.place)
            if first.overrides != line.overrides:
                shown = " ".join(f"{name}={value}" for name, value in line.overrides)
                finding = replace(
                    finding,
                    message=f"{message}, with different overrides",
                    label=f"the last one counts: {shown or 'no override'}",
                    level=Severity.WARNING,
                )
            yield finding
