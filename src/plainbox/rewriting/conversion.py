"""What a conversion gives: the text, and what it could not carry over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic, Severity
from plainbox.rewriting.meaning import meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.records import Record
    from plainbox.text import Source, Span


@dataclass(frozen=True)
class Conversion:
    """A converted text and what there is to say; no text where a unit would be lost."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


def not_carried(message: str, span: Span | None, *notes: str) -> Diagnostic:
    """Something does not come over as it is."""
    return Diagnostic(Code.NOT_CARRIED, message, span, notes=notes)


def is_error(diagnostic: Diagnostic) -> bool:
    """Whether it keeps a unit from being read."""
    return diagnostic.severity is Severity.ERROR


def differences(
    record: Record, source: Source, read: Callable[[Source, Sink], Sequence[Record]], sink: Sink
) -> set[str]:
    """The keys whose values a text says otherwise than a record; all where it cannot be read."""
    found = read(source, sink)
    wanted = meaning(record)
    if len(sink) or len(found) != 1:
        return set(record.entries)
    written = meaning(found[0])
    nothing = object()
    return {
        key for key in (*wanted, *written) if wanted.get(key, nothing) != written.get(key, nothing)
    }
