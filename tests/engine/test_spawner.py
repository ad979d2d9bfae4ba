"""Jobs of other users, through a process that became that user."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plainbox.engine.processes import Processes
from plainbox.engine.runner import Command, Exit, ProcessRunner
from plainbox.engine.spawned import Engine, spread
from plainbox.engine.spawner import Spawners, obtain
from plainbox.engine.users import Way, find_account, own_account

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "nobody"
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or find_account(OTHER) is None,
    reason=f"only root can become {OTHER}, where there is such a user",
)


@pytest.fixture(params=["forked", "through a program"])
def spawners(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spawners]:
    ways = None
    if request.param != "forked":
        program = tmp_path / "sudo"
        program.write_text('#!/bin/sh\n[ "$1 $2" = "-n --" ] || exit 1\nshift 2\nexec "$@"\n')
        program.chmod(0o755)
        ways = [Way("false", ("-n", "--")), Way(str(program), ("-n", "--"))]
    made = obtain([OTHER, "no-such-user", own_account().name], "test", terminal=False, ways=ways)
    yield made
    made.close()


class World:
    """A loop and a runner that have spawners."""

    def __init__(self, spawners: Spawners) -> None:
        self.loop = asyncio.new_event_loop()
        self.runner = ProcessRunner(self.loop, "test", spawners)

    def run(
        self,
        text: str,
        attempt: int = 1,
        *,
        seconds: float | None = None,
        silence: float | None = None,
    ) -> tuple[Exit, bytes]:
        heard: list[bytes] = []
        words = ["bash", "-c", text]
        environment = {"PATH": os.environ["PATH"]}
        command = Command(words, environment, Path("/"), attempt, OTHER, seconds, silence)

        async def go() -> Exit:
            return await self.runner.start(command, lambda _, content: heard.append(content))

        return self.loop.run_until_complete(go()), b"".join(heard)


@pytest.fixture
def world(spawners: Spawners) -> Iterator[World]:
    made = World(spawners)
    yield made
    made.runner.interrupt()
    made.runner.close()
    made.loop.close()


def test_the_users_that_can_be_had_are_known(spawners: Spawners) -> None:
    assert spawners.users == {own_account().name, OTHER}
    assert spawners.missing == {"no-such-user": "there is no user no-such-user on this machine"}


def test_a_job_runs_as_its_user_and_as_nothing_more(world: World) -> None:
    end, output = world.run("id -un; id -u; id -G; grep -h ^CapEff /proc/self/status; pwd")
    account = find_account(OTHER)
    assert account is not None
    groups = " ".join(map(str, account.groups))
    told = output.decode().splitlines()
    assert end == Exit(0)
    assert told[:3] == [OTHER, str(account.uid), groups]
    assert int(told[3].split()[1], 16) == 0
    assert told[4] == "/"


def test_its_environment_and_its_input_are_what_was_asked_for(world: World) -> None:
    _, output = world.run("env | sort; read x || echo empty; ls /proc/self/fd | wc -l")
    told = output.decode().splitlines()
    assert f"PATH={os.environ['PATH']}" in told
    assert not [line for line in told if line.startswith("HOME=")]
    assert told[-2:] == ["empty", "4"], "its streams, and what ls opened"


@pytest.mark.parametrize(
    ("command", "end"), [("exit 3", Exit(3)), ("kill -9 $$", Exit(-9)), ("true", Exit(0))]
)
def test_its_end_is_told(world: World, command: str, end: Exit) -> None:
    assert world.run(command)[0] == end


def test_a_large_command_arrives(world: World) -> None:
    text = f"x={'y' * 100_000}; echo ${{#x}}"
    assert world.run(text) == (Exit(0), b"100000\n")


def test_what_cannot_be_started_is_an_error_of_the_system(world: World) -> None:
    command = Command(["/nowhere/bash"], {}, None, 1, OTHER)
    with pytest.raises(FileNotFoundError):
        world.runner.start(command, lambda *_: None)
    assert world.run("true")[0] == Exit(0)


def test_what_it_leaves_behind_is_ended(world: World) -> None:
    end, output = world.run("setsid sleep 1000 & echo $!; exit 0")
    assert end.left == (f"sleep ({int(output)})",)
    assert Processes().find(int(output)) is None


def test_deadlines_hold(world: World) -> None:
    end, _ = world.run("trap '' TERM; sleep 1000; sleep 1000", seconds=0.1)
    assert end.timed_out == "timed out after 0.1 s"
    end, output = world.run("echo x; sleep 1000", 2, silence=0.2)
    assert (end.timed_out, output) == ("silent for 0.2 s", b"x\n")


def test_an_interrupt_ends_it(world: World) -> None:
    world.loop.call_later(0.1, world.runner.interrupt)
    assert world.run("sleep 1000")[0] == Exit(-9)


def test_a_spawner_that_is_gone_is_told_of(world: World, spawners: Spawners) -> None:
    spawner = spawners.find(OTHER)
    assert spawner is not None
    world.loop.call_later(0.1, os.kill, spawner.process, signal.SIGKILL)
    end, output = world.run("echo $$; exec sleep 1000")
    assert "is gone" in end.timed_out
    while (left := Processes().find(int(output))) is not None and not left.ended:
        os.sched_yield()  # where another process ends it; the test has a time limit
    with pytest.raises(ProcessLookupError, match="is gone"):
        world.run("true")


def test_another_process_cannot_pretend_to_be_the_engine() -> None:
    """A spawner that finds somebody else at the address ends without doing anything."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        address = f"plainbox-test-{os.getpid()}"
        listener.bind(f"\0{address}")
        listener.listen()
        account = find_account(OTHER)
        assert account is not None
        (child,) = spread(Engine(address, os.getpid() + 1, 0, "test"), [account])
        listener.settimeout(10)
        link, _ = listener.accept()
        with link:
            assert link.recv(10) == b""
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_jobs_of_other_users_end_with_the_engine_however_it_ends() -> None:
    text = (
        "import asyncio, os\n"
        "from pathlib import Path\n"
        "from plainbox.engine.runner import *\n"
        "from plainbox.engine.spawner import obtain\n"
        "spawners = obtain(['nobody'], 'dies', terminal=False)\n"
        "loop = asyncio.new_event_loop()\n"
        "runner = ProcessRunner(loop, 'dies', spawners)\n"
        "def hear(_, content): os.write(1, content); os.kill(os.getpid(), 9)\n"
        "words = ['bash', '-c', 'echo $$; exec setsid sleep 1000']\n"
        "async def go(): await runner.start(\n"
        "    Command(words, {}, Path('/'), 5, 'nobody'), hear)\n"
        "loop.run_until_complete(go())\n"
    )
    path = os.pathsep.join(filter(None, sys.path))
    read, write = os.pipe()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", text],
        {**os.environ, "PYTHONPATH": path},
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)],
    )
    os.close(write)
    with open(read, "rb") as output:
        number = int(output.readline())
    os.waitpid(child, 0)
    with suppress(ProcessLookupError):  # where it has ended already
        watch = os.pidfd_open(number)
        assert select.select([watch], [], [], 10)[0], "the job has ended"
        os.close(watch)
