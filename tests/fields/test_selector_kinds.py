"""The lines of test plans: what they mean, and what is wrong with them."""

from __future__ import annotations

import pytest

from plainbox.fields import BadValue, IncludeList, OverrideList, Reading

INCLUDE = IncludeList({"category_id": (), "certification_status": ("blocker", "non-blocker")})


def included(value: object) -> tuple[list[tuple[str, dict[str, str]]], list[str]]:
    reading = Reading("ns")
    lines = INCLUDE.parse(value, reading)
    return [(line.pattern.text, dict(line.overrides)) for line in lines], faults_of(reading)


def faults_of(reading: Reading) -> list[str]:
    return [
        f"{fault.message} @{fault.place.start}-{fault.place.end}"
        + "".join(f"/{step}" for step in fault.place.path)
        if fault.place
        else fault.message
        for fault in reading.faults
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a\n\n# c\n  b # d", [("a", {}), ("b", {})]),
        ("a category_id=b", [("a", {"category_id": "ns::b"})]),
        ("a category-id = o::b", [("a", {"category_id": "o::b"})]),
        (
            "a category-id=b,certification-status=blocker",
            [("a", {"category_id": "ns::b", "certification_status": "blocker"})],
        ),
        ('"x{2,3}"', [("x{2,3}", {})]),
        ('"a b" category-id="c d"', [("a b", {"category_id": "ns::c d"})]),
        ("a#b", [("a", {})]),
        (".*::a", [(".*::a", {})]),
    ],
)
def test_a_line_is_a_pattern_with_overrides(
    text: str, lines: list[tuple[str, dict[str, str]]]
) -> None:
    assert included(text) == (lines, [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a category_id=b c=d", "expected ',', found 'c' @16-17"),
        ("a category_id=b,", "expected the field of an override after this @15-16"),
        ("a b", "expected '=' after this @2-3"),
        ("a b=", "expected the value of an override after this @3-4"),
        ("a,b", "expected the field of an override, found ',' @1-2"),
        ("x{2,3}", "expected the field of an override, found ',' @3-4"),
        ("a=b", "expected the field of an override, found '=' @1-2"),
        ("=a", "expected a pattern, found '=' @0-1"),
        (",a", "expected a pattern, found ',' @0-1"),
        ('"unterminated', "no closing quote @0-1"),
        (
            "a(",
            "'a(' is no regular expression: missing ), unterminated subpattern @0-2",
        ),
    ],
)
def test_a_bad_line_is_lost_alone(line: str, fault: str) -> None:
    lines, faults = included(f"{line}\nz")
    assert lines == [("z", {})]
    assert faults == [fault]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "a nosuch=1",
            "expected one of the fields category_id, certification_status, found 'nosuch' @2-8",
        ),
        (
            "a certification-status=maybe",
            "expected one of blocker, non-blocker, found 'maybe' @23-28",
        ),
    ],
)
def test_a_bad_override_leaves_the_selection(line: str, fault: str) -> None:
    assert included(line) == ([("a", {})], [fault])


def test_places_count_from_the_start_of_the_value() -> None:
    reading = Reading("ns")
    lines = INCLUDE.parse("a\n# b\n  cc", reading)
    assert [line.place[:2] for line in lines] == [(0, 1), (8, 10)]
    assert [line.text for line in lines] == ["a", "cc"]


def test_yaml_items_are_patterns_or_one_pattern_with_overrides() -> None:
    value = ["a # b", {"c": {"certification-status": "blocker"}}]
    assert included(value) == (
        [("a # b", {}), ("c", {"certification_status": "blocker"})],
        [],
    )


def test_other_yaml_items_are_reported_with_their_place() -> None:
    value = [{"a": {}, "b": {}}, {"a": None}, 5, "x(", {"y": {"nosuch": 1}}]
    expected = "expected a pattern, or one pattern with overrides, found"
    lines, faults = included(value)
    assert lines == [("y", {})]
    assert faults == [
        f"{expected} a mapping @0-0/0",
        f"{expected} a mapping @0-0/1",
        f"{expected} a number @0-0/2",
        "'x(' is no regular expression: missing ), unterminated subpattern @0-2/3",
        (
            "expected one of the fields category_id, certification_status, found 'nosuch'"
            " @0-0/4/y/nosuch"
        ),
    ]


def test_neither_text_nor_list_is_bad() -> None:
    with pytest.raises(BadValue, match="expected patterns, found a number"):
        INCLUDE.parse(5, Reading(""))
    with pytest.raises(BadValue, match="expected text or a list, found a number"):
        OverrideList().parse(5, Reading(""))


def applied(value: object, *allowed: str) -> tuple[list[tuple[str, str]], list[str]]:
    reading = Reading("ns")
    overrides = OverrideList(*allowed).parse(value, reading)
    return [(each.value, each.pattern.text) for each in overrides], faults_of(reading)


def test_an_override_applies_a_value_to_a_pattern() -> None:
    text = 'apply c to a.* # why\n\napply "o::d" to "a b"'
    assert applied(text) == ([("ns::c", "a.*"), ("o::d", "a b")], [])
    assert applied(["apply c to a"]) == ([("ns::c", "a")], [])
    assert applied("apply blocker to a", "blocker") == ([("blocker", "a")], [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Apply b to a", "expected 'apply', found 'Apply' @0-5"),
        ("apply", "expected a value after this @4-5"),
        ("apply = to a", "expected a value, found '=' @6-7"),
        ("apply b a", "expected 'to', found 'a' @8-9"),
        ("apply b to", "expected a pattern after this @9-10"),
        ('apply b to "a', "no closing quote @11-12"),
        ("apply b to a c", "expected the end of the line, found 'c' @13-14"),
        ("apply x to a", "expected one of b, found 'x' @6-7"),
        ("apply b to *", "'*' is no regular expression: nothing to repeat @11-12"),
    ],
)
def test_a_bad_override_is_lost_alone(line: str, fault: str) -> None:
    overrides, faults = applied(f"{line}\napply b to z", "b")
    assert overrides == [("b", "z")]
    assert faults == [fault]
