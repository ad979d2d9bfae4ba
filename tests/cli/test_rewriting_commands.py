"""`plainbox fmt`, `plainbox convert` and `plainbox migrate` on files."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from tests.rewriting.texts import needs_corpus, real_files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UGLY = "command: true\nid:   a\n\n\n# b\nid: b\n"
NEAT = "id: a\ncommand: true\n\n# b\nid: b\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "provider"
    (found / "units").mkdir(parents=True)
    (found / "data").mkdir()
    (found / "units" / "ugly.pxu").write_text(UGLY)
    (found / "units" / "neat.txt").write_text(NEAT)
    (found / "units" / "some.yaml").write_text("id:   x\n")
    (found / "data" / "notes.txt").write_text("k:   no unit\n")
    return found


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_fmt_formats_the_unit_files_of_a_folder_and_nothing_else(
    folder: Path, program: Program
) -> None:
    before = contents(folder)
    (folder / "units" / "ugly.pxu").chmod(0o600)
    answer = program("fmt", folder)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "1 file of 2 formatted, 1 YAML file left alone\n"
    assert contents(folder) == {**before, "ugly.pxu": NEAT}
    assert (folder / "units" / "ugly.pxu").stat().st_mode & 0o777 == 0o600
    again = program("fmt", "--check", cwd=folder)
    assert (again.code, again.out) == (0, "")


def test_fmt_check_names_each_file_and_changes_none(folder: Path, program: Program) -> None:
    before = contents(folder)
    answer = program("fmt", "--check", "units", cwd=folder)
    assert answer.code == 1
    assert answer.out == "units/ugly.pxu:1:1: advice[unformatted]: not in canonical layout\n"
    assert contents(folder) == before


def test_fmt_diff_shows_what_would_change(folder: Path, program: Program) -> None:
    before = contents(folder)
    answer = program("fmt", "--diff", "units/ugly.pxu", cwd=folder)
    assert answer.code == 0
    assert answer.out == (
        "--- units/ugly.pxu\n+++ units/ugly.pxu\n@@ -1,6 +1,5 @@\n+id: a\n command: true\n"
        "-id:   a\n-\n \n # b\n id: b\n"
    )
    assert contents(folder) == before


def test_fmt_follows_a_link_to_a_file(folder: Path, program: Program) -> None:
    link = folder / "link.pxu"
    link.symlink_to("units/ugly.pxu")
    assert program("fmt", link).code == 0
    assert link.is_symlink()
    assert link.read_text() == NEAT


def test_fmt_is_a_filter(program: Program) -> None:
    answer = program("fmt", "-", typed=UGLY)
    assert (answer.code, answer.out) == (0, NEAT)


def test_fmt_reports_what_it_cannot_read(folder: Path, program: Program) -> None:
    (folder / "units" / "bad.pxu").write_text("id:  a\n\nmistake\n")
    (folder / "units" / "odd.pxu").write_bytes(b"id: \xff\n")
    answer = program("fmt", folder)
    assert answer.code == 1
    assert "error[syntax]: expected 'field: value'" in answer.err
    assert "odd.pxu is not UTF-8 text" in answer.err
    assert (folder / "units" / "bad.pxu").read_text() == "id: a\n\nmistake\n"


def test_a_path_that_is_not_there_is_a_usage_error(program: Program, tmp_path: Path) -> None:
    for command in ("fmt", "convert", "migrate"):
        answer = program(command, tmp_path / "nothing")
        assert answer.code == 2
        assert answer.err.startswith("plainbox: there is no file or folder")


def test_convert_writes_the_other_language(folder: Path, program: Program) -> None:
    file = folder / "units" / "ugly.pxu"
    yaml = "command: 'true'\nid: a\n---\n# b\nid: b\n"
    answer = program("convert", file)
    assert (answer.code, answer.out, answer.err) == (0, yaml, "")
    assert program("convert", "--output", folder / "new", file).out == ""
    assert (folder / "new" / "ugly.yaml").read_text() == yaml
    assert program("convert", folder / "new" / "ugly.yaml").out == NEAT
    assert program("convert", "--to", "pxu", "-", typed=yaml).out == NEAT


def test_convert_overwrites_nothing_and_needs_a_place_for_many(
    folder: Path, program: Program
) -> None:
    files = [folder / "units" / "ugly.pxu", folder / "units" / "neat.txt"]
    answer = program("convert", *files)
    assert (answer.code, answer.err) == (
        2,
        "plainbox: several files need a place\n  name a folder with --output\n",
    )
    assert program("convert", "--output", folder, *files).code == 0
    answer = program("convert", "--output", folder, *files)
    assert answer.code == 2
    assert "exists already" in answer.err
    answer = program("convert", "--to", "pxu", files[0])
    assert (answer.code, "is PXU already" in answer.err) == (2, True)


def test_convert_does_not_write_part_of_a_file(folder: Path, program: Program) -> None:
    file = folder / "units" / "bad.yaml"
    file.write_text('id: a\n---\nid: b\ncommand: "x\\n.\\ny"\n')
    answer = program("convert", "--output", folder / "new", file)
    assert answer.code == 3
    assert "warning[not-carried]: command:" in answer.err
    assert "1 file not converted: a unit would have been lost" in answer.err
    assert not (folder / "new").exists()


def test_migrate_shows_first_and_writes_when_told(folder: Path, program: Program) -> None:
    file = folder / "units" / "local.pxu"
    file.write_text(
        "id: many\nplugin: local\ncommand:\n for i in 1 2; do\n"
        '  echo "id: one-$i"\n  echo "plugin: shell"\n  echo\n done\n'
    )
    before = file.read_text()
    answer = program("migrate", "--provider", folder, folder)
    assert answer.code == 0
    assert answer.err == (
        "1 local job can be migrated: --diff shows, --write does it; 0 findings\n"
    )
    answer = program("migrate", "--diff", "--provider", folder, folder)
    assert "+template-resource: many-values\n" in answer.out
    assert file.read_text() == before
    answer = program("migrate", "--write", "--provider", folder, folder)
    assert answer.err == "1 local job migrated; 0 findings\n"
    assert "id: one-{i}\n" in file.read_text()


@needs_corpus
def test_fmt_reads_a_large_provider_in_half_a_second_of_work(program: Program) -> None:
    folder = next(path.parents[2] for path in real_files("jobs.pxu") if "base" in path.parts)
    times = []
    for _ in range(3):
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        program("fmt", "--check", folder)
        times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start)
    assert min(times) < 0.5
