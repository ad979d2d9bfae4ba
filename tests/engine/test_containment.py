"""What a job starts is ended with it, whatever it does to get away; with and without cgroups."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from plainbox.engine import containment as module
from plainbox.engine.containment import Containment, end_earlier
from plainbox.engine.memory import MemoryWatch
from plainbox.engine.processes import Processes
from plainbox.engine.runner import Command, Exit, ProcessRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ESCAPE = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(10000)
    os._exit(0)
os.wait()
"""
FORKS = """
import os, time
for _ in range(60):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(10000)
        os._exit(0)
"""
WAYS = ("grouped", "by parents", "by a table")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How processes are found."""
    if request.param == WAYS[0]:
        kept = Containment("test")
        kept.close()
        if not kept.grouped and module._here() is None:
            pytest.skip("no cgroup2 tree can be written here")
        return WAYS[0]
    monkeypatch.setattr(module, "_own_group", lambda *_: None)
    if request.param == WAYS[2]:
        monkeypatch.setattr(module, "Processes", lambda: Processes(lists_children=False))
    return str(request.param)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def runner(way: str, loop: asyncio.AbstractEventLoop) -> Iterator[ProcessRunner]:
    made = ProcessRunner(loop, "test")
    yield made
    made.interrupt()
    made.close()


def ignore(_stream: int, _content: bytes) -> None:
    """Hear nothing."""


def script(text: str, attempt: int = 1, **more: float) -> Command:
    return Command([sys.executable, "-c", text], dict(os.environ), None, attempt, **more)  # type: ignore[arg-type]


def bash(text: str, attempt: int = 1) -> Command:
    return Command(["bash", "-c", text], dict(os.environ), None, attempt)


def lives(number: int) -> bool:
    process = Processes().find(number)
    return process is not None and not process.ended


async def one(runner: ProcessRunner, command: Command) -> tuple[Exit, bytes]:
    heard: list[bytes] = []
    end = await runner.start(command, lambda _, content: heard.append(content))
    return end, b"".join(heard)


def test_a_job_cannot_escape(runner: ProcessRunner, loop: asyncio.AbstractEventLoop) -> None:
    started = time.monotonic()
    stays = ESCAPE + "time.sleep(10000)"
    end, output = loop.run_until_complete(one(runner, script(stays, seconds=0.5)))
    assert time.monotonic() - started < 2.5, "its deadline and two seconds"
    assert end.timed_out == "timed out after 0.5 s"
    assert any(str(int(output)) in line for line in end.tree)
    assert not lives(int(output))
    assert loop.run_until_complete(one(runner, bash("echo next", 2))) == (Exit(0), b"next\n")


def test_what_a_job_leaves_behind_is_ended_and_named(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    end, output = loop.run_until_complete(one(runner, script(ESCAPE)))
    (left,) = end.left
    assert left.endswith(f"({int(output)})")
    assert end.held
    assert not lives(int(output))


def test_a_job_that_forks_much_leaves_nothing(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    before = set(Processes().children(os.getpid()))
    end, _ = loop.run_until_complete(one(runner, script(FORKS)))
    assert len(end.left) == 60
    assert set(Processes().children(os.getpid())) <= before, "not even zombies"


def test_what_ends_by_itself_in_a_moment_is_not_called_left_behind(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    end, output = loop.run_until_complete(one(runner, bash("(sleep 0.05; echo late) & exit 0")))
    assert (end, output) == (Exit(0), b"late\n")


def test_orphans_that_ended_do_not_stay_as_zombies(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    before = {it.number for it in Processes().children(os.getpid())}
    loop.run_until_complete(one(runner, bash("(setsid true &) ; sleep 0.05")))
    assert {it.number for it in Processes().children(os.getpid())} <= before


def test_of_several_jobs_each_only_loses_its_own(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    async def all_of_them() -> list[tuple[Exit, bytes]]:
        jobs = (
            bash("sleep 77 & echo $!", 1),
            bash("sleep 0.9 & wait; echo whole", 2),
            bash("(setsid sleep 0.8; echo late) & wait; echo whole", 3),
        )
        return await asyncio.gather(*(one(runner, job) for job in jobs))

    first, second, third = loop.run_until_complete(all_of_them())
    assert first[0].left == (f"sleep ({int(first[1])})",)
    assert second == (Exit(0), b"whole\n")
    assert third == (Exit(0), b"late\nwhole\n")


def test_a_child_that_plainbox_started_for_itself_is_left_alone(
    runner: ProcessRunner, loop: asyncio.AbstractEventLoop
) -> None:
    with subprocess.Popen(["sleep", "60"]) as own:
        end, _ = loop.run_until_complete(one(runner, bash("true")))
        alive = lives(own.pid)
        own.kill()
    assert end == Exit(0)
    assert alive


def test_what_an_earlier_process_left_in_its_groups_is_ended() -> None:
    own = Containment("earlier")
    if not own.grouped:
        pytest.skip("no cgroup2 tree can be written here")
    own.close()
    text = (
        "import asyncio, os\n"
        "from plainbox.engine.runner import *\n"
        "loop = asyncio.new_event_loop()\n"
        "runner = ProcessRunner(loop, 'earlier')\n"
        "def hear(_, content): os.write(1, content); os.kill(os.getpid(), 9)\n"
        "async def go():\n"
        "    words = ['bash', '-c', 'setsid sleep 1000 & echo $!; wait']\n"
        "    job = Command(words, dict(os.environ), None, 5)\n"
        "    await runner.start(job, hear)\n"
        "loop.run_until_complete(go())\n"
    )
    loop = asyncio.new_event_loop()
    runner = ProcessRunner(loop, "around")
    path = os.pathsep.join(filter(None, sys.path))
    command = Command([sys.executable, "-c", text], {**os.environ, "PYTHONPATH": path}, None)
    seen: list[list[str]] = []

    async def go() -> None:
        running = runner.start(command, lambda _, content: seen.append([content.decode()]))
        await running

    loop.run_until_complete(go())
    runner.close()
    loop.close()
    ((number,),) = seen
    assert not lives(int(number))
    assert end_earlier("earlier") == []


def test_the_kernel_log_tells_who_was_killed_for_memory(tmp_path: Path) -> None:
    log = tmp_path / "kmsg"
    log.write_bytes(b"6,1,2,-;Out of memory: Killed process 10 (old)\n")
    watch = MemoryWatch(None, log)
    assert not watch.killed(10, -9), "that was before"
    with log.open("ab") as stream:
        stream.write(b"3,2,3,-;Memory cgroup out of memory: Killed process 12 (hog) total-vm:1kB\n")
    assert watch.killed(12, -9)
    assert not watch.killed(12, -9), "told once"
    watch.close()


def test_a_control_group_counts_kills_for_memory(tmp_path: Path) -> None:
    events = tmp_path / "memory.events"
    events.write_text("low 0\noom 0\noom_kill 3\n")
    (tmp_path / "jobs").mkdir()
    watch = MemoryWatch(tmp_path / "jobs", tmp_path / "none")
    assert not watch.killed(1, 1)
    events.write_text("low 0\noom 1\noom_kill 4\n")
    assert watch.killed(1, 137)
    assert not watch.killed(1, 137)
    watch.close()
