"""What the loop makes of jobs, through whole runs of a bench."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from plainbox.engine.environment import Surroundings
from plainbox.engine.printed import records_of_output
from plainbox.engine.runner import Exit
from plainbox.engine.verdicts import verdict
from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.journal import Journal
from plainbox.session.logs import LogWriter
from plainbox.testing import Bench

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.units import Job

ALL = "org.example::.*"


def bench(folder: Path, *jobs: str, **files: str) -> Bench:
    return Bench(folder, {"units/all.pxu": "\n".join(jobs), **files})


def shell(name: str, command: str, *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: shell", f"command: {command}", *more, ""))


def resource(name: str, command: str, *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: resource", f"command: {command}", *more, ""))


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (Exit(0), (Outcome.PASS, "")),
        (Exit(0, held=True), (Outcome.PASS, "something it started held its output open")),
        (Exit(7), (Outcome.FAIL, "exit 7")),
        (Exit(-11), (Outcome.CRASH, "killed by signal 11 (SIGSEGV)")),
        (Exit(-40), (Outcome.CRASH, "killed by signal 40")),
    ],
)
def test_return_codes_are_outcomes(end: Exit, expected: tuple[Outcome, str]) -> None:
    assert verdict(end) == expected


def test_a_job_passes_fails_or_crashes_by_its_return_code(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        shell("pass", "echo fine"),
        shell("fail", "echo so far; echo broken >&2; exit 2"),
        shell("crash", "kill -SEGV $$"),
    ).run(ALL)
    assert outcomes["pass"] is Outcome.PASS
    assert outcomes["fail"] is Outcome.FAIL
    assert outcomes.reason("fail") == "exit 2: broken"
    assert outcomes.job("fail").attempts[0].return_code == 2
    assert outcomes["crash"] is Outcome.CRASH
    assert outcomes.reason("crash") == "killed by signal 11 (SIGSEGV)"
    assert outcomes.ended


def test_each_job_has_an_empty_working_folder_that_goes_away(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("a", "ls -A; pwd"), shell("b", "ls -A; pwd")).run("a", "b")
    a, b = outcomes.output("a").strip(), outcomes.output("b").strip()
    assert a != b
    assert not list(outcomes.folder.work.iterdir())


def test_files_left_in_the_working_folder_are_noted(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        shell("messy", "touch g f e d c b a; mkdir -p x/y"),
        shell("allowed", "touch a", "flags: has-leftovers"),
        shell("odd", r"touch $'\xff'"),
    ).run(ALL)
    assert outcomes.job("messy").notes == ["left files in its working folder: a, b, c, d, e, …"]
    assert outcomes.job("allowed").notes == []
    assert outcomes["odd"] is Outcome.PASS, "a name that is no text does no harm"
    assert not list(outcomes.folder.work.iterdir())


def test_a_job_may_remove_its_working_folder_or_shut_it(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path, shell("gone", 'rm -rf "$PWD"'), shell("shut", 'touch x; chmod 0 "$PWD"')
    ).run(ALL)
    assert outcomes["gone"] is Outcome.PASS
    assert outcomes["shut"] is Outcome.PASS
    assert outcomes.ended


def test_a_job_may_ask_for_the_folder_that_plainbox_runs_in(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("here", "pwd", "flags: preserve-cwd")).run("here")
    assert outcomes.output("here").strip() == os.getcwd()  # noqa: PTH109 - as text


def test_a_job_that_cannot_be_started_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = Surroundings.arguments

    def without_shell(self: Surroundings, job: Job, command: str) -> list[str]:
        found = arguments(self, job, command)
        return ["/nowhere/bash"] if job.partial_id == "a" else found

    monkeypatch.setattr(Surroundings, "arguments", without_shell)
    outcomes = bench(tmp_path, shell("a", "true"), shell("b", "true")).run("a", "b")
    assert outcomes["a"] is Outcome.FAIL
    assert outcomes.reason("a") == "cannot be started: No such file or directory"
    assert outcomes.job("a").attempts[0].return_code is None
    assert outcomes["b"] is Outcome.PASS


def test_a_requirement_that_is_not_met_skips_or_fails_as_the_flag_says(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        resource("res", "echo 'x: 1'"),
        shell("skipped", "true", "requires: res.x == '2'"),
        shell("failed", "true", "requires: res.x == '2'", "flags: fail-on-resource"),
        shell("runs", "true", "requires: res.x == '1'"),
    ).run("skipped", "failed", "runs")
    assert outcomes["skipped"] is Outcome.SKIPPED_RESOURCE
    assert outcomes["failed"] is Outcome.FAIL
    assert outcomes["runs"] is Outcome.PASS
    assert outcomes.reason("failed") == "requires res.x == '2': the record has x='1'"
    assert outcomes.started == ["org.example::res", "org.example::runs"]


def test_a_resource_job_that_fails_still_tells_what_it_printed(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        resource("res", "echo 'x: 1'; echo 'x: 9' >&2; exit 1"),
        shell("a", "true", "requires: res.x == '1'"),
    ).run("a")
    assert outcomes["res"] is Outcome.FAIL
    assert outcomes["a"] is Outcome.PASS
    assert outcomes.state.resources["org.example::res"] == ({"x": "1"},)


def test_a_mistake_in_resource_output_keeps_the_records_before_it_and_says_so(
    tmp_path: Path,
) -> None:
    outcomes = bench(tmp_path, resource("res", r"printf 'x: 1\n\nx: 2\n\nnonsense\n\nx: 3\n'")).run(
        "res"
    )
    assert outcomes.state.resources["org.example::res"] == ({"x": "1"}, {"x": "2"})
    records, error = records_of_output("res", "x: 1\n\nnonsense\n")
    assert records == ({"x": "1"},)
    assert error.startswith("line 3 of its output: ")


def test_a_resource_job_that_prints_nothing_has_one_empty_record() -> None:
    assert records_of_output("res", "") == (({},), "")


def test_a_job_that_salvages_runs_only_after_a_failure(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        shell("good", "true"),
        shell("bad", "false"),
        shell("dead", "kill -9 $$"),
        shell("after-good", "true", "salvages: good", "after: good"),
        shell("after-bad", "true", "salvages: bad", "after: bad"),
        shell("after-dead", "true", "salvages: dead", "after: dead"),
    ).run(ALL)
    assert outcomes["after-bad"] is Outcome.PASS
    assert outcomes["after-good"] is Outcome.NOT_SUPPORTED
    assert outcomes["after-dead"] is Outcome.NOT_SUPPORTED
    assert outcomes.reason("after-good") == "not needed: org.example::good did not fail (passed)"
    assert outcomes.ended


def test_a_flawed_instance_of_a_template_fails_with_its_messages(tmp_path: Path) -> None:
    template = (
        "unit: template\ntemplate-resource: res\ntemplate-id: t\nid: t-{x}\n"
        "plugin: shell\ncommand: echo {missing}\n"
    )
    plan = "unit: test plan\nid: plan\nname: P\nbootstrap_include: res\ninclude: t\n"
    outcomes = bench(tmp_path, resource("res", "echo 'x: 1'"), template, plan).run("plan")
    assert outcomes["t-1"] is Outcome.FAIL
    assert "missing" in outcomes.reason("t-1")
    assert outcomes.started == ["org.example::res"]


def test_text_from_a_resource_that_no_program_can_take_costs_one_job(tmp_path: Path) -> None:
    template = (
        "unit: template\ntemplate-resource: res\ntemplate-id: t\nid: t-{n}\n"
        "plugin: shell\ncommand: echo '{x}'\n"
    )
    plan = "unit: test plan\nid: plan\nname: P\nbootstrap_include: res\ninclude: t\n"
    zero = resource("res", r"printf 'n: 1\nx: a\0b\n\nn: 2\nx: c\n'")
    outcomes = bench(tmp_path, zero, template, plan).run("plan")
    assert outcomes["t-1"] is Outcome.FAIL
    assert outcomes["t-2"] is Outcome.PASS


def test_the_end_of_a_job_and_the_start_of_the_next_are_one_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[str]] = []
    append = Journal.append

    def watched(self: Journal, events: Iterable[tuple[Stamp, Event]]) -> None:
        written = list(events)
        batches.append([type(event).__name__ for _, event in written])
        append(self, written)

    monkeypatch.setattr(Journal, "append", watched)
    bench(tmp_path, shell("a", "true"), shell("b", "true")).run("a", "b")
    assert ["JobFinished", "JobStarting"] in batches
    assert batches[-2:] == [["JobFinished"], ["Ended"]]


def test_a_started_job_is_durable_before_its_process_is(tmp_path: Path) -> None:
    reader = (
        "from plainbox.session.store import Store; from pathlib import Path; import sys;"
        "print(*Store(Path(sys.argv[1])).sessions()[0].read_state().running)"
    )
    python = f"{sys.executable} -c"
    outcomes = bench(tmp_path, shell("a", f'{python} "{reader}" {tmp_path}/state')).run(
        "a", environ={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert outcomes.output("a").strip() == "org.example::a"


def test_output_that_cannot_be_stored_stops_the_run_as_a_failure_of_plainbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: LogWriter, _seconds: float, _stream: int, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LogWriter, "write", full)
    made = bench(tmp_path, shell("a", "echo x; sleep 60"), shell("b", "echo y"))
    with pytest.raises(StorageError, match="its output cannot be stored: No space left"):
        made.run("a", "b")
    state = made.store.sessions()[0].read_state()
    assert state.outcome_of("org.example::a") is Outcome.CRASH
    assert state.outcome_of("org.example::b") is None
    assert not state.ended
    monkeypatch.undo()
    assert made.resume()["b"] is Outcome.PASS


def test_output_that_cannot_be_made_durable_is_no_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", broken)
    made = bench(tmp_path, shell("a", "echo x"))
    with pytest.raises(StorageError, match="Input/output error"):
        made.run("a")
    assert made.store.sessions()[0].read_state().outcome_of("org.example::a") is Outcome.CRASH


def test_where_no_working_folder_can_be_made_results_before_it_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench(
        tmp_path,
        shell("a", "rm -rf ../../work; touch ../../work || touch $PLAINBOX_SESSION_SHARE/../work"),
        shell("b", "true"),
    )
    with pytest.raises(StorageError, match=r"no working folder can be made for org.example::b"):
        made.run("a", "b")
    state = made.store.sessions()[0].read_state()
    assert state.outcome_of("org.example::a") is Outcome.PASS
    assert state.outcome_of("org.example::b") is None
    assert not state.running


def test_a_journal_that_cannot_be_written_stops_before_the_next_job_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Journal.append

    def full(self: Journal, events: Iterable[tuple[Stamp, Event]]) -> None:
        written = list(events)
        if any(getattr(event, "job", "") == "org.example::b" for _, event in written):
            raise StorageError("the journal cannot be written: disk full")
        append(self, written)

    monkeypatch.setattr(Journal, "append", full)
    made = bench(tmp_path, shell("a", "true"), shell("b", "touch $PLAINBOX_SESSION_SHARE/b"))
    with pytest.raises(StorageError, match="disk full"):
        made.run("a", "b")
    session = made.store.sessions()[0]
    state = session.read_state()
    assert state.outcome_of("org.example::a") is Outcome.PASS, "the second try kept it"
    assert not state.running, "what did not start is not said to have started"
    assert not (session.share / "b").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_running_job_and_leaves_the_rest_for_later(
    number: signal.Signals, tmp_path: Path
) -> None:
    kill = f"kill -{number} {os.getpid()}"
    made = bench(
        tmp_path,
        shell("a", "true"),
        shell("b", f"{kill}; sleep 60 & sleep 60"),
        shell("c", "true"),
    )
    outcomes = made.run("a", "b", "c")
    assert not outcomes.ended
    assert not outcomes.state.ended
    assert outcomes["a"] is Outcome.PASS
    assert outcomes["b"] is Outcome.CRASH
    assert outcomes.reason("b") == f"ended by {number.name}: the run was paused while it ran"
    assert outcomes["c"] is None
    resumed = made.resume()
    assert resumed.ended
    assert resumed.started == ["org.example::c"]
    assert resumed["b"] is Outcome.CRASH


def test_a_job_that_ended_before_the_signal_could_end_it_keeps_its_own_outcome(
    tmp_path: Path,
) -> None:
    late = f"(sleep 0.1; kill -INT {os.getpid()}; sleep 1) & exit 0"
    made = bench(tmp_path, shell("a", late), shell("b", "true"))
    outcomes = made.run("a", "b")
    assert outcomes["a"] is Outcome.PASS
    assert outcomes["b"] is None
    assert made.resume()["b"] is Outcome.PASS


def test_the_last_record_of_a_resource_that_was_cut_short_does_not_count(tmp_path: Path) -> None:
    cut = rf"printf 'x: 1\n\nx: 2'; kill -INT {os.getpid()}; sleep 60"
    outcomes = bench(tmp_path, resource("res", cut)).run("res")
    assert outcomes["res"] is Outcome.CRASH
    assert outcomes.state.resources["org.example::res"] == ({"x": "1"},)


def test_signals_that_the_caller_has_us_ignore_stay_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        outcomes = bench(tmp_path, shell("a", f"kill -HUP {os.getpid()}; sleep 0.1")).run("a")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert outcomes["a"] is Outcome.PASS


def test_a_failure_is_seen_also_where_the_caller_ignores_the_end_of_children(
    tmp_path: Path,
) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        outcomes = bench(tmp_path, shell("a", "exit 3")).run("a")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert outcomes["a"] is Outcome.FAIL


def test_no_thread_is_left(tmp_path: Path) -> None:
    bench(tmp_path, shell("a", "true")).run("a")
    assert threading.active_count() == 1


@pytest.mark.parametrize(
    ("requires", "reason"),
    [
        ("1 == 2", "its definition has errors: requires cannot be read"),
        ("res.y == '1'", "the record has no y"),
        ("many.x == '9'", "none of 2 records"),
        ("none.x == '9'", "none has no records"),
        ("res.x == '9' and many.x == '9'", "res.x == '9'"),
        ("res.x == many.x", "no records together"),
    ],
)
def test_why_a_requirement_is_not_met_is_said(requires: str, reason: str, tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        resource("res", "echo 'x: 1'"),
        resource("many", r"printf 'x: 2\n\nx: 3\n'"),
        resource("none", "true"),
        shell("a", "true", f"requires: {requires}"),
    ).run("a")
    assert outcomes["a"] is not Outcome.PASS
    assert reason in outcomes.reason("a")
    assert outcomes.ended


def test_a_resource_that_did_not_run_is_unknown_and_its_reason_is_said(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        shell("bad", "false"),
        resource("res", "echo 'x: 1'", "depends: bad"),
        shell("a", "true", "requires: res.x == '1'"),
    ).run("a")
    assert outcomes["a"] is Outcome.SKIPPED_RESOURCE
    assert "org.example::res did not run: needs org.example::bad (failed)" in outcomes.reason("a")
