"""The reference says what the code declares; nothing that people can use is missing from it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

import pytest
from tools.reference import FOLDER, _of_parser, main, page_of, pages

from plainbox.cli import COMMANDS
from plainbox.diagnostics import Code
from plainbox.units import FLAGS
from plainbox.units.build import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path

ADVICE: Final = "run `python -m tools.reference`"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def written(folder: Path) -> dict[str, str]:
    paths = folder.rglob("*.md")
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def test_the_pages_say_what_the_code_says(made: dict[str, str]) -> None:
    there = written(FOLDER)
    assert set(there) == set(made), ADVICE
    assert [name for name, text in made.items() if there[name] != text] == [], ADVICE


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_page(code: Code) -> None:
    assert page_of(code).is_file()


def test_every_field_flag_and_command_is_there(made: dict[str, str]) -> None:
    for unit_type in BUILT_IN:
        page = made[f"units/{unit_type.type_name.replace(' ', '-')}.md"]
        assert all(f"| `{key}`" in page for key in unit_type.fields if key != "unit")
    assert all(f"| `{flag}`" in made["flags.md"] for flag in FLAGS)
    assert all(f"commands/{name}.md" in made for name in COMMANDS)
    assert "`--provider` `PATH`" in made["commands/run.md"]


def test_the_program_writes_the_pages_and_clears_old_ones_away(
    tmp_path: Path, made: dict[str, str]
) -> None:
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "gone.md").write_text("")
    main(tmp_path)
    assert written(tmp_path) == made


def test_a_parser_is_told_in_full() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("room", nargs="?", help="where it is [%(default)s]", default="hall")
    parser.add_argument("--hidden", help=argparse.SUPPRESS)
    parser.add_argument("-l", "--level", choices=("low", "high"), required=True, help="how much")
    commands = parser.add_subparsers(metavar="ACTION", required=True)
    switch = commands.add_parser("switch", help="turn it on or off")
    switch.add_argument("state", nargs="+", help="`on` or *off*")
    assert list(_of_parser(parser, "plainbox lamp", "light")) == [
        "# plainbox lamp",
        "",
        "Light.",
        "",
        "```text",
        "plainbox lamp [room] --level {low,high} ACTION",
        "```",
        "",
        "| argument | meaning |",
        "| --- | --- |",
        "| `[room]` | where it is \\[hall] |",
        "| `-l`, `--level` `{low,high}` | how much |",
        "| `ACTION` | |",
        "",
        "## plainbox lamp switch",
        "",
        "Turn it on or off.",
        "",
        "```text",
        "plainbox lamp switch state [state ...]",
        "```",
        "",
        "| argument | meaning |",
        "| --- | --- |",
        "| `state [state ...]` | `on` or \\*off\\* |",
    ]
