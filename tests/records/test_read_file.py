"""Reading files: the reader by extension, and files that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.diagnostics import Code, Sink
from plainbox.records import read_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["a.pxu", "a.txt", "a.in", "a.txt.in"])
def test_other_extensions_are_pxu(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("id: {a\n")
    sink = Sink()
    records = read_file(path, f"units/{name}", sink)
    assert [record.data() for record in records] == [{"id": "{a"}]
    assert (records[0].source.name, len(sink)) == (f"units/{name}", 0)


@pytest.mark.parametrize("name", ["a.yaml", "a.yml"])
def test_yaml_is_read_by_its_extension(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("id: {a: 1}\n")
    assert [record.data() for record in read_file(path, name, Sink())] == [{"id": {"a": 1}}]


def test_a_file_that_is_no_text_shows_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.pxu"
    path.write_bytes("id: \u00e9\nsummary: ".encode() + b"x\xffy\n")
    sink = Sink()
    assert read_file(path, "units/a.pxu", sink) == []
    assert [str(found.span) for found in sink] == ["units/a.pxu:2:11"]
    assert sink.found[0].code is Code.UNREADABLE_FILE
    assert sink.found[0].label == "byte 0xff belongs to no character"


def test_a_file_that_cannot_be_opened_is_a_diagnostic(tmp_path: Path) -> None:
    sink = Sink()
    assert read_file(tmp_path / "none.pxu", "none.pxu", sink) == []
    assert read_file(tmp_path, "folder", sink) == []
    assert [found.message for found in sink] == [
        "cannot read none.pxu: no such file or directory",
        "cannot read folder: is a directory",
    ]
    assert {found.code for found in sink} == {Code.UNREADABLE_FILE}
