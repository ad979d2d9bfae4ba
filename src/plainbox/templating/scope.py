"""What the text of a template can name: the fields of one record, and how many came before it.

A record's fields are variables of their own, `{path}`, and attributes of a variable named like
the resource, `{device.path}`. Where both would have one name, the record's field wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INDEX: Final = "__index__"
"""The parameter that counts the records that made instances, from 1."""


class RecordView:
    """A record as one variable: no attribute or method hides a field of the same name."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, key: str) -> str:
        return self._fields[key]

    def __contains__(self, key: object) -> bool:
        return key in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(dict(self._fields))


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a piece of a template's text cannot be filled in, and where it stands in that text."""

    message: str
    start: int
    end: int
    missing: str = ""
    """The parameter that the record does not have, where that is the reason."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The variables that a text mentions.

    `names` are all of them; `reached` are the fields taken from the variable named like the
    resource, `whole` says that this variable is used otherwise too: any field may be meant.
    """

    names: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    whole: bool = False

    def __or__(self, other: Mentions) -> Mentions:
        return Mentions(
            self.names | other.names, self.reached | other.reached, self.whole or other.whole
        )


def scope_of(record: Mapping[str, str], index: int, resource: str) -> dict[str, object]:
    """The variables of one record of a resource."""
    scope: dict[str, object] = {resource: RecordView(record)} if resource else {}
    scope.update(record)
    scope[INDEX] = index
    return scope


def placeholder(index: int) -> str:
    """What stands in an instance where a parameter is missing."""
    return f"MISSING_PARAM_{index}"
