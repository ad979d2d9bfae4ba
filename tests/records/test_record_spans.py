"""Places of values: every character of a value is found where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from plainbox.diagnostics import Sink
from plainbox.records import DerivedEntry, read_pxu, read_records_until_error
from plainbox.text import Source

if TYPE_CHECKING:
    from plainbox.records import Record

LINES = st.sampled_from(
    [
        *("a: x", "b:", "c : two words ", "a:", ": x", "d:\u00e9\U0001f600", "plain"),
        *(" one", "   deep", " \t mixed", " \U0001f600 x", " k: v", " # d"),
        *("  .", " .", " ..", "# c", "", "\t", "\ttab"),
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=":# .\n\r\tab\ufeff\u00a0_"),
    st.binary().map(lambda content: content.decode(errors="replace")),
    st.builds("".join, st.lists(st.builds(str.__add__, LINES, st.sampled_from(["\n", "\r\n"])))),
    st.builds("\n".join, st.lists(LINES)),
)


def read(text: str) -> list[Record]:
    return read_pxu(Source("a.pxu", text), Sink())


@given(TEXTS)
def test_reading_never_raises_and_says_something_where_something_is_lost(text: str) -> None:
    sink = Sink()
    records = read_pxu(Source("a.pxu", text), sink)
    some = read_records_until_error(Source("a.pxu", text), Sink())
    assert [record.data() for record in some] == [record.data() for record in records[: len(some)]]
    if not sink.found:
        assert len(some) == len(records)
    for diagnostic in sink:
        assert diagnostic.span is not None
        assert diagnostic.span.text.strip() or diagnostic.span.text.isspace()
        for label in diagnostic.others:
            assert 0 <= label.span.start <= label.span.end <= len(text)


@given(TEXTS)
def test_each_character_of_a_value_is_at_its_span(text: str) -> None:
    for record in read(text):
        for entry in record.entries.values():
            value = str(entry.value)
            for index, character in enumerate(value):
                found = record.value_span(entry, index, index + 1).text
                assert found == character or (character == "\n" and found in ("\n", "\r"))
            whole = record.value_span(entry)
            assert whole == record.value_span(entry, 0, len(value))
            assert entry.line <= whole.line <= whole.end_line <= entry.last_line
            assert record.key_span(entry).text == entry.key
            assert record.key_span(entry).line == entry.line


@given(TEXTS)
def test_lines_of_records_enclose_their_entries_and_do_not_overlap(text: str) -> None:
    below = 0
    for record in read(text):
        assert below < record.first_line
        for entry in record.entries.values():
            assert below < entry.line <= entry.last_line
            below = entry.last_line
        assert record.last_line == below
        assert (record.span().line, record.span().end_line) == (
            record.first_line,
            record.last_line,
        )


def test_a_span_within_a_value_crosses_comments_indentation_and_dots() -> None:
    record = read("k:\n   one\n# c\n   .\n     two\n")[0]
    entry = record.entries["k"]
    assert entry.value == "one\n\n  two"
    assert record.value_span(entry, 0, 3).text == "one"
    assert record.value_span(entry, 7, 10).text == "two"
    assert str(record.value_span(entry, 7)) == "a.pxu:5:6"
    assert record.value_span(entry).text == "one\n# c\n   .\n     two"
    assert str(record.value_span(entry, 4, 5)) == "a.pxu:4:5"


def test_offsets_outside_a_value_are_moved_to_its_ends() -> None:
    record = read("k: value\n")[0]
    entry = record.entries["k"]
    assert record.value_span(entry, -3, 99).text == "value"
    assert record.value_span(entry, 3, 1).text == ""
    assert str(record.value_span(entry, 99)) == "a.pxu:1:9"


def test_an_empty_value_is_the_place_after_the_colon() -> None:
    record = read("\ufeff k: 1\n\nkey :\nl: 1\n")[0]
    assert str(record.value_span(record.entries["key"], 0, 5)) == "a.pxu:3:6"
    assert record.item_span(record.entries["l"], (0, "x")).text == "1"


def test_a_derived_record_stands_where_its_values_came_from() -> None:
    record = read("id: {x}\n_summary: s\ncommand:\n {y}\nsiblings: []\n")[0]
    derived = record.derived({"id": "long text", "_summary": "s", "depends": "b"})
    assert derived.data() == {"id": "long text", "_summary": "s", "depends": "b"}
    assert derived.entries["_summary"] is record.entries["_summary"]
    entry = derived.entries["id"]
    assert isinstance(entry, DerivedEntry)
    assert derived.value_span(entry, 5, 9).text == "{x}"
    assert derived.key_span(entry).text == "id"
    assert (entry.raw, entry.line, entry.last_line, entry.text_line) == ("long text", 1, 1, 1)
    assert derived.key_span(derived.entries["depends"]).text == "id"
    beside = record.derived({"after": "c"}, at=record.entries["siblings"])
    assert beside.value_span(beside.entries["after"]).text == "[]"
    assert (beside.first_line, beside.last_line) == (1, 5)


def test_records_and_entries_show_themselves() -> None:
    record = read("id: a\n")[0]
    assert repr(record) == "<record at a.pxu:1-1>"
    assert repr(record.entries["id"]) == "<id: 'a' at a.pxu:1>"
