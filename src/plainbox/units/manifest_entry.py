"""Manifest entries: what only a person knows about the machine."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import Choice, Line, Unit, UnitId, defaulted, mandatory, optional, rule

if TYPE_CHECKING:
    from collections.abc import Iterator


class ValueType(Enum):
    """What the value of a manifest entry can be."""

    BOOL = "bool"
    NATURAL = "natural"

    @property
    def question(self) -> str:
        """How a person is asked for it where the entry has no prompt of its own."""
        return _QUESTIONS[self]

    @property
    def default(self) -> bool | int:
        """The value that nobody has set."""
        return 0 if self is ValueType.NATURAL else False


_QUESTIONS = {
    ValueType.BOOL: "Does this machine have it?",
    ValueType.NATURAL: "Which value does this machine have?",
}


def _partial_id(entry: ManifestEntry) -> str:
    return entry.partial_id


def _question(entry: ManifestEntry) -> str:
    return entry.value_type.question


class ManifestEntry(Unit):
    """A question about the machine, answered by a person once."""

    type_name = "manifest entry"

    id = mandatory(
        UnitId(), "Name of the entry; with a leading `_` nobody is asked for it.", absent=""
    )
    name = mandatory(Line(), "What the entry is about.", absent="", translatable=True)
    value_type = mandatory(
        Choice(ValueType), "Type of the value.", absent=ValueType.BOOL, key="value-type"
    )
    value_unit = optional(
        Line(), "Unit of a number.", key="value-unit", aliases=("value-units",), translatable=True
    )
    resource_key = defaulted(
        Line(), "", "Name in the manifest resource.", key="resource-key", otherwise=_partial_id
    )
    prompt = defaulted(
        Line(),
        "",
        "Question; entries with an equal one are asked for together.",
        translatable=True,
        otherwise=_question,
    )
    hidden_reason = optional(
        Line(), "Why nobody is asked for it.", key="hidden-reason", translatable=True
    )

    @property
    def hidden(self) -> bool:
        """Whether only the configuration can set it."""
        return self.partial_id.startswith("_")

    @rule
    def hidden_for_a_reason(self) -> Iterator[Diagnostic]:
        """An entry that nobody is asked for says why."""
        if self.hidden and not self.hidden_reason:
            message = "missing field 'hidden-reason': the id starts with '_'"
            yield self.finding("hidden-reason", Code.MISSING_FIELD, message)
