"""Jobs that restart the machine, and machines that restart by themselves.

A restart is what a resume finds after one: another boot id, and nothing left of all that ran.
The process that runs the session is killed by its own job, with everything that it started, as a
machine that goes down does it; the next one has a clock of another boot.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
from typing import TYPE_CHECKING

import pytest

from plainbox.app.way import Choices, Way
from plainbox.clock import SystemClock
from plainbox.engine.runner import Exit
from plainbox.errors import UsageError
from plainbox.outcome import Outcome
from plainbox.testing import Bench, FakeRunner

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from pathlib import Path

    from plainbox.engine.runner import Command
    from plainbox.session.state import State
    from plainbox.testing import Outcomes

SHARE = "$PLAINBOX_SESSION_SHARE"
DOWN = "kill -9 $PPID; sleep 60"
"""The machine goes down: plainbox is gone at once, whatever else runs is gone with it."""


class Booted(SystemClock):
    """The clock of the machine after so many restarts."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._boot = f"boot-{times}"


class Machine:
    """A machine with one session on it, that goes down and comes up again."""

    def __init__(self, folder: Path, *jobs: str) -> None:
        self.bench = Bench(folder, {"units/all.pxu": "\n".join(jobs)})
        self.restarts = 0
        self.bench.clock = Booted(0)

    def run_until_down(self, *words: str, way: Way | None = None) -> None:
        """Run in a process of its own, which the machine takes down with it."""
        self._in_process(lambda: self.bench.run(*words, way=way))

    def resume_until_down(self, way: Way | None = None) -> None:
        """Resume in a process of its own, which the machine takes down with it."""
        self._in_process(lambda: self.bench.resume(way))

    def _in_process(self, work: object) -> None:
        child = os.fork()
        if not child:
            try:
                os.setsid()
                work()  # type: ignore[operator]
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        self.end_everything()

    def end_everything(self) -> None:
        """Nothing survives a restart."""
        from plainbox.engine.leftovers import end_leftovers

        (session,) = self.bench.store.sessions()
        end_leftovers(session.share)

    def boot(self) -> None:
        """Come up again."""
        self.restarts += 1
        self.bench.clock = Booted(self.restarts)

    def state(self) -> State:
        return self.bench.store.sessions()[0].read_state()


def shell(name: str, command: str, *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: shell", f"command: {command}", *more, ""))


def test_a_job_that_restarts_the_machine_passes_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    machine = Machine(
        tmp_path,
        shell("before", f"echo before >> {SHARE}/ran"),
        shell("restart", f"echo restart >> {SHARE}/ran; {DOWN}", "flags: noreturn"),
        shell("after", f"echo after >> {SHARE}/ran"),
    )
    machine.run_until_down("before", "restart", "after")
    assert machine.state().running == {"org.example::restart": 2}

    machine.boot()
    outcomes = machine.bench.resume()

    assert outcomes.ended
    assert outcomes["restart"] is Outcome.PASS
    assert outcomes.reason("restart") == "the machine restarted, as the job says it does"
    assert outcomes.started == ["org.example::after"]
    assert (outcomes.folder.share / "ran").read_text().split() == ["before", "restart", "after"]


@pytest.mark.parametrize(
    ("result", "outcome", "reason"),
    [
        ({"outcome": "pass", "comments": "came up"}, Outcome.PASS, "came up"),
        ({"outcome": "fail", "comments": "too slow"}, Outcome.FAIL, "too slow"),
        ({"outcome": "skip"}, Outcome.SKIP, "as the job left it in __result"),
        ({"outcome": "great"}, Outcome.CRASH, "its outcome is 'great'"),
        ("[1]", Outcome.CRASH, "it is no JSON object"),
        ("{", Outcome.CRASH, "it is no JSON"),
    ],
)
def test_the_result_that_a_job_left_before_the_restart_counts(
    tmp_path: Path, result: object, outcome: Outcome, reason: str
) -> None:
    text = result if isinstance(result, str) else json.dumps(result)
    write = f"printf %s {shlex.quote(text)} > {SHARE}/__result"
    machine = Machine(tmp_path, shell("restart", f"{write}; {DOWN}", "flags: noreturn"))
    machine.run_until_down("restart")
    machine.boot()
    outcomes = machine.bench.resume()
    assert outcomes["restart"] is outcome
    assert reason in outcomes.reason("restart")
    assert not (outcomes.folder.share / "__result").exists()


def test_a_result_of_an_earlier_job_is_gone_before_the_next_one_starts(tmp_path: Path) -> None:
    leave = f"""printf '{{"outcome": "fail"}}' > {SHARE}/__result"""
    machine = Machine(tmp_path, shell("earlier", leave), shell("restart", DOWN, "flags: noreturn"))
    machine.run_until_down("earlier", "restart")
    machine.boot()
    assert machine.bench.resume()["restart"] is Outcome.PASS


def test_a_job_that_restarts_the_machine_finds_how_to_resume_the_session(tmp_path: Path) -> None:
    copy = f"cp {SHARE}/__respawn_checkbox {SHARE}/seen; {DOWN}"
    way = Way(resume=("/opt/plain box/plainbox", "resume"))
    machine = Machine(tmp_path, shell("restart", copy, "flags: noreturn"))
    machine.run_until_down("restart", way=way)
    (session,) = machine.bench.store.sessions()
    assert (session.share / "seen").read_text() == "'/opt/plain box/plainbox' resume 1-restart"


def test_a_restart_that_nobody_announced_is_a_crash(tmp_path: Path) -> None:
    machine = Machine(tmp_path, shell("a", DOWN), shell("b", "true"))
    machine.run_until_down("a", "b")
    machine.boot()
    outcomes = machine.bench.resume()
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes.reason("a") == "the machine restarted while the job ran"
    assert outcomes.job("a").reboots == 1
    assert outcomes["b"] is Outcome.PASS


def test_a_process_that_died_without_a_restart_is_no_restart(tmp_path: Path) -> None:
    machine = Machine(tmp_path, shell("a", DOWN, "flags: noreturn"))
    machine.run_until_down("a")
    outcomes = machine.bench.resume()
    assert outcomes["a"] is Outcome.CRASH
    assert outcomes.reason("a") == "plainbox was interrupted while the job ran"
    assert outcomes.job("a").reboots == 0


def test_two_restarts_that_nobody_announced_hold_the_session_until_a_person_consents(
    tmp_path: Path,
) -> None:
    again = Way(Choices(retry=5))
    machine = Machine(tmp_path, shell("bad", f"echo x >> {SHARE}/ran; {DOWN}"), shell("b", "true"))
    machine.run_until_down("bad", "b", way=again)
    machine.boot()
    machine.resume_until_down(again)
    machine.boot()

    outcomes = machine.bench.resume(again)
    assert not outcomes.ended
    assert outcomes.started == []
    assert outcomes.state.held == "the machine restarted 2 times while org.example::bad ran"

    with pytest.raises(UsageError, match="is held: the machine restarted 2 times") as refused:
        machine.bench.resume(again)
    assert "plainbox resume --force 1-bad-b" in refused.value.hints[0]

    outcomes = machine.bench.resume(Way(Choices(retry=5), forced=True))
    assert outcomes.ended
    assert outcomes["bad"] is Outcome.CRASH
    assert outcomes["b"] is Outcome.PASS
    assert (outcomes.folder.share / "ran").read_text().split() == ["x", "x"], "no third time"


def test_a_machine_that_does_not_go_down_is_said_and_the_session_goes_on(tmp_path: Path) -> None:
    work = Bench(
        tmp_path,
        {
            "units/all.pxu": shell("stays", "true", "flags: noreturn")
            + "\n"
            + shell("refused", "exit 1", "flags: noreturn")
            + "\n"
            + shell("next", "true")
        },
    )
    outcomes = work.run("stays", "refused", "next", way=Way(going_down_seconds=0.05))
    assert outcomes["stays"] is Outcome.FAIL
    assert outcomes.reason("stays") == "the machine did not go down within 0.05 s"
    assert outcomes.reason("refused") == "exit 1"
    assert outcomes["next"] is Outcome.PASS


def test_being_ended_while_the_machine_goes_down_is_part_of_it(tmp_path: Path) -> None:
    terminate = f"(sleep 0.2; kill -TERM {os.getpid()}) & exit 0"
    machine = Machine(tmp_path, shell("restart", terminate, "flags: noreturn"), shell("b", "true"))
    way = Way(make_runner=lambda loop, _name: _terminating(loop))
    assert not machine.bench.run("restart", "b", way=way).ended
    assert machine.state().running == {"org.example::restart": 1}, "nothing is said of it yet"
    machine.boot()
    outcomes = machine.bench.resume()
    assert outcomes["restart"] is Outcome.PASS
    assert outcomes["b"] is Outcome.PASS


def _terminating(loop: asyncio.AbstractEventLoop) -> FakeRunner:
    """A runner whose commands pass; then plainbox itself is told to end, as on a shutdown."""

    def act(_command: Command, _output: object) -> Exit:
        loop.call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        return Exit(0)

    return FakeRunner(act)


class Recorder:
    """A way to be started again that only notes what it was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def prime(self, command: Sequence[str]) -> None:
        self.told.append(tuple(command))

    def diffuse(self) -> None:
        self.told.append("diffuse")

    def describe(self) -> str:
        return "nothing happens"


def test_a_job_with_autorestart_has_plainbox_started_again(tmp_path: Path) -> None:
    restart = Recorder()
    way = Way(restart=restart, resume=("/bin/plainbox", "resume"), going_down_seconds=0.01)
    Bench(tmp_path, {"units/a.pxu": shell("a", "true", "flags: noreturn autorestart")}).run(
        "a", way=way
    )
    assert restart.told == [("/bin/plainbox", "resume", "1-a"), "diffuse"]


def test_where_nothing_can_start_plainbox_again_that_is_said_and_the_job_runs(
    tmp_path: Path,
) -> None:
    outcomes: Outcomes = Bench(
        tmp_path, {"units/a.pxu": shell("a", "true", "flags: autorestart")}
    ).run("a")
    assert outcomes["a"] is Outcome.PASS
    assert "call plainbox resume then" in outcomes.job("a").notes[0]
