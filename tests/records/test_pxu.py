"""Reading PXU: the corpus, the tables of the specification, and what is said about mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plainbox.diagnostics import Code, Diagnostic, Edit, Sink
from plainbox.records import normalise, read_pxu, read_records_until_error
from plainbox.text import Source

if TYPE_CHECKING:
    from plainbox.records import Record

CORPUS = json.loads((Path(__file__).parents[1] / "corpus" / "records.json").read_text())


def read(text: str) -> tuple[list[Record], list[Diagnostic]]:
    sink = Sink()
    return read_pxu(Source("a.pxu", text), sink), sink.found


def values(text: str) -> list[dict[str, object]]:
    records, found = read(text)
    assert found == []
    return [record.data() for record in records]


def mistake(text: str) -> Diagnostic:
    _, found = read(text)
    assert len(found) == 1
    return found[0]


def mended(text: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("case", [case for case in CORPUS if "records" in case])
def test_corpus_text_without_mistakes_reads_as_recorded(case: dict[str, Any]) -> None:
    records, found = read(case["text"])
    assert found == []
    assert [
        {
            "data": record.data(),
            "first_line": record.first_line,
            "last_line": record.last_line,
            "offsets": {
                key: entry.text_line - record.first_line for key, entry in record.entries.items()
            },
        }
        for record in records
    ] == case["records"]


@pytest.mark.parametrize("case", [case for case in CORPUS if "error_line" in case])
def test_corpus_text_with_a_mistake_is_reported_at_its_line(case: dict[str, Any]) -> None:
    sink = Sink()
    source = Source("a.pxu", case["text"])
    complete = read_records_until_error(source, sink)
    assert len(sink.found) == 1
    span = sink.found[0].span
    assert span is not None
    assert span.line == case["error_line"]
    assert all(record.last_line < case["error_line"] for record in complete)
    everything = Sink()
    read_pxu(source, everything)
    assert everything.found[0] == sink.found[0]


def test_every_corpus_case_is_of_one_of_the_two_forms() -> None:
    assert len(CORPUS) == 568
    assert all(("records" in case) != ("error_line" in case) for case in CORPUS)


GRAMMAR: list[tuple[str, list[dict[str, str]]]] = [
    ("a: 1\nb: 2\n", [{"a": "1", "b": "2"}]),
    ("a: 1\n\n\n\nb: 2\n", [{"a": "1"}, {"b": "2"}]),
    ("a: 1\n   \nb: 2\n", [{"a": "1"}, {"b": "2"}]),
    ("a: 1\n\t\nb: 2\n", [{"a": "1"}, {"b": "2"}]),
    ("a:b\n", [{"a": "b"}]),
    ("a b : c\n", [{"a b": "c"}]),
    ("Foo: 1\nfoo: 2\n", [{"Foo": "1", "foo": "2"}]),
    ("_foo: 1\nfoo: 2\n", [{"_foo": "1", "foo": "2"}]),
    ("u: http://x:80/\n", [{"u": "http://x:80/"}]),
    ("a: 1 # c\n", [{"a": "1 # c"}]),
    ("#a: 1\nb: 2\n", [{"b": "2"}]),
    ("k:\n one\n # c\n two\n", [{"k": "one\n# c\ntwo"}]),
    ("k:\n one\n# c\n two\n", [{"k": "one\ntwo"}]),
    ("a:\n", [{"a": ""}]),
    ("a: one\n two\n three\n", [{"a": "one\ntwo\nthree"}]),
    ("a:\n    one\n      two\n    three\n", [{"a": "one\n  two\nthree"}]),
    ("a: one\n     two\n     three\n", [{"a": "one\n    two\n    three"}]),
    ("k: one\n   two\n", [{"k": "one\n  two"}]),
    ("k:\n   one\n", [{"k": "one"}]),
    ("a:\tfoo\n", [{"a": "foo"}]),
    ("a: one   \n two  \n three \n", [{"a": "one   \ntwo  \nthree"}]),
    ("a: 1\r\nb: 2\r\n", [{"a": "1", "b": "2"}]),
    ("a:\r\n  1\r\n  .\r\n  2\r\n\r\nb: 2\r\n", [{"a": "1\n\n2"}, {"b": "2"}]),
    ("\ufeffa: 1\n", [{"a": "1"}]),
    ("", []),
    ("# nothing\n#\n", []),
    ("\n \n\t\n", []),
    ("a:\n\tfoo: bar\n", [{"a": "", "foo": "bar"}]),
    ("a: 1\x0b2\x0c3\x1c4\x855\u20286\r7\n", [{"a": "1\x0b2\x0c3\x1c4\x855\u20286\r7"}]),
    ("a:\n  1\n\t\tb: 2\n", [{"a": "1", "b": "2"}]),
    ("a: 1\n \u00a0\nb: 2", [{"a": "1"}, {"b": "2"}]),
    ("a:\n \t1\n \t 2\n", [{"a": "1\n 2"}]),
    ("a:\n \t1\n  2\n", [{"a": "1\n 2"}]),
]


@pytest.mark.parametrize(("text", "expected"), GRAMMAR)
def test_the_grammar_reads_lines_by_their_first_character(
    text: str, expected: list[dict[str, str]]
) -> None:
    assert values(text) == expected


DOTS = [
    ("k:\n one\n .\n two\n", "one\n\ntwo"),
    ("k:\n   one\n   .\n   two\n", "one\n\ntwo"),
    ("k:\n one\n    .\n two\n", "one\n\ntwo"),
    ("k:\n .\n more\n", "more"),
    ("k:\n one\n .\n", "one"),
    ("k:\n .\n", "."),
    ("k: .\n", "."),
    ("k: .\n .\n .\n", ""),
    ("k: .\n one\n two\n", "one\ntwo"),
    ("k:\n one\n ..\n two\n", "one\n..\ntwo"),
    ("k:\n one\n . \n two\n", "one\n. \ntwo"),
]


@pytest.mark.parametrize(("text", "expected"), DOTS)
def test_a_lone_dot_is_an_empty_line_of_a_longer_value(text: str, expected: str) -> None:
    assert values(text) == [{"k": expected}]


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("k:\n", ""),
        ("k:", ""),
        ("k: one \n", "one \n"),
        ("k:   one", "one"),
        ("k:\n   one\n# c\n   .\n two\n", "  one\n  .\ntwo\n"),
        ("k: one\n two", "one\ntwo"),
        ("k:\r\n one\r\n two\r\n", "one\ntwo\n"),
        ("k: one\n# c\nl: 2\n", "one\n"),
    ],
)
def test_the_raw_value_keeps_indentation_dots_and_line_feeds(text: str, raw: str) -> None:
    records, _ = read(text)
    entry = records[0].get("k")
    assert entry is not None
    assert entry.raw == raw
    assert entry.value == normalise(raw)


def test_lines_count_from_the_first_field_to_the_last_continuation() -> None:
    records, _ = read("# top\nid: a\ncommand:\n\n# c\nx: 1\n# c\n y\n# c\n\n")
    assert [(record.first_line, record.last_line) for record in records] == [(2, 3), (6, 8)]
    entry = records[0].entries["command"]
    assert (entry.line, entry.last_line, entry.text_line) == (3, 3, 4)


def test_a_translatable_field_wins_even_when_it_is_empty() -> None:
    records, _ = read("summary: plain\n_summary:\n_id: a\nname: b\n")
    summary, name = records[0].get("summary"), records[0].get("name")
    assert summary is not None
    assert name is not None
    assert (summary.key, summary.value, name.key) == ("_summary", "", "name")
    assert records[0].entries["_id"] is records[0].get("id")
    assert records[0].get("plugin") is None


def test_a_syntax_error_costs_its_record_alone() -> None:
    records, found = read("a: 1\n\nb: 2\noops\n  oh\nno\nb: 3\n\nc: 3\n\n d\n\ne: 5\n")
    assert [record.data() for record in records] == [{"a": "1"}, {"c": "3"}, {"e": "5"}]
    assert [str(diagnostic.span) for diagnostic in found] == ["a.pxu:4:1", "a.pxu:11:2"]


def test_resource_output_ends_at_the_first_error() -> None:
    sink = Sink()
    records = read_records_until_error(Source("out", "a: 1\n\nb: 2\noops\n\nc: 3\n"), sink)
    assert [record.data() for record in records] == [{"a": "1"}]
    assert len(sink) == 1


def test_a_line_without_a_colon_is_a_syntax_error() -> None:
    found = mistake("  \n\nhello world \n")
    assert (found.code, found.message) == (Code.SYNTAX, "expected 'field: value'")
    assert found.span is not None
    assert (found.span.text, found.label) == ("hello world", "no colon in this line")
    assert found.fix is None


def test_a_line_that_may_belong_to_the_open_field_says_how() -> None:
    text = "id: a\ncommand:\n one\ntwo\n"
    found = mistake(text)
    assert found.notes == ("if it belongs to 'command', begin the line with a space",)
    assert found.fix is not None
    assert values(mended(text, found.fix.edits)) == [{"id": "a", "command": "one\ntwo"}]


def test_a_tab_does_not_continue_a_value_and_is_named() -> None:
    text = "id: a\ncommand:\n\tone\n\t  two: 2\n\n\tb: 1\n"
    found = mistake(text)
    assert found.message == "a tab does not continue a value"
    assert found.span is not None
    assert (found.span.line, found.span.text, found.label) == (3, "\t", "expected a space")
    assert found.fix is not None
    assert values(mended(text, found.fix.edits))[0]["command"] == "one\n  two: 2"


def test_other_whitespace_does_not_continue_a_value_either() -> None:
    found = mistake("command:\n\u00a0one\n")
    assert found.message == "this whitespace does not continue a value"


def test_a_continuation_after_a_blank_line_shows_the_blank_line() -> None:
    text = "id: a\ncommand:\n one\n\n# c\n  \n two\n\nb: 1\n"
    found = mistake(text)
    assert found.message == "this line continues a field, but a blank line has ended the record"
    assert found.span is not None
    assert (found.span.line, found.span.text) == (7, "two")
    assert [label.span.line for label in found.others] == [4]
    assert found.fix is not None
    assert values(mended(text, found.fix.edits)) == [
        {"id": "a", "command": "one\n\n\ntwo"},
        {"b": "1"},
    ]


@pytest.mark.parametrize("start", ["", "\ufeff", "# c\n", "\n\n"])
def test_an_indented_first_field_says_that_none_is_open(start: str) -> None:
    found = mistake(start + "  id: a\n")
    assert found.message == "this line continues a field, but none is open"
    assert found.span is not None
    assert found.span.text == "id: a"
    assert found.fix is not None
    assert values(mended(start + "  id: a\n", found.fix.edits)) == [{"id": "a"}]


@pytest.mark.parametrize("text", [": c\n", "a: 1\n : c: d\n\t : x\n", "\ufeff: c\n"])
def test_a_field_needs_a_name(text: str) -> None:
    assert mistake(text).message == "this field has no name"


def test_a_field_given_twice_shows_both_places() -> None:
    found = mistake("id: a\nb: 1\nb : 2\n")
    assert (found.code, found.message) == (Code.DUPLICATE_FIELD, "field 'b' is given twice")
    assert found.span is not None
    assert (found.span.line, found.span.text) == (3, "b")
    assert [(label.span.line, label.span.text) for label in found.others] == [(2, "b")]
    assert (found.notes, found.fix) == ((), None)


def test_a_first_field_given_twice_is_probably_a_missing_blank_line() -> None:
    text = "id: a\nb: 1\nid: c\nb: 2\n"
    found = mistake(text)
    assert found.notes == ("records are separated by a blank line",)
    assert found.fix is not None
    assert values(mended(text, found.fix.edits)) == [
        {"id": "a", "b": "1"},
        {"id": "c", "b": "2"},
    ]
