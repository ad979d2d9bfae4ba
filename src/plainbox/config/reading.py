"""Read what files, the environment and the command line state.

A mistake in a file is a diagnostic and costs its line; one in a variable or a flag, which the
person who calls can mend at once, raises `UsageError`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plainbox.config.ini import Given, read_ini, read_text, report_unknown
from plainbox.config.options import Layer, Option, Stated
from plainbox.config.places import config_files
from plainbox.config.settings import OPTIONS, Settings
from plainbox.diagnostics import Code, Diagnostic
from plainbox.errors import UsageError
from plainbox.spelling import closest
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plainbox.config.ini import Section
    from plainbox.diagnostics import Sink

FREE_SECTIONS: Final = ("environment", "manifest")
"""Sections in which any key can stand."""

SECTIONS: Final = (*dict.fromkeys(option.section for option in OPTIONS.values()), *FREE_SECTIONS)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_settings(
    environ: Mapping[str, str],
    sink: Sink,
    flags: Mapping[str, str | None] | None = None,
    files: Iterable[Path] | None = None,
) -> Settings:
    """The settings of one call; `flags` are what the command line states, by name of option.

    Without `files` those are read that this machine and this user have. Raise `UsageError`.
    """
    statements = _Statements(sink)
    for path in config_files(environ) if files is None else files:
        if files is not None or path.exists():
            _read_file(path, statements)
    for option in OPTIONS.values():
        if text := environ.get(option.variable):
            statements.add_now(option, text, Layer.ENVIRONMENT, option.variable)
    for name, flag in (flags or {}).items():
        if flag is not None:
            statements.add_now(OPTIONS[name], flag, Layer.COMMAND_LINE, OPTIONS[name].flag)
    return Settings(statements.by_option, environ, statements.free)


def _read_file(path: Path, statements: _Statements) -> None:
    """Take what a file states."""
    text = read_text(path, statements.sink)
    if text is None:
        return
    sections = read_ini(Source(str(path), text), statements.sink, Code.BAD_CONFIG)
    headers = {name: Given(name, section.span) for name, section in sections.items()}
    report_unknown(headers, SECTIONS, "section", statements.sink)
    for name, section in sections.items():
        if name in FREE_SECTIONS:
            statements.add_free(name, section)
        elif name in SECTIONS:
            _take(name, section, path.parent, statements)


def _take(name: str, section: Section, base: Path, statements: _Statements) -> None:
    """Take what a section of options states."""
    for key, given in section.given.items():
        option = OPTIONS.get(key.replace("-", "_"))
        if option is None or option.section != name:
            statements.sink.add(_unknown(key, name, option, given))
            continue
        statements.add(option, given, base)


def _unknown(key: str, section: str, elsewhere: Option[Any] | None, given: Given) -> Diagnostic:
    known = [option.name for option in OPTIONS.values() if option.section == section]
    note = ""
    if elsewhere is not None:
        note = f"'{key}' belongs into the section '[{elsewhere.section}]'"
    elif near := closest(key, known) or closest(key, OPTIONS):
        note = f"did you mean '{near}'?"
    message = f"unknown key '{key}' in section '[{section}]' is ignored"
    notes = (note,) if note else ()
    return Diagnostic(Code.UNKNOWN_KEY, message, given.span, notes=notes)


class _Statements:
    """What was stated so far, the weakest first."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.by_option: dict[str, list[Stated]] = {}
        self.free: dict[str, dict[str, Stated]] = {name: {} for name in FREE_SECTIONS}

    def add(self, option: Option[Any], given: Given, base: Path) -> None:
        """Take a line of a file; one that cannot be used is reported."""
        text = str(given.value)
        try:
            value = option.kind.read(text.strip(), base)
        except ValueError as error:
            message = f"{option.name} cannot be {text!r}: {error}"
            self.sink.add(Diagnostic(Code.BAD_CONFIG, message, given.span))
            return
        self._add(option, Stated(value, text.strip(), Layer.FILE, _place(given)))

    def add_now(self, option: Option[Any], text: str, layer: Layer, place: str) -> None:
        """Take what the caller states. Raise `UsageError`."""
        try:
            value = option.kind.read(text, Path.cwd())
        except ValueError as error:
            raise UsageError(f"{place} cannot be {text!r}: {error}") from error
        self._add(option, Stated(value, text, layer, place))

    def _add(self, option: Option[Any], stated: Stated) -> None:
        self.by_option.setdefault(option.name, []).append(stated)

    def add_free(self, name: str, section: Section) -> None:
        """Take a section in which any key can stand; a later file wins, key by key."""
        for key, given in section.given.items():
            if name == "environment" and not _VARIABLE.fullmatch(key):
                message = f"'{key}' cannot be the name of a variable"
                self.sink.add(Diagnostic(Code.BAD_CONFIG, message, given.span))
                continue
            text = str(given.value)
            self.free[name][key] = Stated(text, text, Layer.FILE, _place(given))


def _place(given: Given) -> str:
    return f"{given.span.source.name}:{given.span.line}"
