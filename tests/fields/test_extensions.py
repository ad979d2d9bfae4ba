"""An extension adds fields and rules to a unit type that somebody else declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from plainbox.diagnostics import Code, Sink
from plainbox.fields import (
    Duration,
    Extension,
    Field,
    Line,
    Owner,
    Unit,
    UnitId,
    accessor,
    mandatory,
    optional,
    rule,
)
from plainbox.records import read_pxu
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.diagnostics import Diagnostic


@pytest.fixture(autouse=True)
def types_of_their_own() -> Iterator[None]:
    before = dict(Unit.types)
    yield
    Unit.types.clear()
    Unit.types.update(before)


@pytest.fixture
def door() -> type[Unit]:
    class Door(Unit):
        """A way in."""

        type_name: ClassVar[str] = "door of tests"
        id = mandatory(UnitId(), "Name.", absent="")
        size = optional(Line(), "Size.", aliases=("width",))

        @property
        def wide(self) -> bool:
            return self.size == "wide"

    return Door


def make(unit_type: type[Unit], text: str) -> Any:
    (record,) = read_pxu(Source("doors.pxu", text), Sink())
    return unit_type(record, Owner("house", "ns"))


def test_a_field_of_an_extension_is_read_and_checked_like_any_other(door: type[Unit]) -> None:
    class Locks(Extension, of=door):
        """How doors are locked."""

        lock = optional(Line(), "What locks it.")
        opens_in = optional(Duration(), "How long it takes.", key="opens-in")

    assert list(door.fields) == ["unit", "id", "size", "lock", "opens-in"]
    assert make(door, "id: a\nlock: bolt\nopens-in: 1m\n").lock == "bolt"
    assert make(door, "id: a\nopens-in: 1m\n").opens_in == 60
    (found,) = make(door, "id: a\nopens-in: soon\n").problems()
    assert found.code is Code.BAD_VALUE
    assert found.span.text == "soon"


def test_rules_methods_and_properties_come_along(door: type[Unit]) -> None:
    class Paint(Extension, of=door):
        colour = optional(Line(), "Its colour.")

        def loud(self: Any) -> bool:
            return bool(self.dark and self.wide)

        @property
        def dark(self: Any) -> bool:
            return bool(self.colour == "black")

        @rule
        def is_not_loud(self: Any) -> Iterator[Diagnostic]:
            """Wide doors are not black."""
            if self.loud():
                yield self.finding("colour", Code.BAD_VALUE, "colour: too dark")

    assert make(door, "id: a\nsize: wide\ncolour: red\n").problems() == []
    (found,) = make(door, "id: a\nsize: wide\ncolour: black\n").problems()
    assert found.message == "colour: too dark"


def test_types_derived_from_the_extended_one_have_the_field_too(door: type[Unit]) -> None:
    class Gate(door):  # type: ignore[valid-type,misc]
        """A large door."""

        size = optional(Line(), "Another size.")

    class Locks(Extension, of=door):
        lock = optional(Line(), "What locks it.")

    assert make(Gate, "id: a\nlock: bolt\n").lock == "bolt"
    assert Gate.fields["size"].help == "Another size."
    assert "lock" in Gate.fields


def test_a_function_with_a_docstring_is_a_field(door: type[Unit]) -> None:
    class Hinges(Extension, of=door):
        @accessor
        def hinges(text: str) -> int:  # noqa: N805 - it reads a text
            """Number of hinges,
            at least two."""
            number = int(text)
            if number < 2:
                raise ValueError(f"expected at least two hinges, found {number}")
            return {2: 2, 3: 3}[number]

    assert make(door, "id: a\nhinges: 3\n").hinges == 3
    assert make(door, "id: a\n").hinges is None
    assert door.fields["hinges"].help == "Number of hinges, at least two."
    messages = [
        each.message
        for number in ("1", "many", "9")
        for each in make(door, f"id: a\nhinges: {number}\n").problems()
    ]
    assert messages == [
        "hinges: expected at least two hinges, found 1",
        "hinges: invalid literal for int() with base 10: 'many'",
        "hinges: KeyError(9)",
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"size": optional(Line(), "Again.")},
        {"wide": optional(Line(), "A property.")},
        {"breadth": optional(Line(), "An old key.", key="width")},
        {"problems": None},
    ],
    ids=lambda members: next(iter(members)),
)
def test_nothing_that_a_type_has_can_be_replaced(
    door: type[Unit], members: dict[str, object]
) -> None:
    before = dict(door.fields)
    with pytest.raises(TypeError, match=r"door of tests has '.*' already"):
        type("Again", (Extension,), {"lock": optional(Line(), "New."), **members}, of=door)
    assert door.fields == before
    assert not hasattr(door, "lock")


def test_no_unit_type_takes_the_name_of_another(door: type[Unit]) -> None:
    with pytest.raises(TypeError, match="'door of tests' is there already"):
        type("Other", (Unit,), {"type_name": "door of tests"})
    assert Unit.types["door of tests"] is door


def test_a_unit_knows_its_keys_and_those_that_its_provider_declares(door: type[Unit]) -> None:
    (record,) = read_pxu(Source("doors.pxu", "id: a\n"), Sink())
    unit = door(record, Owner("house", "ns", fields=("shelf",)))
    assert unit.known_keys() == {"unit", "id", "size", "width", "shelf"}


def test_the_field_stands_on_the_class(door: type[Unit]) -> None:
    class Locks(Extension, of=door):
        lock = optional(Line(), "What locks it.")

    assert isinstance(vars(door)["lock"], Field)
    assert Locks.lock.key == "lock"
