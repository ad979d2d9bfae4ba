"""What passes between a field and its kind while a value is read.

A kind gets the value as written and a `Reading`. It reports what is wrong there and returns
what can still be used, or raises `BadValue` where nothing can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plainbox.diagnostics import Code

if TYPE_CHECKING:
    from collections.abc import Iterator


class Place(NamedTuple):
    """Characters of a value, or of the item that `path` leads to in a YAML value."""

    start: int
    end: int
    path: tuple[int | str, ...] = ()


class Piece(NamedTuple):
    """A line or a word of a text, or an item of a list, and where it begins."""

    text: str
    start: int
    path: tuple[int | str, ...] = ()

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Some characters of it, or all."""
        end = len(self.text) if end is None else end
        return Place(self.start + start, self.start + end, self.path)


class Fault(NamedTuple):
    """One mistake in a value; without a place it is the whole value that is wrong.

    `meant` is the word that most probably should stand there.
    """

    message: str
    place: Place | None = None
    code: Code = Code.BAD_VALUE
    notes: tuple[str, ...] = ()
    meant: str = ""


class BadValue(ValueError):
    """Nothing of a value can be used; never leaves the field that reads it."""

    def __init__(self, message: str, place: Place | None = None, meant: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(message, place, meant=meant)


class Reading:
    """The namespace that partial ids belong to, and the faults found so far."""

    __slots__ = ("faults", "namespace")

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.faults: list[Fault] = []

    def fault(
        self,
        message: str,
        place: Place | None = None,
        code: Code = Code.BAD_VALUE,
        hint: str = "",
        meant: str = "",
    ) -> None:
        """Report a mistake that leaves something to be used."""
        self.faults.append(Fault(message, place, code, (hint,) if hint else (), meant))


def type_of(value: object) -> str:
    """The words for the type of a YAML value."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return "text" if isinstance(value, str) else "nothing"


def expect_text(value: object) -> str:
    """The value, which has to be text."""
    if isinstance(value, str):
        return value
    raise BadValue(f"expected text, found {type_of(value)}")


def items_of(value: list[object], reading: Reading) -> Iterator[Piece]:
    """The items of a list that are text; the others are reported."""
    for index, item in enumerate(value):
        if isinstance(item, str):
            yield Piece(item, 0, (index,))
        else:
            reading.fault(f"expected text, found {type_of(item)}", Place(0, 0, (index,)))


def lines_of(value: object, reading: Reading) -> Iterator[Piece]:
    """The lines of a text, the items of a list."""
    if isinstance(value, list):
        yield from items_of(value, reading)
        return
    if not isinstance(value, str):
        raise BadValue(f"expected text or a list, found {type_of(value)}")
    start = 0
    for text in value.split("\n"):
        yield Piece(text, start)
        start += len(text) + 1
