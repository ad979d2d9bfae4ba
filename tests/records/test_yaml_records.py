"""Reading YAML units: plain values, places, and what is said about mistakes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plainbox.diagnostics import Code, Diagnostic, Sink
from plainbox.records import read_yaml
from plainbox.text import Source

if TYPE_CHECKING:
    from plainbox.records import Record


@pytest.fixture(autouse=True, params=["in C", "in Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "in Python":
        monkeypatch.delattr(yaml, "CSafeLoader")
    return str(request.param)


def read(text: str) -> tuple[list[Record], list[Diagnostic]]:
    sink = Sink()
    return read_yaml(Source("a.yaml", text), sink), sink.found


def values(text: str) -> list[dict[str, object]]:
    records, found = read(text)
    assert found == []
    return [record.data() for record in records]


def mistake(text: str) -> Diagnostic:
    _, found = read(text)
    assert len(found) == 1
    return found[0]


def test_each_document_is_a_record_with_its_lines() -> None:
    records, found = read(
        "# c\nid: a\ncommand: |\n  x\n  y\n\n# c\n---\nid: b\nl:\n- 1\n- 2\n...\n"
    )
    assert found == []
    assert [(record.first_line, record.last_line) for record in records] == [(2, 5), (9, 12)]
    entry = records[0].entries["command"]
    assert (entry.key, entry.line, entry.text_line, entry.last_line) == ("command", 3, 4, 5)
    assert (entry.raw, entry.value) == ("x\ny\n", "x\ny\n")
    assert records[0].span().text.startswith("id: a\n")


def test_empty_documents_are_skipped() -> None:
    assert values("---\n---\n# only a comment\n---\nid: a\n---\n~\n---\n") == [{"id": "a"}]
    assert values("") == []
    assert values("\ufeffid: a\n") == [{"id": "a"}]


def test_values_are_those_that_the_safe_loader_gives() -> None:
    text = (
        "a: 5\nb: 1.5\nc: true\nd: off\ne: ~\nf: '5'\ng: [1, x, {k: [null]}]\nh: {1: a, k: b}\n"
        'i: |\n  x\n  y\nj: >\n  x\n  y\nk: "a\\tb"\nl: 0x1F\nm: 1_000\nn: !!str 5\no: =\n'
        "p: .inf\nq:\nr: 010\ns: 'it''s'\n"
    )
    assert values(text) == [yaml.safe_load(text.replace("o: =", "o: '='"))]


def test_dates_stay_text() -> None:
    assert values("a: 2026-01-31\nb: 2026-01-31 10:00:00\n") == [
        {"a": "2026-01-31", "b": "2026-01-31 10:00:00"}
    ]


def test_names_of_fields_stay_text() -> None:
    assert values("on: 1\n5: 2\nnull: 3\n") == [{"on": 1, "5": 2, "null": 3}]


def test_anchors_and_merges_are_read_as_yaml_reads_them() -> None:
    text = (
        "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 5\nd: *a\ne:\n  <<: *a\n"
    )
    assert values(text) == [yaml.safe_load(text)]


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {}']",
        "!!python/object/new:subprocess.Popen [['touch', '{}']]",
        "!!python/name:os.system",
        "!!python/tuple [1]",
        "!own {{a: 1}}",
        "!!set {{a}}",
        "!!binary aGVsbG8=",
    ],
)
def test_tags_never_make_anything_but_plain_values(tag: str, tmp_path: object) -> None:
    witness = f"{tmp_path}/witness"
    found = mistake(f"id: a\nx:\n - {tag.format(witness)}\n---\nid: b\n")
    assert found.code is Code.SYNTAX
    assert found.message == f"tag '{tag.split(maxsplit=1)[0]}' is not allowed"
    assert found.span is not None
    assert found.span.line == 3
    assert subprocess.run(["test", "-e", witness], check=False).returncode == 1


def test_a_tag_on_the_unit_itself_is_refused() -> None:
    assert mistake("!!python/object:os.x\nid: a\n").message.startswith("tag '!!python/object:os.x'")


@pytest.mark.parametrize(
    ("text", "first", "again"),
    [("id: a\nb: 1\nid: c\n", 1, 3), ("id: a\nh:\n  x: 1\n  x: 2\n", 3, 4)],
)
def test_a_key_given_twice_shows_both_places(text: str, first: int, again: int) -> None:
    found = mistake(text)
    assert found.code is Code.DUPLICATE_FIELD
    assert found.span is not None
    assert found.message == f"field '{found.span.text}' is given twice"
    assert (found.span.line, found.others[0].span.line) == (again, first)


@pytest.mark.parametrize(
    ("text", "kind"), [("- id: a\n- id: b\n", "list"), ("just text\n", "text"), ("5\n", "text")]
)
def test_a_document_that_is_no_mapping_is_a_mistake(text: str, kind: str) -> None:
    found = mistake(text)
    assert found.message == f"expected the fields of a unit, not a {kind}"
    assert found.span is not None
    assert found.span.text == text.strip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n", "this unit has no fields"),
        ("'': a\n", "this field has no name"),
        ("? [a]\n: b\n", "the name of a field is text"),
        ("a:\n  ? [a]\n  : b\n", "a key is text or a number"),
        ("a: !!int x\n", "this is no int"),
        ("a: !!bool x\n", "this is no bool"),
        ("a: {<<: 5}\n", "'<<' takes a mapping or a list of mappings"),
        ("a: &a [*a]\n", "this value is too large, or contains itself"),
        ("a: &a {<<: *a}\n", "this value is too large, or contains itself"),
        ("a: b\x01\n", "character U+0001 is not allowed in YAML"),
        ("a: \ud800\n", "character U+D800 is not allowed in YAML"),
        (f"a: {'[' * 300}{']' * 300}\n", "values are nested more than 64 deep"),
        ("a: " + "[" * 200_000, "values are nested more than 64 deep"),
        (
            "a:\n" + "\n".join(" " * n + "a:" for n in range(1, 100)),
            "this value is too large, or contains itself",
        ),
    ],
)
def test_a_mistake_in_a_document_costs_that_document(text: str, message: str) -> None:
    records, found = read(f"id: first\n---\n{text}\n---\nid: last\n")
    assert [record.data() for record in records] == [{"id": "first"}, {"id": "last"}]
    assert [diagnostic.message for diagnostic in found] == [message]
    assert found[0].span is not None
    assert found[0].span.line >= 3


def test_aliases_of_aliases_do_not_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert mistake("\n".join(lines)).message == "this value is too large, or contains itself"
    merges = ["a0: &a0 {x: 1}"]
    merges += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 12)]
    assert mistake("\n".join(merges)).message == "this value is too large, or contains itself"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id: a\nb: c: d\n", 2),
        ("id: [a\n", 2),
        ('id: "a\n', 2),
        ("id: a\n\tb: c\n", 2),
        ("id: *nowhere\n", 1),
        ("id: a\n b: c\n", 2),
    ],
)
def test_a_syntax_error_has_file_and_line_and_costs_its_document(text: str, line: int) -> None:
    records, found = read(f"id: first\n---\n{text}---\nid: last\n")
    assert [record.data() for record in records] == [{"id": "first"}, {"id": "last"}]
    assert len(found) == 1
    assert found[0].code is Code.SYNTAX
    assert str(found[0].span).startswith("a.yaml:")
    assert found[0].span is not None
    assert 2 + line <= found[0].span.line <= 3 + line
    assert found[0].message


def test_directives_and_comments_belong_to_the_document_after_them() -> None:
    records, found = read("%YAML 1.1\n# c\n---\nid: a\n...\n# c\n---\nc: d: e\n")
    assert [record.data() for record in records] == [{"id": "a"}]
    assert [str(diagnostic.span) for diagnostic in found] == ["a.yaml:8:5"]


def test_what_yaml_says_without_a_place_is_still_a_diagnostic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compose_all(text: str, Loader: object) -> None:  # noqa: N803 - PyYAML calls it so
        raise RecursionError("too deep\nreally")

    monkeypatch.setattr(yaml, "compose_all", compose_all)
    found = mistake("id: a\n")
    assert (found.message, str(found.span)) == ("this is not YAML: too deep", "a.yaml:1:1")


def test_many_shallow_lists_are_not_deep() -> None:
    assert values("a:\n" + "- [x]\n" * 200) == [{"a": [["x"]] * 200}]
    assert mistake("a:\n" + "- [x]\n" * 200 + "- [\n").code is Code.SYNTAX


SPANS = (
    'id: a\nplain: two words\nquoted: \'it\'\'s\'\ndouble: "say \\"x\\" {x}"\nescaped: "a\\tb"\n'
    "literal: |\n    one {x}\n      two\n\n    three\nfolded: >-\n    one\n    two\n"
    "wrapped: one\n  two\nrequires:\n  - a.b == 'c'\n  - \"\u00e9 \U0001f600 d.e\"\n"
    'escaped_quote: "\\x41"\ninclude:\n  - x: {status: blocker}\n  - y\nempty:\n'
)


def test_each_character_of_a_text_is_at_its_span() -> None:
    record = read(SPANS)[0][0]
    for key, entry in record.entries.items():
        assert record.key_span(entry).text == key
        if isinstance(entry.value, str) and not key.startswith("escaped"):
            for index, character in enumerate(entry.value):
                found = record.value_span(entry, index, index + 1).text
                assert found == character or (character.isspace() and found.isspace())
    literal = record.entries["literal"]
    assert str(literal.value)[4:7] == "{x}"
    assert record.value_span(literal, 4, 7).text == "{x}"
    assert record.value_span(literal, 4, 7).line == 7


def test_the_whole_value_has_a_span_and_so_has_each_item() -> None:
    record = read(SPANS)[0][0]
    requires, include = record.entries["requires"], record.entries["include"]
    assert record.value_span(requires).text.startswith("- a.b ==")
    assert record.value_span(requires).end_line == 18
    assert record.item_span(requires, (0,)).text == "a.b == 'c'"
    assert record.item_span(requires, (0,), 2, 3).text == "b"
    assert record.item_span(requires, (1,), 4).text == "d.e"
    assert record.item_span(include, (0, "x", "status")).text == "blocker"
    assert record.item_span(include, (1,)).text == "y"
    assert record.item_span(include, (7,)) == record.value_span(include)
    assert record.item_span(include, (0, "z")) == record.item_span(include, (0,))
    assert record.item_span(include, (1, "z")).text == "y"
    assert record.value_span(record.entries["escaped"], 0, 1).text == '"a\\tb"'
    assert record.value_span(record.entries["empty"]).text == ""
    assert record.value_span(record.entries["plain"], -1, 99).text == "two words"
    assert str(record.value_span(record.entries["plain"], 99)) == "a.yaml:2:17"


def test_anchors_and_tags_belong_to_the_whole_value_alone() -> None:
    record = read("a: &s 's'\nb: !!str plain\nc: *s\n")[0][0]
    entry = record.entries["a"]
    assert record.value_span(entry).column == 8
    assert record.value_span(record.entries["b"], 0, 2).text == "!!str plain"
    assert record.value_span(record.entries["c"]) == record.value_span(entry)


def test_spans_count_characters_after_a_byte_order_mark_and_later_documents() -> None:
    records, _ = read("\ufeff\u00e9: \U0001f600 x\r\nb: y\r\n---\r\n: [\n---\nid: z\n")
    assert records[0].value_span(records[0].entries["\u00e9"], 2).text == "x"
    assert records[0].value_span(records[0].entries["b"]).text == "y"
    assert str(records[1].value_span(records[1].entries["id"])) == "a.yaml:6:5"


YAML_LIKE = st.text(
    alphabet="ab1:-?[]{}#&*!|>'\"%@`~<=., \n\t\ufeff\u00e9\U0001f600\\", max_size=60
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.one_of(st.text(), YAML_LIKE, st.binary().map(lambda raw: raw.decode(errors="replace"))))
def test_reading_never_raises_and_every_span_is_in_the_text(text: str) -> None:
    records, found = read(text)
    spans = [diagnostic.span for diagnostic in found]
    for record in records:
        spans.append(record.span())
        for entry in record.entries.values():
            spans += [record.key_span(entry), record.value_span(entry)]
            spans += [record.item_span(entry, (0, "a")), record.value_span(entry, 1, 2)]
            assert record.first_line <= entry.line <= entry.last_line <= record.last_line
    for span in spans:
        assert span is not None
        assert 0 <= span.start <= span.end <= len(text)


def test_yaml_is_imported_only_when_a_yaml_text_is_read() -> None:
    code = "import plainbox.records, sys; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
