"""Each kind reads text and YAML values, and says exactly what is wrong with others."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from plainbox.diagnostics import Code
from plainbox.fields import (
    BadValue,
    Choice,
    Duration,
    Flags,
    JsonObject,
    JsonObjects,
    Kind,
    Line,
    OneOf,
    Reading,
    Reference,
    Requirement,
    Requirements,
    Shell,
    Text,
    UnitId,
    UnitIds,
    Variables,
    Words,
)


class Colour(Enum):
    RED = "red"
    BLUE = "dark-blue"


def read(kind: Kind[Any], value: object) -> tuple[Any, list[str]]:
    """The value, and the faults with the characters that they point at."""
    reading = Reading("ns")
    try:
        parsed = kind.parse(value, reading)
        kind.check(parsed, reading)
    except BadValue as bad:
        parsed = BadValue
        reading.faults.append(bad.fault)
    faults = []
    for fault in reading.faults:
        where = ""
        if fault.place is not None:
            where = f" @{fault.place.start}-{fault.place.end}"
            where += "".join(f"/{step}" for step in fault.place.path)
        faults.append(fault.message + where)
    return parsed, faults


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 3m", 3780),
        ("1m 30s", 90),
        ("1h3m", 3780),
        ("1h:30s", 3630),
        ("1h   5s", 3605),
        ("90", 90),
        ("1.5", 1.5),
        (90, 90),
        (0.5, 0.5),
    ],
)
def test_durations_are_seconds_or_hours_minutes_seconds(text: object, seconds: float) -> None:
    assert read(Duration(), text) == (seconds, [])


@pytest.mark.parametrize(
    "text",
    ["3m 1h", "1h 1h", "2.5m", "1h 30", "1H", "5 m", "abc", "0", "-3", "nan", "inf", "0s", ":"],
)
def test_other_durations_are_bad(text: str) -> None:
    value, faults = read(Duration(), text)
    assert value is BadValue
    assert faults == [f"expected a positive number of seconds or '1h 2m 3s', found {text!r}"]


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Text(), 5, "expected text, found a number"),
        (Text(), True, "expected text, found true or false"),
        (Line(), ["a"], "expected text, found a list"),
        (Shell(), {"a": "b"}, "expected text, found a mapping"),
        (UnitId(), 5, "expected text, found a number"),
        (UnitId(), "", "expected an id, found nothing"),
        (Reference("category"), "", "expected the id of a category, found nothing"),
        (UnitIds("job"), 5, "expected a list of ids, found a number"),
        (Words(), 5, "expected a list of words, found a number"),
        (Duration(), True, "expected a duration, found true or false"),
        (Choice(Colour), "green", "expected one of dark-blue, red, found 'green'"),
        (Choice(Colour, only=[Colour.RED]), "dark-blue", "expected one of red, found 'dark-blue'"),
        (Choice(Colour), 1, "expected text, found a number"),
        (OneOf("b", "a"), "c", "expected one of a, b, found 'c'"),
        (JsonObject(), "[]", "expected a JSON object, found a list"),
        (JsonObject(), 5, "expected a JSON object, found a number"),
        (JsonObjects(), "{}", "expected a JSON array of objects, found a mapping"),
        (JsonObjects(), "null", "expected a JSON array of objects, found nothing"),
        (JsonObjects(), "[" * 100_000, "invalid JSON: nested too deeply"),
        (Requirements(), 5, "expected a list of manifest entries, found a number"),
    ],
)
def test_a_value_of_another_type_is_bad(kind: Kind[Any], value: object, message: str) -> None:
    assert read(kind, value) == (BadValue, [message])


def test_choices_are_members_by_their_value() -> None:
    assert read(Choice(Colour), "dark-blue") == (Colour.BLUE, [])
    assert Choice(Colour).choices() == ("red", "dark-blue")
    assert OneOf("b", "a").choices() == ("b", "a")
    assert Flags({"x": ""}).choices() == ("x",)
    assert Text().choices() == ()


def test_a_title_is_one_line_of_at_most_80_characters() -> None:
    assert read(Line(80), "x" * 80) == ("x" * 80, [])
    assert read(Line(80), "x" * 81)[1] == ["expected at most 80 characters, found 81 @80-81"]
    assert read(Line(80), "a\nb")[1] == ["expected one line @1-3"]
    assert read(Line(), "a\n" * 90)[1] == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("echo 'a b' \"c 'd\" \\' # don't", []),
        ("echo '", ["no closing quote @5-6"]),
        ('echo "a\\"', ["no closing quote @5-6"]),
        ("echo a\\", []),
        ("cat << EOF\ndon't\nEOF", []),
        ("a 'b\nc' d", []),
        (
            "ls $CHECKBOX_SHARE ${CHECKBOX_DATA}",
            [
                "CHECKBOX_SHARE is an old name, use PLAINBOX_PROVIDER_DATA @4-18",
                "CHECKBOX_DATA is an old name, use PLAINBOX_SESSION_SHARE @21-34",
            ],
        ),
        ("ls $MY_CHECKBOX_SHARE", []),
    ],
)
def test_commands_close_their_quotes_and_use_current_variables(
    text: str, faults: list[str]
) -> None:
    assert read(Shell(), text) == (text, faults)


def test_json_is_read_from_text_and_from_yaml() -> None:
    assert read(JsonObject(), '{"a": 1}') == ({"a": 1}, [])
    assert read(JsonObject(), {"a": 1}) == ({"a": 1}, [])
    assert read(JsonObjects(), '[{"a": 1}]') == (({"a": 1},), [])
    assert read(JsonObjects(), [{"a": 1}]) == (({"a": 1},), [])


def test_a_mistake_in_json_is_pointed_at() -> None:
    assert read(JsonObject(), '{"a": }') == (
        BadValue,
        ["invalid JSON: expecting value @6-7"],
    )
    assert read(JsonObjects(), '[{}, "x"]') == (({},), ["expected an object, found text: 'x'"])


def test_an_id_gets_its_namespace_and_has_none_of_its_own() -> None:
    assert read(UnitId(), "a/b") == ("ns::a/b", [])
    assert read(UnitId(), "o::b") == (
        "o::b",
        ["expected an id without a namespace of its own @0-3"],
    )
    assert read(UnitId(pattern=True), "a-{x::>4}") == ("a-{x::>4}", [])
    assert read(Reference("category"), "c") == ("ns::c", [])
    assert read(Reference("category"), "o::c") == ("o::c", [])


@pytest.mark.parametrize(
    ("value", "ids", "faults"),
    [
        ("", (), []),
        ("b a\n\tc", ("ns::b", "ns::a", "ns::c"), []),
        ("a,b,, c , ", ("ns::a", "ns::b", "ns::c"), []),
        ("b a b", ("ns::b", "ns::a"), []),
        ("foo#c d\nbar # baz\n# x", ("ns::foo", "ns::bar"), []),
        ('"a b, c=#" d', ("ns::a b, c=#", "ns::d"), []),
        ('a"b"c', ('ns::a"b"c',), []),
        ("o::x ns::y", ("o::x", "ns::y"), []),
        ("a=b", ("ns::a", "ns::b"), ["expected an id, found '=' @1-2"]),
        ('a "x y', ("ns::a",), ["no closing quote @2-3"]),
        (["b", " a ", "b"], ("ns::b", "ns::a"), []),
        (["a b"], ("ns::a b",), []),
        (
            ["a", 5, None],
            ("ns::a",),
            [
                "expected text, found a number @0-0/1",
                "expected text, found nothing @0-0/2",
            ],
        ),
    ],
)
def test_ids_keep_their_order_and_come_once(
    value: object, ids: tuple[str, ...], faults: list[str]
) -> None:
    assert read(UnitIds("job"), value) == (ids, faults)


def test_words_are_split_at_blanks_and_commas_and_have_comments() -> None:
    assert read(Words(), "a, b\nc a") == (("a", "b", "c"), [])
    assert read(Words(",;"), "a;b, c") == (("a", "b", "c"), [])
    assert read(Words(), ["a", "b"]) == (("a", "b"), [])
    assert read(Variables(), "# for X\nDISPLAY, HOME") == (("DISPLAY", "HOME"), [])


def test_environ_takes_names_only() -> None:
    assert read(Variables(), "A B=1 C") == (
        ("A", "C"),
        ["expected the name of a variable, found 'B=1' @2-5"],
    )
    assert read(Variables(), ["A", "B=1"]) == (
        ("A",),
        ["expected the name of a variable, found 'B=1' @0-3/1"],
    )


def test_unknown_flags_are_kept_and_reported() -> None:
    flags = Flags({"simple": "…"})
    assert read(flags, "") == (frozenset(), [])
    assert read(flags, "simple, other") == (
        frozenset({"simple", "other"}),
        ["unknown flag 'other' @8-13"],
    )
    reading = Reading("")
    flags.parse("other", reading)
    assert [fault.code for fault in reading.faults] == [Code.UNKNOWN_FLAG]


def test_manifest_requirements_are_true_or_have_a_value() -> None:
    expected = (Requirement("ns::a", value=True), Requirement("o::b", value=2))
    assert read(Requirements(), ["a", {"o::b": 2}]) == (expected, [])
    assert read(Requirements(), "a") == (expected[:1], [])
    assert read(Requirements(), [{"a": 1, "b": 2}, "a"]) == (
        expected[:1],
        ["expected an id, or one id with a value, found a mapping @0-0/0"],
    )


def test_every_kind_says_what_it_is() -> None:
    assert Line.form == "one line of text"
    with pytest.raises(NotImplementedError):
        Kind[str]().parse("", Reading(""))
