from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plainbox.machine.programs import Call, Reply, call_all, find_program

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PYTHON = sys.executable


def call(program: str, text: str = "") -> Call:
    return Call((PYTHON, "-c", program), text)


def test_replies_come_in_the_order_of_the_calls() -> None:
    calls = [call("print(input())", f"{number}\n") for number in range(5)]
    assert [reply.output for reply in call_all(calls, at_once=2)] == [f"{n}\n" for n in range(5)]


def test_code_and_errors_are_kept() -> None:
    (reply,) = call_all([call("import sys; sys.stderr.write('no'); sys.exit(3)")])
    assert reply == Reply(3, "", "no")


def test_a_program_that_does_not_end_is_ended() -> None:
    replies = call_all([call("while True: pass"), call("print(1)")], seconds=0.2, at_once=1)
    assert replies[0] == Reply(None)


def test_a_program_that_does_not_exist_has_no_code() -> None:
    assert call_all([Call(("/nonexistent/program",), "")]) == [Reply(None)]


def test_a_text_that_is_longer_than_a_pipe_is_read() -> None:
    (reply,) = call_all([call("import sys; print(len(sys.stdin.read()))", "x" * 300_000)])
    assert reply.output == "300000\n"


def test_nothing_of_the_environment_but_the_path_is_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BASH_ENV", "/some/file")
    (reply,) = call_all([call("import os; print('BASH_ENV' in os.environ)")])
    assert reply.output == "False\n"


def test_a_program_is_found_in_the_folders_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tool"
    program.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"/nonexistent:{tmp_path}")
    assert find_program("tool") is None
    program.chmod(0o755)
    assert find_program("tool") == str(program)
