"""`plainbox list` and what all commands have in common."""

from __future__ import annotations

import json
import sys
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
