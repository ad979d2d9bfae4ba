"""Seeds A1 to A4: the session share, a folder in which jobs leave files for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.outcome import Outcome
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

SAVE_AND_READ = """\
id: save
plugin: shell
command: echo saved > $PLAINBOX_SESSION_SHARE/some-action.log

id: read
plugin: shell
command: cat $PLAINBOX_SESSION_SHARE/some-action.log
"""


def test_a1_a_job_reads_what_another_saved_in_the_share(tmp_path: Path) -> None:
    outcomes = Bench(tmp_path, {"units/a.pxu": SAVE_AND_READ}).run("save", "read")

    assert outcomes["read"] is Outcome.PASS
    assert outcomes.output("read") == "saved\n"


def test_a1_a_job_reads_what_another_saved_in_the_share_also_after_a_resume(
    tmp_path: Path, program: Program
) -> None:
    killer = "id: kill\nplugin: shell\ncommand: kill -KILL $PPID; sleep 60\n\n"
    save, read = SAVE_AND_READ.split("\n\n")
    bench = Bench(tmp_path, {"units/a.pxu": f"{save}\n\n{killer}{read}"})

    killed = program("run", "--provider", bench.provider, "save", "kill", "read")
    resumed = program("resume")

    assert killed.code < 0, killed
    assert resumed.code == 1, resumed
    session = bench.store.sessions()[0]
    state = session.read_state()
    assert state.outcome_of("org.example::kill") is Outcome.CRASH
    assert state.outcome_of("org.example::read") is Outcome.PASS


def test_a1_jobs_of_another_session_have_another_share(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"units/a.pxu": SAVE_AND_READ})
    bench.run("save")

    assert bench.run("read")["read"] is Outcome.FAIL


def test_a3_checkbox_data_is_the_same_folder_whatever_the_caller_has_set(tmp_path: Path) -> None:
    names = "$CHECKBOX_DATA $PLAINBOX_SESSION_SHARE"
    command = f"for each in {names}; do readlink -f $each; done"
    bench = Bench(tmp_path, {"units/a.pxu": f"id: a\nplugin: shell\ncommand: {command}\n"})

    outcomes = bench.run("a", environ={"CHECKBOX_DATA": "/nowhere", "PATH": "/usr/bin:/bin"})

    old, new = outcomes.output("a").splitlines()
    assert old == new == str(outcomes.folder.share.resolve())


def test_a4_the_folder_inside_the_session_is_called_checkbox_data(tmp_path: Path) -> None:
    outcomes = Bench(tmp_path, {"units/a.pxu": SAVE_AND_READ}).run("save")

    saved = outcomes.folder.path / "CHECKBOX_DATA" / "some-action.log"
    assert saved.read_text("utf-8") == "saved\n"
