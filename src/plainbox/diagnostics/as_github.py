"""Diagnostics as commands of GitHub's workflows, which show them beside the changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.diagnostics.codes import Severity
from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.diagnostics.model import Diagnostic
    from plainbox.diagnostics.reported import Reported

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_ESCAPES: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES: Final = {**_ESCAPES, ":": "%3A", ",": "%2C"}


def render_github(found: Sequence[Reported]) -> str:
    """One line a diagnostic."""
    return "\n".join(_command(each.diagnostic) for each in found)


def _command(diagnostic: Diagnostic) -> str:
    properties: dict[str, object] = {}
    span = diagnostic.span
    if span is not None:
        properties = {"file": span.source.name, "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            columns = (span.column, max(span.column, span.column + span.end - span.start - 1))
            properties |= {"col": columns[0], "endColumn": columns[1]}
    properties["title"] = str(diagnostic.code)
    listed = ",".join(f"{key}={_escape(str(it), _IN_PROPERTIES)}" for key, it in properties.items())
    parts = [diagnostic.message, diagnostic.label, *diagnostic.notes]
    parts += [diagnostic.fix.title] if diagnostic.fix else []
    text = _escape("\n".join(part for part in parts if part), _ESCAPES)
    return f"::{_LEVELS.get(diagnostic.severity, 'notice')} {listed}::{text}"


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in harmless(text))
