"""Sessions whose process was killed: at every write, with whatever it left behind.

The program runs in forked children of the tests, which spares the start-up of Python; each is a
real process of the command line, and each is really killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from plainbox.cli import main
from plainbox.clock import Stamp, SystemClock
from plainbox.engine.leftovers import end_leftovers
from plainbox.outcome import Outcome
from plainbox.session.events import JobFinished, JobStarting
from plainbox.session.journal import Journal
from plainbox.session.store import OpenSession, Store
from plainbox.testing import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.conftest import Program

    from plainbox.session.events import Event
    from plainbox.session.state import State

NAMESPACE = "org.example"
COUNT = "echo $NAME >> $PLAINBOX_SESSION_SHARE/ran"


def counting(name: str, *more: str, then: str = "true", plugin: str = "shell") -> str:
    command = f"command: {COUNT.replace('$NAME', name)}; {then}"
    return "\n".join((f"id: {name}", f"plugin: {plugin}", command, *more, ""))


TWENTY = "\n".join(
    (
        counting("res", plugin="resource", then=r"printf 'x: 1\n\nx: 2\n'"),
        "unit: template\ntemplate-resource: res\ntemplate-id: t\n"
        + counting("made-{x}", "estimated_duration: 1"),
        *(counting(f"job-{number:02}") for number in range(10)),
        counting("fails", then="exit 3"),
        counting("needs-fails", "depends: fails"),
        counting("needs-job", "depends: job-03"),
        counting("needs-res", "requires: res.x == '2'"),
        counting("lacks-res", "requires: res.x == '3'"),
        counting("prints", then="seq 1000"),
        counting("cycle", "depends: cycle"),
        "unit: test plan\nid: plan\nname: Plan\nbootstrap_include: res\ninclude:\n .*\n",
    )
)
NEVER_RUN = {"needs-fails", "lacks-res", "cycle"}


class Ended(NamedTuple):
    """How a process ended (below 0: by a signal) and what it wrote."""

    code: int
    text: str


@pytest.fixture
def twenty(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": TWENTY})


def forked(bench: Bench, *words: str | Path, tamper: Callable[[], None] | None = None) -> Ended:
    """Run the command line in a process of its own."""
    text = bench.store.folder.parent / "said"
    bench.store.folder.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if not child:
        code = 99
        try:
            descriptor = os.open(text, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            sys.stdout = open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            sys.stderr = sys.stdout
            os.environ["PLAINBOX_STATE_DIR"] = str(bench.store.folder.parent)
            if tamper is not None:
                tamper()
            code = main([*map(str, words)])
        except BaseException:  # noqa: BLE001 - the child may not go on as a test
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), text.read_text("utf-8", "replace"))


def kill_at(number: int, *, before: bool) -> Callable[[], None]:
    """Kill the process right before or right after its n-th write to the journal."""

    def tamper() -> None:
        append = Journal.append
        writes = iter(range(1, 1_000_000))

        def deadly(self: Journal, events: Iterable[tuple[Stamp, Event]]) -> None:
            turn = next(writes) == number
            if turn and before:
                os.kill(os.getpid(), signal.SIGKILL)
            append(self, events)
            if turn:
                os.kill(os.getpid(), signal.SIGKILL)

        Journal.append = deadly  # type: ignore[method-assign]

    return tamper


def ran(bench: Bench) -> list[str]:
    try:
        return (bench.store.sessions()[0].share / "ran").read_text().split()
    except OSError:
        return []


def check_complete(bench: Bench) -> list[str]:
    """Everything ran once but for what was interrupted; the names of what crashed."""
    state = bench.store.sessions()[0].read_state()
    assert state.ended
    counts = ran(bench)
    assert len(set(counts)) == len(counts), "nothing ran twice"
    crashed = []
    for full_id, job in state.jobs.items():
        name = full_id.partition("::")[2]
        if job.outcome is Outcome.CRASH:
            crashed.append(name)
        elif name in NEVER_RUN:
            assert job.outcome is not None
            assert not job.outcome.ran
        elif job.outcome in (Outcome.PASS, Outcome.FAIL):
            assert name in counts, name
        else:
            assert crashed, f"{name} was skipped for nothing"
    return crashed


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_session_killed_at_any_write_is_resumed_with_each_job_run_once(
    *, before: bool, twenty: Bench
) -> None:
    plan = f"{NAMESPACE}::plan"
    number = 0
    while True:
        number += 1
        shutil.rmtree(twenty.store.folder, ignore_errors=True)
        killed = forked(
            twenty,
            "run",
            "--provider",
            twenty.provider,
            plan,
            tamper=kill_at(number, before=before),
        )
        if killed.code >= 0:
            break
        assert killed.code == -signal.SIGKILL
        state = twenty.store.sessions()[0].read_state()
        resumed = forked(twenty, "resume")
        if state.opened is None or state.ended:
            assert resumed.code == 2, resumed.text
            continue
        assert resumed.code == 1, resumed.text
        assert check_complete(twenty) == [name.partition("::")[2] for name in state.running]
    assert killed.code == 1
    assert number > 20
    assert check_complete(twenty) == []
    assert sorted(ran(twenty))[:2] == ["fails", "job-00"]


def test_a_resume_that_is_killed_is_resumed(twenty: Bench) -> None:
    words = ("run", "--provider", twenty.provider, f"{NAMESPACE}::plan")
    assert forked(twenty, *words, tamper=kill_at(6, before=False)).code == -9
    for _ in range(8):
        assert forked(twenty, "resume", tamper=kill_at(3, before=False)).code == -9
    assert forked(twenty, "resume").code == 1
    assert len(check_complete(twenty)) == 9
    assert twenty.store.sessions()[0].read_state().resumes == 9


@contextmanager
def power_lost(bench: Bench, at_write: int = 14) -> Iterator[Path]:
    """The folder of a session whose process was killed; what is done to it is undone."""
    words = ("run", "--provider", bench.provider, f"{NAMESPACE}::plan")
    assert forked(bench, *words, tamper=kill_at(at_write, before=False)).code == -9
    (session,) = bench.store.sessions()
    yield session.path


def test_a_journal_cut_by_a_power_loss_never_makes_resume_stumble(
    twenty: Bench, tmp_path: Path
) -> None:
    with power_lost(twenty) as folder:
        kept = tmp_path / "kept"
        shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("socket"))
    log = (kept / "journal.db-wal").stat().st_size
    assert log > 8192
    frames = range(0, log, max(1, log // 9))
    cuts = [("journal.db-wal", size) for size in (*frames, log - 1, log - 4096, 31, 33)]
    cuts += [("journal.db", size) for size in (0, 1, 100, 4095)]
    for name, size in cuts:
        shutil.rmtree(folder)
        shutil.copytree(kept, folder, ignore=shutil.ignore_patterns("socket"))
        (folder / "journal.db-shm").unlink(missing_ok=True)
        with (folder / name).open("r+b") as file:
            file.truncate(size)
        resumed = forked(twenty, "resume")
        assert resumed.code in (0, 1, 2, 4), (name, size, resumed.text)
        assert "Traceback" not in resumed.text, (name, size, resumed.text)
        if resumed.code < 2:
            assert twenty.store.sessions()[0].read_state().ended


def test_a_journal_with_damaged_pages_is_said_to_be_damaged(twenty: Bench) -> None:
    twenty.run(f"{NAMESPACE}::plan")
    (session,) = twenty.store.sessions()
    whole = session.journal.read_bytes()
    for place in range(0, len(whole), len(whole) // 10):
        damaged = whole[:place] + b"\xff" * 64 + whole[place + 64 :]
        session.journal.write_bytes(damaged)
        resumed = forked(twenty, "resume", session.id)
        assert resumed.code in (0, 1, 2, 4), resumed.text
        assert "Traceback" not in resumed.text, resumed.text


def test_attempts_that_the_journal_lost_keep_their_output(twenty: Bench) -> None:
    with power_lost(twenty) as folder:
        log = folder / "journal.db-wal"
        with log.open("r+b") as file:
            file.truncate(log.stat().st_size * 2 // 3)
        (folder / "journal.db-shm").unlink(missing_ok=True)
    (folder / "logs" / "90.log").write_bytes(b"of an attempt that the journal lost")
    assert forked(twenty, "resume").code == 1
    assert (folder / "logs" / "90.log").read_bytes() == b"of an attempt that the journal lost"
    attempts = twenty.store.sessions()[0].read_state().last_attempt
    assert attempts > 90


def test_processes_that_the_killed_run_left_are_ended(tmp_path: Path, program: Program) -> None:
    stubborn = (
        "trap '' TERM HUP INT; setsid sleep 300 & echo $! > $PLAINBOX_SESSION_SHARE/pids;"
        " echo $$ >> $PLAINBOX_SESSION_SHARE/pids; kill -9 $PPID; sleep 300"
    )
    units = f"id: a\nplugin: shell\ncommand: {stubborn}\n\n{counting('b')}"
    bench = Bench(tmp_path, {"units/all.pxu": units})
    assert program("run", "--provider", bench.provider, "a", "b").code == -9
    (session,) = bench.store.sessions()
    left = [int(word) for word in (session.share / "pids").read_text().split()]
    assert all(alive(process) for process in left)
    resumed = program("resume")
    assert resumed.code == 1
    assert "was still running and was ended: sleep" in resumed.out
    assert not any(alive(process) for process in left)
    state = session.read_state()
    assert state.outcome_of("org.example::a") is Outcome.CRASH
    assert state.outcome_of("org.example::b") is Outcome.PASS


def alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_only_processes_of_the_session_are_ended(tmp_path: Path) -> None:
    def sleeper(share: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sleep", "300"], env={"PATH": "/usr/bin:/bin", "PLAINBOX_SESSION_SHARE": str(share)}
        )

    with sleeper(tmp_path / "1") as own, sleeper(tmp_path / "10") as other:
        assert end_leftovers(tmp_path / "1") == [f"sleep (process {own.pid})"]
        assert own.wait() == -9
        assert other.poll() is None
        other.kill()
    assert end_leftovers(tmp_path / "1") == []
    assert end_leftovers(tmp_path, tmp_path / "no-proc") == []


def test_what_cannot_be_killed_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, variables in {"77": f"PLAINBOX_SESSION_SHARE={tmp_path}", "78": ""}.items():
        (tmp_path / number).mkdir()
        (tmp_path / number / "environ").write_text(variables)
        (tmp_path / number / "comm").write_text("odd\n")
    (tmp_path / "79").mkdir()

    def refuse(_process: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr("os.kill", refuse)
    assert end_leftovers(tmp_path, tmp_path) == []


def killed_in_main(bench: Bench, units: str) -> None:
    """Kill a run while its job `dies` runs."""
    bench.write({"units/all.pxu": units})
    ended = forked(bench, "run", "--provider", bench.provider, f"{NAMESPACE}::plan")
    assert ended.code == -9, ended.text


def plan_of(*jobs: str) -> str:
    return "unit: test plan\nid: plan\nname: P\ninclude:\n" + "".join(f" {it}\n" for it in jobs)


def once_stored(text: str) -> str:
    """Kill plainbox when it has stored a text."""
    log = "$PLAINBOX_SESSION_SHARE/../logs/1.log"
    return f"until grep -qs '{text}' {log}; do sleep 0.01; done; kill -9 $PPID; sleep 60"


DIES = counting("dies", then="kill -9 $PPID; sleep 60")


@pytest.fixture
def empty(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {})


def resumed_state(bench: Bench) -> State:
    resumed = forked(bench, "resume")
    assert "Traceback" not in resumed.text
    assert resumed.code == 1, resumed.text
    return bench.store.sessions()[0].read_state()


def test_a_definition_that_changed_keeps_old_results_and_the_rest_goes_on(empty: Bench) -> None:
    units = [counting("done"), DIES, counting("open"), plan_of("done", "dies", "open")]
    killed_in_main(empty, "\n".join(units))
    changed = counting("done", then="exit 1"), counting("open", then="exit 7")
    empty.write({"units/all.pxu": "\n".join([changed[0], DIES, changed[1], units[-1]])})
    state = resumed_state(empty)
    assert state.outcome_of("org.example::done") is Outcome.PASS
    assert state.jobs["org.example::done"].notes[0].startswith("was changed in its provider")
    assert state.outcome_of("org.example::open") is Outcome.FAIL
    assert ran(empty) == ["done", "dies", "open"]


def test_definitions_that_vanished_keep_old_results_and_the_rest_goes_on(empty: Bench) -> None:
    units = [
        counting("done"),
        DIES,
        counting("gone"),
        counting("needs-gone", "depends: gone"),
        counting("open"),
        plan_of("done", "dies", "gone", "needs-gone", "open"),
    ]
    killed_in_main(empty, "\n".join(units))
    empty.write({"units/all.pxu": "\n".join([units[3], units[4], units[5]])})
    state = resumed_state(empty)
    assert state.outcome_of("org.example::done") is Outcome.PASS
    assert state.outcome_of("org.example::dies") is Outcome.CRASH
    assert state.outcome_of("org.example::gone") is Outcome.NOT_SUPPORTED
    assert "gone from the provider" in state.jobs["org.example::gone"].reason
    assert state.outcome_of("org.example::needs-gone") is Outcome.NOT_SUPPORTED
    assert state.outcome_of("org.example::open") is Outcome.PASS
    assert ran(empty) == ["done", "dies", "open"]


def test_a_plan_that_vanished_does_not_keep_its_session_from_going_on(empty: Bench) -> None:
    overridden = plan_of("dies", "open certification-status=blocker")
    killed_in_main(empty, "\n".join([DIES, counting("open"), overridden]))
    empty.write({"units/all.pxu": "\n".join([DIES, counting("open")])})
    state = resumed_state(empty)
    assert state.outcome_of("org.example::open") is Outcome.PASS
    assert state.jobs["org.example::open"].card.certification_status == "blocker"


def test_a_plan_that_vanished_before_its_tests_were_planned_is_asked_for(empty: Bench) -> None:
    feeding = counting("res", plugin="resource", then="kill -9 $PPID; sleep 60")
    plan = "unit: test plan\nid: plan\nname: P\nbootstrap_include: res\ninclude: open\n"
    killed_in_main(empty, "\n".join([feeding, counting("open"), plan]))
    empty.write({"units/all.pxu": counting("open")})
    resumed = forked(empty, "resume")
    assert resumed.code == 2
    assert "no plan and no job is called 'org.example::plan'" in resumed.text
    assert not empty.store.sessions()[0].read_state().ended


def test_a_resource_job_that_vanished_while_it_ran_crashed(empty: Bench) -> None:
    feeding = counting("res", plugin="resource", then="kill -9 $PPID; sleep 60")
    plan = "unit: test plan\nid: plan\nname: P\nbootstrap_include: res\ninclude: open\n"
    killed_in_main(empty, "\n".join([feeding, counting("open"), plan]))
    empty.write({"units/all.pxu": "\n".join([counting("open"), plan])})
    state = resumed_state(empty)
    assert state.outcome_of("org.example::res") is Outcome.CRASH
    assert state.outcome_of("org.example::open") is Outcome.PASS
    assert ran(empty) == ["res", "open"]


def test_a_provider_that_moved_is_named_again(empty: Bench, tmp_path: Path) -> None:
    killed_in_main(empty, "\n".join([DIES, counting("open"), plan_of("dies", "open")]))
    empty.provider.rename(tmp_path / "moved")
    lost = forked(empty, "resume")
    assert lost.code == 2
    assert f"there is no provider {empty.provider}" in lost.text
    assert forked(empty, "resume", "--provider", tmp_path / "moved").code == 1
    assert ran(empty) == ["dies", "open"]


def test_output_of_an_interrupted_job_is_in_the_report(empty: Bench) -> None:
    dies = f"id: dies\nplugin: shell\ncommand: echo so far; {once_stored('far')}\n"
    killed_in_main(empty, "\n".join([dies, plan_of("dies")]))
    resumed_state(empty)
    report = empty.store.sessions()[0].reports / "submission.json"
    assert '"io_log":"so far\\n"' in report.read_text()


def test_records_that_a_killed_resource_job_was_about_to_print_do_not_count(empty: Bench) -> None:
    printing = rf"printf 'x: 1\n\nx: 23'; {once_stored('23')}"
    plan = plan_of("res")
    killed_in_main(empty, f"id: res\nplugin: resource\ncommand: {printing}\n\n{plan}")
    assert resumed_state(empty).resources["org.example::res"] == ({"x": "1"},)


class AfterReboot(SystemClock):
    """The clock of the same machine in its next boot."""

    def now(self) -> Stamp:
        return super().now()._replace(boot="another")


def test_a_job_that_restarts_the_machine_passed_also_when_its_provider_is_gone(
    empty: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reboot = counting("dies", "flags: noreturn", then="kill -9 $PPID; sleep 60")
    killed_in_main(empty, "\n".join([reboot, counting("open"), plan_of("dies", "open")]))
    empty.write({"units/all.pxu": "\n".join([counting("open"), plan_of("dies", "open")])})
    monkeypatch.setattr("plainbox.cli.resume.SystemClock", AfterReboot)
    assert forked(empty, "resume").code == 0
    state = empty.store.sessions()[0].read_state()
    assert state.outcome_of("org.example::dies") is Outcome.PASS
    assert "restarted" in state.jobs["org.example::dies"].reason
    assert ran(empty) == ["dies", "open"]


def test_a_job_during_which_the_machine_restarted_crashed(
    empty: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_in_main(empty, "\n".join([DIES, plan_of("dies")]))
    monkeypatch.setattr("plainbox.cli.resume.SystemClock", AfterReboot)
    state = resumed_state(empty)
    assert state.jobs["org.example::dies"].reason == "the machine restarted while the job ran"


def test_sessions_that_never_began_or_cannot_be_read_do_not_hide_others(empty: Bench) -> None:
    killed_in_main(empty, "\n".join([DIES, counting("open"), plan_of("dies", "open")]))
    Store(empty.store.folder.parent).create("nothing")
    begun = empty.store.create("empty")
    OpenSession(begun, SystemClock()).close()
    bare = empty.store.create("bare")
    bare.journal.touch()
    damaged = empty.store.create("damaged")
    damaged.journal.write_bytes(b"no database at all, whatever its name may say" * 99)
    resumed = forked(empty, "resume")
    assert resumed.code == 1
    assert f"the journal {damaged.journal} cannot be" in resumed.text
    assert ran_in(empty, "1-plan") == ["dies", "open"]
    assert forked(empty, "resume", damaged.id).code == 4
    assert forked(empty, "resume", begun.id).code == 2


def ran_in(bench: Bench, session_id: str) -> list[str]:
    return (bench.store.find(session_id).share / "ran").read_text().split()


def test_a_session_that_another_process_runs_is_left_alone(empty: Bench) -> None:
    killed_in_main(empty, "\n".join([DIES, plan_of("dies")]))
    held = OpenSession(empty.store.sessions()[0], SystemClock())
    resumed = forked(empty, "resume")
    assert resumed.code == 4
    assert f"is held by process {os.getpid()}" in resumed.text
    held.close()


def test_a_journal_whose_events_do_not_follow_is_said_to_be_damaged(empty: Bench) -> None:
    folder = empty.store.create("odd")
    journal = Journal(folder.journal, write=True)
    at = Stamp("b", 0.0, 0.0)
    journal.append([(at, JobStarting("ns::a", 1)), (at, JobFinished("ns::a", 1, Outcome.PASS))])
    journal.close()
    resumed = forked(empty, "resume", folder.id)
    assert resumed.code == 4
    assert "is damaged: event 1 does not follow" in resumed.text


def test_processes_that_never_cease_are_not_chased_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []

    def start_another(process: int, _signal: int) -> None:
        killed.append(process)
        other = tmp_path / str(process + 1)
        other.mkdir()
        (other / "environ").write_text(f"PLAINBOX_SESSION_SHARE={tmp_path}")
        (other / "comm").write_text("hydra\n")
        shutil.rmtree(tmp_path / str(process))

    (tmp_path / "7000000").mkdir()
    start_another(7_000_000, 9)
    monkeypatch.setattr("os.kill", start_another)
    assert 5 < len(end_leftovers(tmp_path, tmp_path)) < 50
