"""Sessions as people handle them: told apart, shown, moved to another machine, cleared away."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Program

from plainbox.clock import SystemClock
from plainbox.outcome import Outcome
from plainbox.session.store import OpenSession, Store

if TYPE_CHECKING:
    from pathlib import Path

UNITS = """\
id: good
plugin: shell
command: echo all is well; echo kept > $PLAINBOX_SESSION_SHARE/file

id: bad
plugin: shell
command: test ! -e "$FLAG"

id: kill
plugin: shell
command: kill -KILL $PPID; sleep 60

id: last
plugin: shell
command: cat $PLAINBOX_SESSION_SHARE/file

unit: test plan
id: plan
_name: A plan
include:
 good
 bad
"""
NS = "provider::"


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    folder = tmp_path / "provider"
    (folder / "units").mkdir(parents=True)
    (folder / "units" / "a.pxu").write_text(UNITS)
    return folder


@pytest.fixture
def killed(program: Program, provider: Path) -> Program:
    """With a session of which the second of three jobs killed plainbox."""
    program("run", "--provider", provider, "good", "kill", "last")
    return program


def test_list_tells_what_each_session_is_and_how_far(program: Program, provider: Path) -> None:
    assert "there are no sessions yet" in program("sessions", "list").out
    program("run", "--provider", provider, "plan")
    program("run", "--provider", provider, "good", "kill", "last")
    host = os.uname().nodename
    newest, oldest = program("sessions", "list").out.splitlines()
    assert newest.startswith("2-good-kill-last ")
    assert newest.endswith(f"paused, 1 of 3 jobs done on {host}")
    assert oldest.startswith("1-plan ")
    assert oldest.endswith(f"ended: 2 passed on {host}")


def test_list_is_machine_readable(killed: Program) -> None:
    (row,) = json.loads(killed("sessions", "list", "--json").out)
    assert (row["id"], row["status"], row["done"]) == ("1-good-kill-last", "paused", 1)
    assert row["outcomes"] == {"pass": 1}
    assert row["holder"] is None


def test_a_session_that_is_damaged_or_never_began_does_not_keep_others_from_being_listed(
    killed: Program,
) -> None:
    store = Store(killed.state)
    store.create("empty").journal.touch()
    store.create("damaged").journal.write_bytes(b"hello" * 1000)
    lines = killed("sessions", "list").out.splitlines()
    assert len(lines) == 3
    assert "damaged: the journal" in lines[0]
    assert lines[1].endswith("never began")
    assert killed("sessions", "show", "3").code == 4


def test_show_has_the_summary_of_the_run(killed: Program) -> None:
    shown = killed("sessions", "show", "1").out
    assert "1-good-kill-last: paused, 1 of 3 jobs done" in shown
    assert "1 passed" in shown
    assert "plainbox resume 1-good-kill-last" in shown
    assert killed("sessions", "show", "9").code == 2


def test_resume_goes_on_with_a_session(killed: Program) -> None:
    done = killed("sessions", "resume", "1")
    assert done.code == 1
    state = Store(killed.state).sessions()[0].read_state()
    assert state.outcome_of(f"{NS}kill") is Outcome.CRASH
    assert state.outcome_of(f"{NS}last") is Outcome.PASS


def test_rm_removes_what_has_ended_and_the_rest_only_when_told(
    killed: Program, provider: Path
) -> None:
    killed("run", "--provider", provider, "good")
    refused = killed("sessions", "rm", "2", "1")
    assert refused.code == 2
    assert "has not ended" in refused.err
    assert len(Store(killed.state).sessions()) == 2, "nothing goes where one of them may not"
    assert killed("sessions", "rm", "2-good").code == 0
    assert killed("sessions", "rm", "1", "--unfinished").code == 0
    assert Store(killed.state).sessions() == []


def test_a_session_that_a_process_has_is_not_removed(killed: Program) -> None:
    held = OpenSession(Store(killed.state).find("1"), SystemClock())
    refused = killed("sessions", "rm", "1", "--unfinished")
    pruned = killed("sessions", "prune", "--keep", "0", "--unfinished")
    listed = killed("sessions", "list").out
    held.close()
    assert refused.code == 4
    assert f"is held by process {os.getpid()}" in refused.err
    assert (pruned.code, pruned.out) == (0, "")
    assert f"running (process {os.getpid()}), 1 of 3 jobs done" in listed
    assert held.folder.journal.exists()


def test_prune_says_what_it_would_do_and_does_it(killed: Program, provider: Path) -> None:
    for _ in range(3):
        killed("run", "--provider", provider, "good")
    assert killed("sessions", "prune").code == 2
    assert killed("sessions", "prune", "--older-than", "soon").code == 2
    said = killed("sessions", "prune", "--keep", "1", "--dry-run").out
    assert [line.partition(":")[0] for line in said.splitlines()] == ["3-good", "2-good"]
    assert killed("sessions", "prune", "--older-than", "1d").out == ""
    assert (
        killed("sessions", "prune", "--keep", "1").out == "3-good is removed\n2-good is removed\n"
    )
    left = [session.id for session in Store(killed.state).sessions()]
    assert left == ["4-good", "1-good-kill-last"]


def test_an_exported_session_is_resumed_and_reported_on_another_machine(
    killed: Program, provider: Path, tmp_path: Path
) -> None:
    out = killed("sessions", "export", "1", cwd=tmp_path)
    assert out.code == 0
    assert out.out.startswith("1-good-kill-last.tar.xz: ")
    other = Program(tmp_path / "other" / "state")

    taken = other("sessions", "import", tmp_path / "1-good-kill-last.tar.xz")
    assert (taken.code, taken.out) == (0, "1-good-kill-last: paused, 2 of 3 jobs done\n")
    done = other("resume", "--provider", provider)

    assert done.code == 1
    folder = Store(other.state).sessions()[0]
    state = folder.read_state()
    assert state.outcome_of(f"{NS}kill") is Outcome.CRASH
    assert state.outcome_of(f"{NS}last") is Outcome.PASS, "the share came along"
    report = json.loads((folder.reports / "submission.json").read_text())
    assert [result["status"] for result in report["results"]] == ["pass", "fail", "pass"]
    assert "all is well" in report["results"][0]["io_log"]


def test_an_imported_session_never_runs_jobs_of_a_folder_that_the_archive_names(
    killed: Program, tmp_path: Path
) -> None:
    killed("sessions", "export", "1", tmp_path / "x.tar")
    other = Program(tmp_path / "other")
    other("sessions", "import", tmp_path / "x.tar")
    done = other("resume")
    state = Store(other.state).sessions()[0].read_state()
    assert state.outcome_of(f"{NS}last") is not Outcome.PASS
    assert done.code in (1, 2)


def test_export_refuses_a_name_that_does_not_say_how_to_pack(
    killed: Program, tmp_path: Path
) -> None:
    assert killed("sessions", "export", "1", tmp_path / "x.zip").code == 2
    assert killed("sessions", "export", "1", tmp_path / "no" / "x.tar").code == 4
    assert killed("sessions", "import", tmp_path / "x.tar").code == 4
    (tmp_path / "x.tar").write_text("hello" * 500)
    assert killed("sessions", "import", tmp_path / "x.tar").code == 3
    assert killed("sessions", "import", tmp_path / "x.tar", "--limit", "much").code == 2


def test_the_summary_says_what_is_new_since_the_last_run(
    program: Program, provider: Path, tmp_path: Path
) -> None:
    flag = {"FLAG": str(tmp_path / "flag")}
    first = program("run", "--provider", provider, "plan", env=flag).out
    (tmp_path / "flag").touch()
    second = program("run", "--provider", provider, "plan", env=flag).out
    third = program("run", "--provider", provider, "plan", env=flag).out
    assert "last time" not in first
    assert "exit 1   new: passed last time" in second
    assert "exit 1   failed in 2 runs" in third


def test_the_summary_counts_the_jobs_that_are_more_than_the_last_time(
    program: Program, provider: Path
) -> None:
    program("run", "--provider", provider, "plan")
    units = provider / "units" / "a.pxu"
    units.write_text(UNITS + " last\n")
    assert "(1 job more than last time)" in program("run", "--provider", provider, "plan").out
    units.write_text(UNITS.replace(" bad\n", ""))
    assert "(2 jobs fewer than last time)" in program("run", "--provider", provider, "plan").out


def test_a_history_that_is_lost_or_damaged_comes_back_from_the_journals(
    program: Program, provider: Path, tmp_path: Path
) -> None:
    flag = {"FLAG": str(tmp_path / "flag")}
    program("run", "--provider", provider, "plan", env=flag)
    (program.state / "history.db").write_bytes(b"hello" * 1000)
    (tmp_path / "flag").touch()
    second = program("run", "--provider", provider, "plan", env=flag)
    assert "new: passed last time" in second.out
    assert program("sessions", "rebuild-history").out == "2 sessions in the history\n"


def test_a_history_that_cannot_be_kept_costs_the_run_nothing(
    program: Program, provider: Path
) -> None:
    (program.state / "history.db").mkdir(parents=True)
    done = program("run", "--provider", provider, "plan")
    assert done.code == 0
    assert "the history" in done.err
