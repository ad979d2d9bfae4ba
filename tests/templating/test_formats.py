"""Format strings: what Python does with texts and numbers, and nothing that it does beyond."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.templating import Format, Slot, parse_format, scope_of

SCOPE = scope_of(
    {"path": "/dev/sda", "name": "o'neil", "n": "2", "x-y": "dash", "w": "9"}, 3, "dev"
)


def rendered(text: str) -> str:
    result, faults = parse_format(text).render(SCOPE)
    assert not faults
    return result


def fault(text: str) -> str:
    _, faults = parse_format(text).render(SCOPE)
    (found,) = faults
    return found.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{path}", "/dev/sda"),
        ("{{}}", "{}"),
        ("{{{n}}}", "{2}"),
        ("awk '{{print $1}}' {path} ${{HOME}}", "awk '{print $1}' /dev/sda ${HOME}"),
        ("{name!r}", '"o\'neil"'),
        ("{name!s:>8}|", "  o'neil|"),
        ("{name!a:.3}", "\"o'"),
        ("{n:>4}|", "   2|"),
        ("{n:>{w}}|", "        2|"),
        ("{n:{{^5}", None),
        ("{n:{w}{w}}|", "2" + " " * 98 + "|"),
        ("{path[0]}{path[1]}", "/d"),
        ("{__index__}", "3"),
        ("{__index__:03}", "003"),
        ("{x-y}", "dash"),
        ("{dev.path}", "/dev/sda"),
        ("{dev.x-y}", "dash"),
        ("{dev[path]}", "/dev/sda"),
        ("{dev.path[5]}", "s"),
        ("{dev.name!r:.2}", '"o'),
    ],
)
def test_fields_are_written_as_python_writes_them(text: str, expected: str | None) -> None:
    if expected is None:
        assert parse_format(text).render(SCOPE)[1]
    else:
        assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nosuch}", "there is no parameter 'nosuch'"),
        ("{print $1}", "there is no parameter 'print $1'"),
        ("{dev.nosuch}", "there is no parameter 'nosuch'"),
        ("{n:>{nosuch}}", "there is no parameter 'nosuch'"),
        ("{dev}", "'dev' is the whole record, expected one of its fields"),
        ("{dev!r}", "'dev' is the whole record, expected one of its fields"),
        ("{path.__class__}", "'path.__class__' is no field of the record"),
        ("{path.upper}", "'path.upper' is no field of the record"),
        ("{path[x]}", "'path[x]' is no field of the record"),
        ("{path[99]}", "'path[99]' is beyond the end of '/dev/sda'"),
        ("{path[9999999999]}", "'path[9999999999]' is no field of the record"),
        ("{dev.__class__}", "there is no parameter '__class__'"),
        ("{dev.__init__.__globals__}", "there is no parameter '__init__'"),
        ("{__index__.real}", "'__index__.real' is no field of the record"),
        ("{n:d}", "'d' is no format for '2'"),
        ("{n:>99999}", "the width in '>99999' is more than 9999"),
        ("{n!x}", "conversion 'x' is unknown, expected r, s or a"),
        ("{n!}", "conversion '' is unknown, expected r, s or a"),
        ("{n!rx}", "'x' is unexpected after 'n'"),
        ("{n{w}}", "'{w}' is unexpected after 'n'"),
        ("{n[]}", "'n[]' is no parameter, expected a name"),
        ("{n[0]x}", "'n[0]x' is no parameter, expected a name"),
        ("{n.}", "'n.' is no parameter, expected a name"),
        ("{n:{w:{n:{w}}}}", "replacement fields are nested too deeply"),
        ("a } b", "'}' closes nothing, write '}}' for the character"),
        ("a { b", "'{' is never closed, write '{{' for the character"),
        ("{n[}", "'{' is never closed, write '{{' for the character"),
        ("{n:{w}", "'{' is never closed, write '{{' for the character"),
    ],
)
def test_what_does_not_fit_is_a_fault(text: str, message: str) -> None:
    assert fault(text) == message


@pytest.mark.parametrize("text", ["{}", "{0}", "{:>3}", "{!r}", "{.path}", "{[0]}", "{12.path}"])
def test_a_field_without_a_name_is_a_fault(text: str) -> None:
    assert "needs the name of a parameter" in fault(text)


def test_a_fault_stands_where_the_mistake_is() -> None:
    text = "a {path} {nosuch:>3} } b {n:>{gone}} {"
    _, faults = parse_format(text).render(SCOPE)
    assert [text[found.start : found.end] for found in faults] == [
        "{nosuch:>3}",
        "}",
        "{n:>{gone}}",
        "{",
    ]


def test_a_nested_mistake_stands_where_it_is_in_the_whole_text() -> None:
    text = "ab {n:>{0}}"
    slot = parse_format(text).pieces[1]
    assert isinstance(slot, Slot)
    assert isinstance(slot.spec, Format)
    (found,) = slot.spec.faults
    assert text[found.start : found.end] == "{0}"


def test_a_placeholder_stands_for_what_is_missing() -> None:
    assert parse_format("t_{nosuch}_{n}").render(SCOPE)[0] == "t_MISSING_PARAM_3_2"
    assert parse_format("t_{nosuch}").render({})[0] == "t_MISSING_PARAM_0"


def test_a_key_of_the_record_wins_over_the_name_of_the_resource() -> None:
    scope = scope_of({"dev": "plain", "path": "/a"}, 1, "dev")
    assert parse_format("{dev}").render(scope) == ("plain", ())
    assert parse_format("{dev.path}").render(scope)[1]


def test_mentions_tell_fields_from_the_record_itself() -> None:
    mentions = parse_format("{a} {b!r:>{c}} {dev.d} {dev[e][0]} {dev}").mentions("dev")
    assert mentions.names == {"a", "b", "c", "dev"}
    assert mentions.reached == {"d", "e"}
    assert not mentions.whole


@pytest.mark.parametrize(
    ("text", "part", "origin"),
    [
        ("a {path} b {n} c", "a ", "a "),
        ("a {path} b {n} c", "/dev", "{path}"),
        ("a {path} b {n} c", "sda b 2", "{path} b {n}"),
        ("a {path} b {n} c", " c", " c"),
        ("a {{x}} b", "x", "x"),
        ("a {{x}} b", "{x", "{{x"),
        ("a {{x}} b", "} b", "}} b"),
    ],
)
def test_characters_lead_back_to_what_they_were_made_of(text: str, part: str, origin: str) -> None:
    parsed = parse_format(text)
    start = rendered(text).index(part)
    first, last = parsed.origin(SCOPE, start, start + len(part))
    assert text[first:last] == origin


def test_no_characters_lead_back_to_the_end() -> None:
    assert parse_format("abc {n}").origin(SCOPE, 5, 5) == (7, 7)


class Oracle(string.Formatter):
    """Python's own, with the fields of a record and no attributes."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if isinstance(key, int):
            raise LookupError  # noqa: TRY004 - as for a name that is not there
        return kwargs[key]

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        if "." in field_name:
            raise LookupError
        return super().get_field(field_name, args, kwargs)


PIECES = st.sampled_from(
    [
        "{",
        "}",
        "{{",
        "}}",
        "{n}",
        "{path",
        ":",
        "!r",
        "!",
        ">4",
        "[0]",
        "[",
        "]",
        "x",
        "w",
        " ",
        "n",
        ".",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_it_agrees_with_python_on_every_text(text: str) -> None:
    values = {key: value for key, value in SCOPE.items() if key != "dev"}
    try:
        expected = Oracle().vformat(text, (), values)
    except (LookupError, ValueError, TypeError, AttributeError):
        expected = None
    result, faults = parse_format(text).render(values)
    assert (None if faults else result) == expected
