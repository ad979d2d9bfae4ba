from __future__ import annotations

import pytest

from plainbox.config.ini import read_ini
from plainbox.diagnostics import Code, Sink
from plainbox.text import Source


def read(text: str, sink: Sink | None = None) -> dict[str, dict[str, object]]:
    sections = read_ini(
        Source("x.provider", text), Sink() if sink is None else sink, Code.BAD_PROVIDER
    )
    return {
        name: {key: given.value for key, given in section.given.items()}
        for name, section in sections.items()
    }


def test_only_an_equals_sign_separates_and_keys_keep_their_case() -> None:
    assert read("[S]\nName = a:b\nurl=http://x=y\n") == {"S": {"Name": "a:b", "url": "http://x=y"}}


def test_percent_signs_are_plain() -> None:
    assert read("[S]\ndescription = 100% of %(it)s\n") == {"S": {"description": "100% of %(it)s"}}


def test_an_indented_line_continues_the_value_above() -> None:
    assert read("[S]\na = one\n  two\n\n  three\nb =\n  four\n") == {
        "S": {"a": "one\ntwo\n\nthree", "b": "\nfour"}
    }


def test_comments_are_left_out_everywhere() -> None:
    assert read("# c\n[S]\n; c\na = one\n  # c\n  two ; no comment\n") == {
        "S": {"a": "one\ntwo ; no comment"}
    }


def test_an_empty_value_is_an_empty_text() -> None:
    assert read("[S]\na =\nb = 1\n") == {"S": {"a": "", "b": "1"}}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = 1\n[S]\n", 1, "a line outside any section"),
        ("[S]\nword\n", 2, "expected 'key = value'"),
        ("[S]\n= 1\n", 2, "expected 'key = value'"),
        ("[S]\na = 1\na = 2\n", 3, "key 'a' stands in its section twice"),
        ("[S]\na = 1\n[S]\nb = 2\n", 3, "section 'S' stands in the file twice"),
    ],
)
def test_a_mistake_costs_its_line_and_is_shown_there(text: str, line: int, message: str) -> None:
    sink = Sink()
    read(text + "[T]\nz = 1\n", sink)
    (found,) = sink
    assert found.code is Code.BAD_PROVIDER
    assert found.message == message
    assert found.span
    assert found.span.line == line
    assert read(text + "[T]\nz = 1\n")["T"] == {"z": "1"}


def test_the_first_of_two_equal_keys_stays() -> None:
    assert read("[S]\na = 1\na = 2\n") == {"S": {"a": "1"}}
