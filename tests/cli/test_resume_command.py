"""`plainbox resume` as people call it; what it does is told in `tests/engine/test_resume.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
id: dies
plugin: shell
command: kill -9 $PPID; sleep 60

id: open
plugin: shell
command: true
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def test_nothing_to_resume_is_an_error_of_use(bench: Bench, program: Program) -> None:
    answer = program("resume")
    assert answer.code == 2
    assert "no session waits to be resumed" in answer.err
    assert program("run", "--provider", bench.provider, "open").code == 0
    assert program("resume").code == 2


def test_a_session_that_ended_or_does_not_exist_is_an_error_of_use(
    bench: Bench, program: Program
) -> None:
    program("run", "--provider", bench.provider, "open")
    ended = program("resume", "1")
    assert ended.code == 2
    assert "the session 1-open has ended" in ended.err
    unknown = program("resume", "77")
    assert unknown.code == 2
    assert "the newest are 1-open" in unknown.err


def test_a_session_is_resumed_by_its_id_or_its_number_or_as_the_newest(
    bench: Bench, program: Program
) -> None:
    for _ in range(3):
        assert program("run", "--provider", bench.provider, "dies", "open").code == -9
    assert program("resume", "1-dies-open").code == 1
    assert program("resume", "2").code == 1
    answer = program("resume")
    assert answer.code == 1
    assert f"{bench.store.folder}/3-dies-open" in answer.out
    assert "1 done" in answer.out or "1 job to run" in answer.out
    assert program("resume").code == 2


def test_where_no_report_can_be_written_nothing_is_resumed(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    program("run", "--provider", bench.provider, "dies", "open")
    (tmp_path / "file").write_text("")
    assert program("resume", "--output", tmp_path / "file").code == 4
    assert not bench.store.sessions()[0].read_state().ended
    assert program("resume", "--output", tmp_path / "out").code == 1
    assert (tmp_path / "out" / "submission.json").exists()
