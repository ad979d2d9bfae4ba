"""`plainbox log` shows what jobs printed, and what happened to the machine, harmlessly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from plainbox.clock import SystemClock
from plainbox.outcome import Outcome
from plainbox.session.events import Happened, Happening, JobCard, JobFinished, JobStarting, Planned
from plainbox.session.logs import ERRORS, OUTPUT, LogWriter
from plainbox.session.store import OpenSession, SessionFolder, Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

JOB = "x::disk/read"


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session in which one job failed, then passed, and another never started."""
    session = OpenSession(Store(tmp_path / "state").create("plan"), SystemClock())
    cards = (JobCard(JOB, "1", "shell"), JobCard("x::never", "2", "shell"))
    session.stage(Planned("main", cards))
    for attempt, outcome in ((1, Outcome.FAIL), (2, Outcome.PASS)):
        session.stage(JobStarting(JOB, attempt))
        session.stage(JobFinished(JOB, attempt, outcome, "exit 1" if attempt == 1 else ""))
    happenings = (
        Happening("kernel", "usb 1-1: new \x1b[2Jdevice", 41.25),
        Happening("warning", "usb 1-1: error -71", 41.5),
        Happening("core", "core.bash.1000"),
    )
    session.stage(Happened(JOB, 1, happenings))
    session.commit()
    log = LogWriter(session.folder.logs, 2)
    log.write(0.25, OUTPUT, b"\x1b[31mhello\x1b[0m\tw\xc3")
    log.write(0.5, ERRORS, b"oops\r\n")
    log.write(0.75, OUTPUT, b"\xb6rld\nlast")
    log.close()
    session.close()
    return session.folder


def test_lines_have_times_and_streams_and_nothing_that_steers_a_terminal(
    program: Program, folder: SessionFolder
) -> None:
    answer = program("log", "disk/read")
    assert answer.code == 0
    assert answer.out == (
        "    0.500 ! oops\n    0.250 | hello   w\N{LATIN SMALL LETTER O WITH DIAERESIS}rld\n"
        "    0.750 | last\n"
    )
    assert answer.err == f"{JOB} in {folder.id}, attempt 2 of 2: passed\n"


def test_the_kernel_lines_of_an_attempt_are_shown(program: Program, folder: SessionFolder) -> None:
    answer = program("log", "--kernel", JOB, "1", "--attempt", "1")
    assert answer.out.splitlines() == [
        "[   41.250000] | usb 1-1: new device",
        "[   41.500000] ! usb 1-1: error -71",
        "               ! core dump: core.bash.1000",
    ]
    assert "attempt 1 of 2: failed: exit 1" in answer.err
    assert "nothing was recorded" in program("log", "--kernel", JOB).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["disk/raed"], "did you mean x::disk/read"),
        (["x::never", "1"], "x::never was never started"),
        (["disk/read", "--attempt", "3"], "has 2 attempts in this session, not 3"),
        (["disk/read", "77"], "there is no session '77'"),
    ],
)
def test_what_is_not_there_is_said(
    program: Program, folder: SessionFolder, words: list[str], said: str
) -> None:
    answer = program("log", *words)
    assert answer.code == 2
    assert said in answer.err


def test_a_real_run_can_be_looked_at(program: Program, tmp_path: Path) -> None:
    units = tmp_path / "provider/units"
    units.mkdir(parents=True)
    (units / "a.pxu").write_text("id: job\nplugin: shell\ncommand: echo out; echo err >&2\n")
    program("run", "--provider", tmp_path / "provider", "job")
    lines = program("log", "job").out.splitlines()
    assert sorted(re.sub(r"^ *[\d.]+ ", "", line) for line in lines) == ["! err", "| out"]
