"""The syntax tree holds every character, and agrees with the reader on what is a record."""

from __future__ import annotations

from hypothesis import example, given, settings
from tests.rewriting.texts import EXAMPLE, TEXTS, mutated, needs_corpus, real_files

from plainbox.diagnostics import Sink
from plainbox.records import read_pxu
from plainbox.records.syntax import Blank, Block, Broken, Comment, FieldLines, parse_syntax
from plainbox.text import Source


def check(text: str) -> None:
    source = Source("a.pxu", text)
    sink = Sink()
    file = parse_syntax(source, sink)
    assert file.text() == text
    plain = Sink()
    records = read_pxu(source, plain)
    assert [record.data() for record in file.records()] == [record.data() for record in records]
    assert len(sink) == len(plain)
    for part in file.parts:
        assert part.lines
        if isinstance(part, Block):
            keys = [item.entry.key for item in part.items if isinstance(item, FieldLines)]
            assert keys == list(part.record.entries)
        elif isinstance(part, Comment):
            assert all(line.startswith("#") for line in part.lines)
        elif isinstance(part, Blank):
            assert all(not line.strip() for line in part.lines)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("a: 1\r\n\r\n# c\r\nb: 2")
def test_the_text_of_a_tree_is_the_text_that_it_was_made_of(text: str) -> None:
    check(text)


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_that_holds_for_damaged_files_too(text: str) -> None:
    check(text)


@needs_corpus
def test_that_holds_for_real_files() -> None:
    for path in real_files(".pxu"):
        check(path.read_bytes().decode())


def test_the_parts_of_a_file() -> None:
    text = "\ufeff# top\n\n# of a\na: 1\n# inner\n b\n# between\nc: 2\n# end\n\n bad\n"
    file = parse_syntax(Source("a.pxu", text), Sink())
    assert file.mark == "\ufeff"
    top, blank, above, block, blank2, broken = file.parts
    assert top == Comment(["# top\n"])
    assert isinstance(blank, Blank)
    assert isinstance(blank2, Blank)
    assert above == Comment(["# of a\n"])
    assert broken == Broken([" bad\n"])
    assert isinstance(block, Block)
    assert [item.lines for item in block.items] == [
        ["a: 1\n", "# inner\n", " b\n"],
        ["# between\n"],
        ["c: 2\n"],
        ["# end\n"],
    ]
    field = block.items[0]
    assert isinstance(field, FieldLines)
    assert list(field.pieces()) == [(True, "# inner"), (False, "b")]


def test_the_example_has_three_records() -> None:
    file = parse_syntax(Source("a.pxu", EXAMPLE), Sink())
    assert len(file.records()) == 3
