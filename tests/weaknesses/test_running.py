"""What Checkbox does badly when it runs jobs, and plainbox does not.

Each test is named after the weakness in section 11 of the specification, or the mark in the
section that it is numbered by. Restarts are in `tests/engine/test_reboots.py` too, in full.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from plainbox.app.way import Choices, Way
from plainbox.clock import SystemClock
from plainbox.engine.record_cache import RecordCache
from plainbox.errors import SessionBusy, StorageError
from plainbox.outcome import Outcome
from plainbox.session.logs import LogWriter, read_output
from plainbox.session.store import OpenSession
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

SHARE = "$PLAINBOX_SESSION_SHARE"
PAUSE = f"kill -INT {os.getpid()}; sleep 60"


class NextBoot(SystemClock):
    def __init__(self) -> None:
        super().__init__()
        self._boot = "the next boot"


def shell(name: str, command: str = "true", *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: shell", f"command: {command}", *more, ""))


def plan(*lines: str, **fields: str) -> str:
    more = "".join(f"{key}: {value}\n" for key, value in fields.items())
    included = "".join(f" {line}\n" for line in lines)
    return f"unit: test plan\nid: plan\nname: P\n{more}include:\n{included}"


def bench(folder: Path, *units: str) -> Bench:
    return Bench(folder, {"units/all.pxu": "\n".join(units)})


def killed(made: Bench, *words: str) -> None:
    """Run in a process that its own job kills."""
    child = os.fork()
    if not child:
        try:
            made.run(*words)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def test_1_interactive_jobs_without_a_person_are_skipped_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    kinds = ("manual", "user-interact", "user-verify", "user-interact-verify")
    asking = [f"id: {kind}\nplugin: {kind}\ncommand: true\nsummary: x\n" for kind in kinds]
    outcomes = bench(tmp_path, *asking, shell("last")).run(*kinds, "last")
    assert {outcomes[kind] for kind in kinds} == {Outcome.SKIP}
    assert outcomes["last"] is Outcome.PASS


def test_2_a_salvaging_job_that_is_not_needed_does_not_end_the_run(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path, shell("good"), shell("rescue", "true", "salvages: good", "after: good")
    ).run("good", "rescue")
    assert outcomes["rescue"] is Outcome.NOT_SUPPORTED
    assert outcomes.ended


def test_3_a_reboot_job_is_not_run_again_by_a_resume(tmp_path: Path) -> None:
    made = bench(
        tmp_path,
        shell("reboot", f"echo x >> {SHARE}/ran; kill -9 $PPID; sleep 9", "flags: noreturn"),
    )
    killed(made, "reboot")
    made.clock = NextBoot()
    outcomes = made.resume()
    assert outcomes["reboot"] is Outcome.PASS
    assert (outcomes.folder.share / "ran").read_text() == "x\n"


def test_4_where_nothing_can_start_plainbox_again_runs_and_resumes_work(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("a", PAUSE, "flags: autorestart"), shell("b"))
    assert not made.run("a", "b", way=Way(restart=None)).ended
    assert made.resume(Way(restart=None))["b"] is Outcome.PASS


def test_7_a_plan_and_a_job_may_have_the_same_id(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("plan"), plan("plan")).run("plan")
    assert outcomes["plan"] is Outcome.PASS


def test_10_a_plan_that_changed_while_a_job_ran_keeps_the_session_going(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("a", "kill -9 $PPID; sleep 9"), shell("b"), plan("a", "b"))
    killed(made, "plan")
    made.write({"units/all.pxu": f"{shell('b')}\n{plan('b')}"})
    outcomes = made.resume()
    assert outcomes.ended
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes["b"] is Outcome.PASS


def test_11_a_failing_setup_ends_the_run(tmp_path: Path) -> None:
    prepare = "unit: setup job\nid: prepare\nplugin: shell\ncommand: exit 1\n"
    outcomes = bench(tmp_path, prepare, shell("a"), plan("a", setup_include="prepare")).run("plan")
    assert outcomes["a"] is Outcome.NOT_SUPPORTED
    assert outcomes.reason("a").startswith("the setup failed: org.example::prepare")


def test_13_dependencies_run_in_the_order_in_which_they_are_declared(tmp_path: Path) -> None:
    names = [f"d{number}" for number in (5, 1, 4, 2, 3)]
    depends = f"depends: {' '.join(names)}"
    outcomes = bench(tmp_path, *map(shell, sorted(names)), shell("a", "true", depends)).run("a")
    assert outcomes.started == [f"org.example::{name}" for name in (*names, "a")]


def test_16_an_open_standard_input_costs_a_job_nothing_and_gives_it_nothing(
    tmp_path: Path,
) -> None:
    outcomes = bench(tmp_path, shell("a", "read x; echo $?")).run("a")
    assert outcomes.output("a") == "1\n"


def test_data_loss_what_a_running_job_printed_survives_a_kill(tmp_path: Path) -> None:
    log = f"{SHARE}/../logs/1.log"
    wait = f"echo precious; until grep -qs precious {log}; do sleep 0.01; done"
    made = bench(tmp_path, shell("a", f"{wait}; kill -9 $PPID; sleep 9"))
    killed(made, "a")
    outcomes = made.resume()
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes.output("a") == "precious\n"


def test_data_loss_the_selection_is_kept_from_the_first_moment(tmp_path: Path) -> None:
    feeding = "id: res\nplugin: resource\ncommand: kill -9 $PPID; sleep 9\n"
    made = bench(tmp_path, feeding, shell("a"), plan("a", bootstrap_include="res"))
    killed(made, "plan")
    assert made.resume()["a"] is Outcome.PASS


def test_data_loss_why_a_job_was_skipped_survives_a_resume(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("bad", "false"), shell("a", "true", "depends: bad"))
    made.write({"units/b.pxu": shell("b", PAUSE)})
    made.run("bad", "a", "b")
    skipped = made.resume().job("a")
    assert skipped.unmet is not None
    assert skipped.unmet.dependencies == ("org.example::bad",)


def test_data_loss_every_attempt_keeps_its_own_log(tmp_path: Path) -> None:
    count = f"echo x >> {SHARE}/n; wc -l < {SHARE}/n; exit 1"
    outcomes = bench(tmp_path, shell("a", count)).run("a", way=Way(Choices(retry=2)))
    logs = [it.number for it in outcomes.job("a").attempts]
    said = [read_output(outcomes.folder.logs, number).decode().strip() for number in logs]
    assert said == ["1", "2", "3"]


def test_data_loss_a_full_disk_is_said_and_costs_one_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: LogWriter, _seconds: float, _stream: int, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    made = bench(tmp_path, shell("a"), shell("b", "echo x"), shell("c"))
    with monkeypatch.context() as patched:
        patched.setattr(LogWriter, "write", full)
        with pytest.raises(StorageError, match="No space left on device"):
            made.run("a", "b", "c")
    outcomes = made.resume()
    assert (outcomes["a"], outcomes["c"]) == (Outcome.PASS, Outcome.PASS)
    assert outcomes["b"] is Outcome.CRASH


def test_data_loss_two_processes_never_share_a_session(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("a", PAUSE), shell("b"))
    made.run("a", "b")
    held = OpenSession(made.store.sessions()[0], SystemClock())
    with pytest.raises(SessionBusy, match=f"is held by process {os.getpid()}"):
        made.resume()
    held.close()
    assert made.resume().ended


def test_data_loss_an_edited_provider_keeps_the_session(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("a"), shell("b", PAUSE), shell("c"))
    made.run("a", "b", "c")
    new = [shell("a", "false", "summary: Another text"), shell("b"), shell("c", "echo new")]
    made.write({"units/all.pxu": "\n".join(new)})
    outcomes = made.resume()
    assert outcomes["a"] is Outcome.PASS
    assert outcomes.output("c") == "new\n"


def test_security_nobody_else_may_write_what_plainbox_made(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("a", "ls -ld . > $PLAINBOX_SESSION_SHARE/mode")).run("a")
    folder = outcomes.folder.path
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            assert not path.stat().st_mode & stat.S_IWOTH, path
    assert (outcomes.folder.share / "mode").read_text().startswith("drwx------")


def test_security_no_value_of_the_environment_is_in_an_argument_vector(tmp_path: Path) -> None:
    look = "tr '\\0' ' ' < /proc/$$/cmdline"
    outcomes = bench(tmp_path, shell("a", look)).run(
        "a", environ={**os.environ, "TOKEN": "a-secret-value"}
    )
    assert "a-secret-value" not in outcomes.output("a")


def test_robustness_a_job_that_hangs_is_ended(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path, shell("a", "trap '' TERM; sleep 60", "timeout: 0.2"), shell("b")
    ).run("a", "b")
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes.reason("a").startswith("timed out")
    assert outcomes["b"] is Outcome.PASS


def test_robustness_a_child_that_holds_the_output_does_not_hold_the_run(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("a", "sleep 60 & echo x")).run("a")
    assert outcomes["a"] is Outcome.PASS
    assert outcomes.job("a").seconds < 20
    assert "sleep" in outcomes.job("a").notes[0]


def test_robustness_a_long_chain_of_dependencies_runs(tmp_path: Path) -> None:
    limit = sys.getrecursionlimit() + 200
    chain = ["id: j0\nplugin: shell\n"]
    chain += [f"id: j{n}\nplugin: shell\ndepends: j{n - 1}\n" for n in range(1, limit)]
    outcomes = bench(tmp_path, *chain).run(f"j{limit - 1}")
    assert outcomes.ended
    assert outcomes[f"j{limit - 1}"] is Outcome.SKIPPED_DEPENDENCY


def test_ux_a_crash_makes_the_run_a_failure(tmp_path: Path, program: Program) -> None:
    made = bench(tmp_path, shell("a", "kill -SEGV $$"))
    assert program("run", "--provider", made.provider, "a").code == 1


def test_ux_nothing_selected_is_no_success(tmp_path: Path, program: Program) -> None:
    made = bench(tmp_path, shell("a"), plan("nothing"))
    assert program("run", "--provider", made.provider, "org.example::plan").code == 2


def test_ux_the_time_of_a_job_is_its_own_not_that_of_an_interruption(tmp_path: Path) -> None:
    made = bench(tmp_path, shell("a", "kill -9 $PPID; sleep 9"), shell("b"))
    killed(made, "a", "b")
    outcomes = made.resume()
    assert outcomes.job("a").seconds == 0.0
    assert outcomes.job("b").seconds < 5


def test_1_9_a_job_that_is_not_to_be_retried_is_not_run_again_for_another(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path, shell("base", "false", "auto-retry: no"), shell("a", "true", "depends: base")
    ).run("base", "a", way=Way(Choices(retry=3)))
    assert len(outcomes.job("base").attempts) == 1


def test_1_12_a_failed_result_is_never_cached(tmp_path: Path) -> None:
    text = f"id: res\nplugin: resource\ncommand: echo x >> {tmp_path}/ran; echo 'x: 1'; exit 1\n"
    made = bench(tmp_path, text + "flags: cachable\n")
    for _ in range(2):
        made.run("res", way=Way(cache=RecordCache(tmp_path / "cache")))
    assert (tmp_path / "ran").read_text() == "x\nx\n"


def test_0_1_a_job_without_a_command_does_not_fail(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, "id: a\nplugin: shell\n").run("a")
    assert outcomes["a"] is Outcome.NOT_SUPPORTED
