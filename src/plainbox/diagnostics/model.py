"""A diagnostic: one mistake, one message, the places it concerns, and perhaps how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.diagnostics.codes import Code, Severity
    from plainbox.text import Span


@dataclass(frozen=True, slots=True)
class Label:
    """A place and the few words that say what it has to do with the mistake."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of a span by a text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a mistake; a safe one cannot change what a correct unit means."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `message` is lower case without a full stop and names the thing; `label` stands under the
    primary `span`; `others` are further places; `notes` say what follows or what to do. `level`
    is for a finding that is not as bad as its code says, or worse.
    """

    code: Code
    message: str
    span: Span | None = None
    label: str = ""
    others: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fix: Fix | None = None
    level: Severity | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is: as its code says, unless the finding says otherwise."""
        return self.code.severity if self.level is None else self.level


class Sink:
    """Where diagnostics are collected, in the order in which they were found."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic."""
        self.found.append(diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)
