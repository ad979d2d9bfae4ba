"""Writing PXU: what is written reads back as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plainbox.diagnostics import Sink
from plainbox.records import format_record, read_pxu
from plainbox.text import Source

KEYS = st.one_of(st.sampled_from(["id", "_summary", "a b"]), st.text(min_size=1))
VALUES = st.one_of(
    st.text(), st.text(alphabet="ab.#: \n\t\r"), st.lists(st.text(alphabet="ab. ")).map("\n".join)
)
DATA = st.dictionaries(KEYS, VALUES, min_size=1)


def read(text: str) -> list[dict[str, object]]:
    sink = Sink()
    records = read_pxu(Source("a.pxu", text), sink)
    assert sink.found == []
    return [record.data() for record in records]


def is_writable(data: dict[str, str]) -> bool:
    try:
        format_record(data)
    except ValueError:
        return False
    return True


@given(DATA)
@example({"k": "..\n#\n\n  x"})
def test_what_can_be_written_reads_back_as_it_was(data: dict[str, str]) -> None:
    if is_writable(data):
        text = format_record(data)
        assert read(text) == [data]
        assert read(text * 2) == [data, data]
        assert text.endswith("\n\n")


LINES = st.sampled_from(["one", "  two", "", "", "# x", "..", "k: v", "\ttab", "a.", ": "])


@given(st.lists(LINES).map(lambda lines: "\n".join(lines).strip()))
def test_text_of_any_lines_but_dots_and_blanks_can_be_written(value: str) -> None:
    assert read(format_record({"id": "a", "k": value})) == [{"id": "a", "k": value}]


def test_the_layout_is_one_line_or_a_line_each() -> None:
    data = {"id": "a", "empty": "", "command": "one\n  two\n\n# three", "n": 5, "b": True}
    assert format_record(data | {"list": ["x", "y"]}) == (
        "id: a\nempty:\ncommand:\n one\n   two\n .\n # three\nn: 5\nb: True\nlist:\n x\n y\n\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"": "x"},
        {" a": "x"},
        {"a:b": "x"},
        {"#a": "x"},
        {"a\nb": "x"},
        {"\ufeffa": "x"},
        {"a": " x"},
        {"a": "x\n"},
        {"a": "x\n.\ny"},
        {"a": "x\n  .\ny"},
        {"a": "x\n \ny"},
        {"a": "x\r\ny"},
        {"a": None},
        {"a": {"b": "c"}},
        {"a": ["x", 1]},
    ],
)
def test_what_the_grammar_has_no_words_for_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"field|value"):
        format_record(data)
