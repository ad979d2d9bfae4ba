"""`plainbox list` and what all commands have in common."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tty
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from plainbox import __version__, cli
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
id: good
plugin: shell
_summary: Shows \x1b[31mred
command: true

unit: test plan
id: plan
_name: A plan
include: good
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("plans", "org.example::plan A plan"),
        ("jobs", "org.example::good shell Shows red"),
        ("providers", "bench org.example 1.0"),
        ("units", "job good"),
    ],
)
def test_what_there_is_is_listed_a_line_each(
    what: str, words: str, bench: Bench, program: Program
) -> None:
    answer = program("list", what, "--provider", bench.provider)
    assert answer.code == 0
    assert "\x1b" not in answer.out
    found = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert any(line.startswith(words) for line in found), found


@pytest.mark.parametrize("what", ["plans", "jobs", "providers", "units"])
def test_what_there_is_can_be_had_as_json(what: str, bench: Bench, program: Program) -> None:
    answer = program("list", what, "--json", "--provider", bench.provider)
    assert answer.code == 0
    listed = json.loads(answer.out)
    assert listed
    assert any("example" in json.dumps(row) for row in listed)


def test_the_units_that_are_listed_are_those_of_the_named_providers(
    bench: Bench, program: Program
) -> None:
    answer = program("list", "units", "--json", "--provider", bench.provider)
    rows = json.loads(answer.out)
    assert [(row["kind"], row["id"], row["file"]) for row in rows] == [
        ("job", "good", "units/all.pxu"),
        ("test plan", "plan", "units/all.pxu"),
    ]


def test_what_cannot_be_listed_is_an_error_of_use(program: Program) -> None:
    answer = program("list", "wishes")
    assert answer.code == 2
    assert "plans" in answer.err


def test_the_version_is_said(program: Program) -> None:
    assert program("--version") == (0, f"plainbox {__version__}\n", "")


def test_no_command_is_an_error_of_use(program: Program) -> None:
    assert program().code == 2
    assert program("dance").code == 2


def test_help_is_no_error(program: Program) -> None:
    for words in ([], ["run"], ["resume"], ["list"]):
        answer = program(*words, "--help")
        assert answer.code == 0
        assert "usage: plainbox" in answer.out


def test_text_that_the_encoding_lacks_is_replaced(bench: Bench, program: Program) -> None:
    bench.write({"units/all.pxu": "id: a\n_summary: Größe\ncommand: true\nflags: simple\n"})
    answer = program(
        "list", "jobs", "--provider", bench.provider, env={"PYTHONIOENCODING": "ascii"}
    )
    assert answer.code == 0
    assert "Gr??e" in answer.out


def test_an_error_of_the_system_is_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_text: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys.stdout, "write", full)
    assert cli.main(["list", "plans"]) == 4
    assert capsys.readouterr().err == "plainbox: [Errno 28] No space left on device\n"


def test_a_mistake_in_plainbox_is_shown_whole_and_is_no_failed_test(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def mistaken(_providers: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("plainbox.cli.list.load", mistaken)
    assert cli.main(["list", "plans"]) == 4
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "RuntimeError: a mistake" in said
    assert "this is a mistake in plainbox" in said


@pytest.mark.parametrize(("raised", "code"), [(BrokenPipeError, 0), (KeyboardInterrupt, 130)])
def test_who_stops_listening_or_presses_ctrl_c_knows_why(
    raised: type[BaseException], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_providers: object) -> None:
        raise raised

    monkeypatch.setattr("plainbox.cli.list.load", stopped)
    assert cli.main(["list", "plans"]) == code


def test_the_program_can_be_called_more_than_once_in_a_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["list", "plans"]) == 0
    assert cli.main(["list", "plans"]) == 0
    assert capsys.readouterr().err == ""


MANY = """\
unit: category
id: sounds
_name: Sound

id: card
plugin: resource
command: true

id: audio/play
plugin: shell
category_id: sounds
_summary: Plays a sound
command: true

id: audio/a-rather-long-name-so-that-columns-are-wide
plugin: manual
category_id: sounds
_summary: Ask
_description: Ask

unit: template
template-resource: card
template-id: audio/each
_template-summary: Each card
id: audio/each_{name}
plugin: shell
category_id: sounds
command: true

unit: test plan
id: inner
_name: Inner
include: audio/play

unit: test plan
id: outer
_name: Outer
include: audio/each
nested_part: inner
"""


@pytest.fixture
def many(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": MANY})


def ids(program: Program, bench: Bench, *words: str) -> list[str]:
    answer = program("list", *words, "--json", "--provider", bench.provider)
    assert answer.code == 0, answer.err
    found = [row["id"] for row in json.loads(answer.out)]
    return [it.removeprefix("org.example::") for it in found if it.startswith("org.example::")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("jobs", "--match", "audio/pl.*"), ["audio/play"]),
        (("jobs", "--match", "org.example::audio/play"), ["audio/play"]),
        (("jobs", "--match", "play"), []),
        (("jobs", "--plugin", "resource"), ["card"]),
        (("jobs", "--category", "sounds", "--plugin", "shell"), ["audio/play"]),
        (("jobs", "--plan", "outer"), ["audio/play"]),
        (("templates",), ["audio/each"]),
        (("templates", "--plan", "inner"), []),
        (("templates", "--plan", "outer", "--category", "sounds"), ["audio/each"]),
        (("plans", "--plan", "outer"), ["outer", "inner"]),
        (("categories", "--plan", "outer"), ["sounds"]),
        (("categories", "--match", "s.*s"), ["sounds"]),
    ],
)
def test_a_list_has_what_passes_all_filters(
    words: tuple[str, ...], expected: list[str], many: Bench, program: Program
) -> None:
    assert ids(program, many, *words) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plans", "--category", "sounds"), "--match"),
        (("providers", "--tree"), "have no tree"),
        (("jobs", "--category", "sonds"), "did you mean org.example::sounds?"),
        (("jobs", "--plan", "outr"), "did you mean org.example::outer?"),
        (("jobs", "--plugin", "shel"), "user-interact-verify"),
        (("jobs", "--match", "(("), "no pattern"),
    ],
)
def test_a_filter_that_makes_no_sense_is_an_error_of_use(
    words: tuple[str, ...], said: str, many: Bench, program: Program
) -> None:
    answer = program("list", *words, "--provider", many.provider)
    assert answer.code == 2
    assert said in answer.err


def test_columns_are_aligned_and_nothing_is_cut_in_a_pipe(many: Bench, program: Program) -> None:
    answer = program(
        "list", "jobs", "--category", "sounds", "--provider", many.provider, env={"COLUMNS": "40"}
    )
    lines = [line for line in answer.out.splitlines() if "audio/" in line]
    assert (
        len({line.index(word) for line, word in zip(lines, ("shell", "manual"), strict=True)}) == 1
    )
    assert lines[0].endswith("Plays a sound")


def test_a_terminal_gets_titles_and_lines_that_fit(many: Bench) -> None:
    words = ["list", "jobs", "--category", "sounds", "--provider", str(many.provider)]
    code = f"from plainbox.cli import main; main({words!r})"
    master, slave = pty.openpty()
    tty.setraw(slave)
    environ = {**os.environ, "COLUMNS": "50", "TERM": "xterm", "NO_COLOR": ""}
    with subprocess.Popen([sys.executable, "-c", code], stdout=slave, env=environ) as process:
        os.close(slave)
        out = b""
        with suppress(OSError):
            while chunk := os.read(master, 4096):
                out += chunk
        assert process.wait() == 0
    os.close(master)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.decode()).splitlines()
    assert lines[0].split() == ["id", "plugin", "summary"]
    assert all(len(line) <= 50 for line in lines)
    assert any(line.endswith("…") for line in lines)
    assert b"\x1b[" in out


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            "jobs",
            [
                "bench",
                "|-- Uncategorised  1",
                "|   `-- card  resource  card",
                "`-- Sound  2",
                "    |-- audio/play                                      shell   Plays a sound",
                "    `-- audio/a-rather-long-name-so-that-columns-are-wide  manual  Ask",
            ],
        ),
        ("plans", ["bench", "`-- FILE  2", "    |-- inner  Inner", "    `-- outer  Outer"]),
    ],
)
def test_a_tree_shows_what_belongs_to_what(
    what: str, expected: list[str], many: Bench, program: Program
) -> None:
    answer = program(
        "list", what, "--tree", "--provider", many.provider, env={"PYTHONIOENCODING": "ascii"}
    )
    shown = answer.out.replace(str(many.provider / "units/all.pxu"), "FILE").splitlines()
    start = shown.index("bench")
    squeezed = [re.sub(r"(?<=\S)  +", "  ", line) for line in shown[start : start + len(expected)]]
    assert squeezed == [re.sub(r"(?<=\S)  +", "  ", line) for line in expected]
