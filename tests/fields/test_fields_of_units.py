"""Fields are declared once; units read them when asked, and keep what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from plainbox.diagnostics import Code, Diagnostic, Sink
from plainbox.fields import (
    Duration,
    Field,
    Line,
    Owner,
    Text,
    Unit,
    UnitId,
    UnitIds,
    Words,
    defaulted,
    mandatory,
    optional,
    rule,
)
from plainbox.records import read_pxu, read_yaml
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import assert_type


class Lamp(Unit):
    """A unit type for these tests."""

    type_name: ClassVar[str] = "lamp"

    id = mandatory(UnitId(), "Name of the lamp.", absent="")
    title = optional(Line(10), "Title.", translatable=True)
    switches = defaulted(UnitIds("switch"), "main", "What turns it on.")
    burns = optional(Duration(), "How long it burns.", key="burning-time")
    socket = defaulted(Line(), "E27", "What it is screwed into.", aliases=("fitting",))
    colour = mandatory(
        Text(), "Its colour.", absent="black", otherwise=lambda lamp: lamp.text("paint")
    )
    tags = defaulted(Words(), "", "Words about it.")

    @property
    def loud(self) -> str | None:
        return self.title

    def shout(self) -> str:
        return (self.loud or "").upper()

    @rule
    def does_not_burn_long(self) -> Iterator[Diagnostic]:
        """Lamps get hot."""
        if self.burns is None or self.burns > 60:
            yield self.finding("burning-time", Code.BAD_VALUE, "burning-time: too long")

    @rule
    def has_a_loud_title(self) -> Iterator[Diagnostic]:
        """Titles are read from afar."""
        if self.shout() != self.text("title"):
            yield self.finding("title", Code.LONG_TITLE, "title: too quiet")


class Torch(Lamp):
    """A lamp without a type name of its own."""

    socket = defaulted(Line(), "battery", "What it is screwed into.")


OWNER = Owner("lights", "ns")
GOOD = "id: a\ntitle: HELLO\nburning-time: 5s\ncolour: red\n"


def lamp(text: str) -> Lamp:
    (record,) = read_pxu(Source("lamps.pxu", text), Sink())
    return Lamp(record, OWNER)


def yaml_lamp(text: str) -> Lamp:
    sink = Sink()
    (record,) = read_yaml(Source("lamps.yaml", text), sink)
    return Lamp(record, OWNER)


def told(unit: Unit) -> list[tuple[str, str, str]]:
    """What is wrong with a unit: code, message, and the text that it points at."""
    return [
        (str(each.code), each.message, each.span.text if each.span else "")
        for each in unit.problems()
    ]


def test_the_class_has_the_field_and_the_unit_its_value() -> None:
    unit = lamp(GOOD)
    if TYPE_CHECKING:
        assert_type(Lamp.title, Field[str | None])
        assert_type(unit.title, str | None)
        assert_type(Lamp.socket, Field[str])
        assert_type(unit.burns, float | None)
    assert Lamp.title.help == "Title."
    assert Lamp.title.translatable
    assert not Lamp.socket.translatable
    assert repr(Lamp.burns) == "<field burning-time>"
    assert unit.title == "HELLO"
    assert unit.burns == 5.0


def test_fields_are_listed_by_key_in_the_order_of_their_declaration() -> None:
    assert list(Lamp.fields) == [
        "unit", "id", "title", "switches", "burning-time", "socket", "colour", "tags",
    ]  # fmt: skip
    assert list(Torch.fields) == list(Lamp.fields)
    assert Torch.fields["socket"].default == "battery"
    assert Lamp.fields["socket"].default == "E27"
    assert list(Lamp.rules) == ["does_not_burn_long", "has_a_loud_title"]
    assert Lamp.rules["does_not_burn_long"].__doc__ == "Lamps get hot."


def test_a_type_with_a_name_is_registered() -> None:
    assert Unit.types["lamp"] is Lamp
    assert Torch not in Unit.types.values()


def test_a_value_is_read_once() -> None:
    unit = lamp(GOOD)
    assert unit.switches is unit.switches


def test_a_missing_field_gives_its_default() -> None:
    unit = lamp("id: a\npaint: green\n")
    assert unit.title is None
    assert unit.switches == ("main",)
    assert unit.socket == "E27"
    assert unit.colour == "green"
    assert unit.tags == ()


def test_a_field_can_be_written_with_another_key() -> None:
    assert lamp("id: a\nfitting: E14\n").socket == "E14"
    assert lamp("id: a\nfitting: E14\nsocket: GU10\n").socket == "GU10"


def test_the_translatable_spelling_comes_first() -> None:
    assert lamp("id: a\ntitle: plain\n_title: marked\n").title == "marked"
    assert lamp("id: a\ntitle: plain\n_title:\n").title == ""


def test_an_empty_yaml_value_is_no_field() -> None:
    unit = yaml_lamp("id: a\ntitle:\ncolour: red\nburning-time: 5\n")
    assert unit.title is None
    assert unit.text("title") is None


def test_an_empty_text_is_a_value_but_for_kinds_that_have_none() -> None:
    unit = lamp("id: a\ntitle:\nburning-time:\n")
    assert unit.title == ""
    assert unit.burns is None


def test_bad_text_gives_the_absent_value_and_a_diagnostic_with_its_place() -> None:
    unit = lamp(GOOD.replace("5s", "soon"))
    assert unit.burns is None
    assert told(unit) == [
        (
            "bad-value",
            "burning-time: expected a positive number of seconds or '1h 2m 3s', found 'soon'",
            "soon",
        )
    ]


def test_part_of_a_value_is_pointed_at_across_lines() -> None:
    unit = lamp(GOOD + "switches:\n   # first\n   left =\n   right\n")
    assert unit.switches == ("ns::left", "ns::right")
    (problem,) = unit.problems()
    assert problem.span is not None
    assert (problem.span.line, problem.span.column, problem.span.text) == (7, 9, "=")


def test_an_item_of_a_yaml_list_is_pointed_at() -> None:
    unit = yaml_lamp("id: a\ntitle: HI\nburning-time: 5\ncolour: red\nswitches: [left, 7]\n")
    assert unit.switches == ("ns::left",)
    assert told(unit) == [("bad-value", "switches: expected text, found a number", "7")]


def test_a_missing_mandatory_field_is_shown_at_the_id() -> None:
    unit = lamp("# c\nid: a\ntitle: HI\nburning-time: 5\n")
    assert unit.colour == "black"
    assert told(unit) == [("missing-field", "missing field 'colour'", "a")]
    nameless = lamp("title: HI\nburning-time: 5\ncolour: red\n")
    assert nameless.id == ""
    assert told(nameless) == [("missing-field", "missing field 'id'", "HI")]


def test_problems_are_those_of_reading_checking_and_rules_in_the_order_of_the_text() -> None:
    unit = lamp("id: a\ncolour: red\nburning-time: 1h\ntitle: good afternoon\n")
    assert told(unit) == [
        ("bad-value", "burning-time: too long", "1h"),
        ("long-title", "title: too quiet", "good afternoon"),
        ("long-title", "title: expected at most 10 characters, found 14", "noon"),
    ]
    assert told(unit) == told(unit)


def test_a_rule_that_read_a_bad_field_is_silent() -> None:
    both = yaml_lamp("id: a\ncolour: red\nburning-time: soon\ntitle: [x]\n")
    assert [message.partition(":")[0] for _, message, _ in told(both)] == ["burning-time", "title"]
    assert len(told(both)) == 2


def test_a_rule_that_read_only_good_fields_speaks() -> None:
    unit = lamp(GOOD.replace("5s", "1h") + "switches: a =\n")
    assert [code for code, _, _ in told(unit)] == ["bad-value", "bad-value"]
    assert told(unit)[0][1] == "burning-time: too long"


def test_a_unit_knows_its_id_namespace_and_kind() -> None:
    unit = lamp(GOOD)
    assert (unit.id, unit.partial_id, unit.namespace, unit.kind) == ("ns::a", "a", "ns", "job")
    assert repr(lamp("unit: lamp\n" + GOOD)) == "<lamp ns::a>"
    (record,) = read_pxu(Source("x", "unit: unit\nid: b\n"), Sink())
    assert Unit(record, OWNER).id == "ns::b"
    assert Unit(record, Owner("none", "")).partial_id == "b"


def test_the_text_of_any_field_can_be_had() -> None:
    unit = yaml_lamp("id: a\ntags: [x, 5]\nother: 7\n_title: T\n")
    assert unit.text("tags") == "x\n5"
    assert unit.text("other") == "7"
    assert unit.text("title") == "T"
    assert unit.text("nosuch") is None


def test_the_place_of_an_id_in_a_list_is_found() -> None:
    unit = lamp(GOOD + "switches: left, right\n")
    assert unit.id_span("switches", "ns::right").text == "right"
    assert unit.id_span("switches", "ns::nosuch").text == "left, right"
    assert unit.id_span("title", "ns::right").text == "HELLO"
    listed = yaml_lamp("id: a\nswitches:\n- left\n- right\n")
    assert listed.id_span("switches", "ns::right").text == "right"


@pytest.mark.parametrize("key", ["title", "burning-time"])
def test_reading_a_field_twice_tells_of_it_once(key: str) -> None:
    unit = yaml_lamp(f"id: a\ncolour: red\n{key}: [1]\n")
    for _ in range(2):
        getattr(unit, Lamp.fields[key].name)
    assert sum(message.startswith(f"{key}: exp") for _, message, _ in told(unit)) == 1
