"""Laws of the formatter:

* no value changes, hence no checksum, nor the text by which a translation is found;
* what is formatted is formatted: once more changes nothing;
* no comment and no record is lost, their order stays;
* nothing makes it raise.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rewriting.texts import EXAMPLE, TEXTS, mutated, needs_corpus, real_files

from plainbox.diagnostics import Sink
from plainbox.fields import Owner
from plainbox.records import read_pxu
from plainbox.rewriting import format_pxu, migrate, to_pxu, to_yaml
from plainbox.text import Source
from plainbox.units import build_unit

OWNER = Owner("2024.org.example:test", "2024.org.example")


def formatted(text: str) -> str:
    return format_pxu(Source("a.pxu", text), Sink())


def content(text: str) -> list[tuple[dict[str, object], dict[str, str]]]:
    """The data of all records, and the texts that translators know."""
    return [
        (
            record.data(),
            {
                key: str(entry.raw).rstrip("\n")
                for key, entry in record.entries.items()
                if key.startswith("_")
            },
        )
        for record in read_pxu(Source("a.pxu", text), Sink())
    ]


def checksums(text: str) -> list[str]:
    units = [build_unit(r, OWNER, Sink()) for r in read_pxu(Source("a.pxu", text), Sink())]
    return [unit.checksum if unit else "" for unit in units]


def comments(text: str) -> list[str]:
    return sorted(line.rstrip() for line in text.split("\n") if line.startswith("#"))


def keeps_everything(text: str) -> None:
    once = formatted(text)
    assert content(once) == content(text)
    assert comments(once) == comments(text.removeprefix("\ufeff"))
    assert formatted(once) == once


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("\n\ufeffa: 1\n")
@example("b: 1\n\ufeffid: 2\n")
@example("_a:\n  one\n  two")
@example("a:\n one\n .")
@example("\t#a: 1\nid: 2\n")
def test_formatting_any_text_keeps_everything_and_is_done_once(text: str) -> None:
    keeps_everything(text)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_formatting_a_damaged_file_keeps_everything_and_is_done_once(text: str) -> None:
    keeps_everything(text)


@needs_corpus
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_that_holds_for_damaged_real_files_too(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(real_files(".pxu")))
    text = data.draw(mutated(path.read_text("utf-8")))
    keeps_everything(text)
    to_yaml(Source("a.pxu", text))
    to_pxu(Source("a.yaml", text))
    migrate([Source("a.pxu", text)])


@needs_corpus
def test_formatting_real_files_changes_no_checksum_and_is_done_once() -> None:
    files = real_files(".pxu")
    assert files
    for path in files:
        text = path.read_text("utf-8")
        assert checksums(formatted(text)) == checksums(text), path
        keeps_everything(text)


def test_the_layout_of_a_whole_file() -> None:
    assert formatted(EXAMPLE) == (
        """\
# vim: set ft=pxu :
# Two jobs that read disks

# plainbox: a comment that belongs to the record
id: disk/read
_summary: Read all disks
_purpose:
      Read
      .
        twice
command:
    for disk in $LIST; do
        read_disk "$disk"   # slowly
    done
    .
    echo done
# why root: raw devices
user: root
flags: simple , preserve-locale
requires:
    disk.size != '0'
# a comment inside a value
    disk.kind in ('ssd', 'hdd')

unit: template
template-resource: disk
template-filter: disk.removable == 'no'
id: disk/{name}
plugin: shell
command: true
nonsense: kept
# the end of the record

unit: test plan
id: disks
name: Disks
include:
    disk/read  certification-status=blocker # the one
    "disk/.*"
"""
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("id:a\n\n\n \nid : b", "id: a\n\nid: b\n"),
        ("\n\nid: a\n\n\n", "id: a\n"),
        ("\ufeffid: a\r\nk:\r\n one\r\n two\r\n", "id: a\nk:\n    one\n    two\n"),
        ("k: one\n two\n   three\n", "k:\n    one\n    two\n      three\n"),
        ("k:\n  one\n", "k:\n    one\n"),
        ("k:  one  \n", "k: one\n"),
        ("_k:  one  \n", "_k: one  \n"),
        ("_k: one\n   two\n", "_k: one\n   two\n"),
        ("k:\n .\n more\n", "k:\n    more\n"),
        ("k: one\n .\n .\n", "k: one\n"),
        ("k:   \n", "k:\n"),
        ("k:\n# c\n one\n", "k:\n# c\n    one\n"),
        ("k:\n .\n# c\n one\n# d\n .\n two\n", "k:\n# c\n    one\n# d\n    .\n    two\n"),
        ("# only a comment  \n", "# only a comment\n"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_small_things_have_one_form(before: str, after: str) -> None:
    assert formatted(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "plugin:   shell\nno colon\nid:  x\n",
        "plugin: shell\nid: a\n\tnot: continued\n",
        "plugin:  shell\nid: a\nid: b\n",
        "id: a\n\n  stray\n",
    ],
)
def test_what_cannot_be_read_stays_as_it_is(text: str) -> None:
    assert formatted(text) == text
    assert formatted(f"k:   v\n\n\n{text}") == f"k: v\n\n{text}"


def test_a_line_feed_that_belongs_to_no_value_is_not_added_where_it_would() -> None:
    text = "id: a\n_k:\n   one\n   two"
    assert formatted(f"k:v\n\n{text}") == f"k: v\n\n{text}"


def test_unit_types_that_nobody_knows_keep_their_order() -> None:
    assert formatted("unit: nonsense\nz: 1\nid: a\n") == "unit: nonsense\nz: 1\nid: a\n"


def test_syntax_errors_are_reported() -> None:
    sink = Sink()
    format_pxu(Source("a.pxu", "id: a\n\nno colon\n"), sink)
    assert [str(found.code) for found in sink] == ["syntax"]
