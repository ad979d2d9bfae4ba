"""A run is the same for whoever follows it, in its process or out of it; nobody can break it."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import plainbox.app.server as server_module
from plainbox.app.client import Connection, _connected
from plainbox.app.following import Bootstrapped, Bootstrapping, Finished, Running
from plainbox.app.hosting import _Nobody, host_session
from plainbox.app.interface import Heard, Recorded, Session, attach, resume, start
from plainbox.app.messages import (
    LARGEST,
    VERSION,
    Hello,
    Mailbox,
    Missed,
    More,
    Over,
    Welcome,
    packed,
)
from plainbox.app.questions import Desk
from plainbox.app.request import understand
from plainbox.app.run import Run, open_session
from plainbox.app.server import Server, Switchboard
from plainbox.clock import SystemClock
from plainbox.engine.decide import Abilities
from plainbox.errors import StorageError, UsageError
from plainbox.outcome import Outcome
from plainbox.session.events import (
    Answer,
    Choice,
    Ended,
    JobStarting,
    Opened,
    Question,
    QuestionKind,
)
from plainbox.session.store import OpenSession, SessionFolder, Store
from plainbox.testing import Bench

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from plainbox.session.events import Event

WAITS = 'until [ -e "$PLAINBOX_SESSION_SHARE/go" ]; do sleep 0.01; done'
UNITS = f"""\
id: waits
plugin: shell
command: echo ready; {WAITS}; echo "gone on, $MY_TOKEN"

id: fails
plugin: shell
command: echo broken; exit 2

unit: test plan
id: plan
name: Plan
include:
 waits
 fails
"""
WAITING, FAILING = "org.example::waits", "org.example::fails"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def begun(bench: Bench, **secrets: str) -> Session:
    environ = {**os.environ, **secrets}
    return start(bench.setup(), ["plan"], bench.store, environ=environ)


def let_go(session: Session) -> None:
    (session.folder.share / "go").touch()


async def seen(session: Session, wanted: type[Event], after: int = 0) -> Recorded:
    async for recorded in session.events(after):
        if isinstance(recorded.event, wanted):
            return recorded
    raise AssertionError(f"the run is over without {wanted}")


def run(go: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(go(), 30)

    asyncio.run(limited())


def test_who_runs_it_and_who_attaches_see_the_same_events(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench)
        await seen(session, JobStarting)
        other = await attach(session.folder)
        watching = asyncio.ensure_future(_all(other))
        await asyncio.sleep(0)
        let_go(session)
        mine = await _all(session)
        assert await watching == mine
        assert [each.number for each in mine] == list(range(1, len(mine) + 1))
        assert isinstance(mine[0].event, Opened)
        assert isinstance(mine[-1].event, Ended)
        assert await _all(session, after=3) == mine[3:], "also when it is over"
        finished = await other.wait()
        assert finished.ended
        assert finished.state.outcome_of(FAILING) is Outcome.FAIL
        assert (await session.wait()).state.outcome_of(WAITING) is Outcome.PASS
        await other.close()

    run(go)


async def _all(session: Session, after: int = 0) -> list[Recorded]:
    return [recorded async for recorded in session.events(after)]


def test_a_session_goes_from_stage_to_stage(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench)
        assert session.stage == Bootstrapping()
        stages: list[type[Any]] = []
        async for recorded in session.events():
            stage = session.stage
            if isinstance(stage, Running) and isinstance(recorded.event, JobStarting):
                if recorded.event.job == WAITING:
                    assert stage == Running(0, 2, (WAITING,))
                let_go(session)
            stages.append(type(stage))
        kinds = list(dict.fromkeys(stages))
        assert kinds[-1] is Finished
        assert set(kinds) <= {Bootstrapping, Bootstrapped, Running, Finished}
        assert session.id == session.folder.id

    run(go)


def test_output_is_told_as_it_comes_without_secrets_and_can_be_read_later(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench, MY_TOKEN="hunter22")  # noqa: S106 - made up
        await seen(session, JobStarting)
        other = await attach(session.folder)
        heard = {"in": b"", "out": b""}

        async def listen(name: str, to: Session) -> None:
            async for each in to.follow():
                if isinstance(each, Heard) and each.job == WAITING:
                    heard[name] += each.content

        both = asyncio.gather(listen("in", session), listen("out", other))
        await asyncio.sleep(0)
        let_go(session)
        await both
        assert heard["in"].endswith(b"gone on, ***\n")
        assert heard["out"].endswith(b"gone on, ***\n")
        assert b"".join(other.output(WAITING)) == b"ready\ngone on, ***\n"
        assert b"".join(other.output(WAITING, after=6)) == b"gone on, ***\n"
        assert b"".join(other.output("org.example::nothing")) == b""
        await other.close()

    run(go)


def test_a_job_can_be_stopped_and_the_run_goes_on(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench)
        await seen(session, JobStarting)
        other = await attach(session.folder)
        with pytest.raises(UsageError, match="does not run"):
            await other.stop(FAILING)
        await other.stop(WAITING)
        state = (await session.wait()).state
        assert state.outcome_of(WAITING) is Outcome.CRASH
        assert state.jobs[WAITING].reason.startswith("stopped by ")
        assert state.outcome_of(FAILING) is Outcome.FAIL
        await other.wait()
        with pytest.raises(UsageError, match="the run is over"):
            await other.pause()
        await other.close()

    run(go)


def test_a_run_that_is_paused_from_outside_can_be_resumed(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench)
        await seen(session, JobStarting)
        other = await attach(session.folder)
        await other.pause()
        assert not (await other.wait()).ended
        assert not (await session.wait()).ended
        assert not session.folder.socket.exists()
        await other.close()
        again = resume(bench.setup(), session.folder)
        assert (await again.wait()).ended
        assert again.state.jobs[WAITING].reason.startswith("paused by ")
        assert again.state.outcome_of(FAILING) is Outcome.FAIL
        with pytest.raises(UsageError, match="nothing is left"):
            resume(bench.setup(), session.folder)

    run(go)


def test_leaving_the_own_run_pauses_it_and_leaving_another_does_not(bench: Bench) -> None:
    async def go() -> None:
        session = begun(bench)
        await seen(session, JobStarting)
        other = await attach(session.folder)
        await other.close()
        assert session.state.running
        await session.close()
        assert not (await session.wait()).ended

    run(go)


def test_where_nobody_can_be_let_in_the_run_goes_on_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> socket.socket:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(server_module, "_bound", refuse)

    async def go() -> None:
        session = start(bench.setup(), ["fails"], bench.store)
        state = (await session.wait()).state
        assert state.ended
        assert any(note.startswith("nobody else can watch this run") for note in state.notes)

    run(go)


def test_the_command_line_hosts_its_run_in_a_loop_of_its_own(bench: Bench) -> None:
    setup = bench.setup()
    request = understand(["fails"], setup.session)
    session = OpenSession(bench.store.create("x"), SystemClock())
    open_session(session, setup, request)
    host = Run(session, setup, request, Abilities(user="bench"), os.environ)
    assert host_session(session, host, _Nobody())
    session.close()
    assert session.state.outcome_of(FAILING) is Outcome.FAIL


def test_nobody_attaches_to_what_nobody_runs(bench: Bench) -> None:
    outcomes = bench.run("fails")

    async def go() -> None:
        with pytest.raises(UsageError, match="nobody runs the session 1-fails"):
            await attach(outcomes.folder)

    run(go)


def test_when_the_engine_dies_who_watches_is_told(tmp_path: Path) -> None:
    async def go() -> None:
        folder = Store(tmp_path).create("x")
        OpenSession(folder, SystemClock()).close()
        board = Switchboard(_Idle())
        server = Server(folder.socket, board)
        await server.open()
        other = await attach(folder)
        assert server._server is not None
        for task in server._tasks:
            task.cancel()
        with pytest.raises(StorageError, match="is gone"):
            await other.wait()
        assert await _all(other) == []
        await other.close()
        await server.close(ended=False)

    run(go)


class _Idle:
    """Controls of a run that does nothing."""

    def pause(self, why: str) -> None:
        pass

    def end_job(self, job_id: str, why: str) -> bool:
        return False


class _Served:
    """A server without an engine."""

    def __init__(self, folder: SessionFolder, desk: Desk | None = None) -> None:
        self.board = Switchboard(_Idle(), desk)
        self.server = Server(folder.socket, self.board)

    async def __aenter__(self) -> Switchboard:
        await self.server.open()
        return self.board

    async def __aexit__(self, *_: object) -> None:
        await self.server.close(ended=True)


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    made = Store(tmp_path).create("x")
    OpenSession(made, SystemClock()).close()
    return made


def test_the_first_of_two_that_answer_counts(folder: SessionFolder) -> None:
    async def go() -> None:
        session = OpenSession(folder, SystemClock())
        desk = Desk(session, lambda: board.tell(More()) if session.commit() else None)
        async with _Served(folder, desk) as board:
            one, two = await attach(folder), await attach(folder)
            question = Question("q", QuestionKind.VERDICT, "?", choices=(Choice("y"), Choice("n")))
            asking = asyncio.ensure_future(desk.ask(question))
            async for _ in one.events():
                break
            assert one.state.questions == {"q": question}
            await one.answer("q", Answer("y"))
            with pytest.raises(UsageError, match="it was answered by"):
                await two.answer("q", Answer("n"))
            assert await asking == Answer("y")
            await one.close()
            await two.close()
        session.close()

    run(go)


def test_the_socket_is_for_the_owner_alone(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with _Served(folder):
            mode = folder.socket.stat().st_mode
            assert stat.S_ISSOCK(mode)
            assert stat.S_IMODE(mode) == 0o600
            monkeypatch.setattr(server_module, "_peer", lambda _: os.geteuid() + 1)
            with pytest.raises(StorageError, match="does not answer"):
                await attach(folder)
        assert not folder.socket.exists()

    run(go)


def test_a_path_that_is_too_long_for_a_socket_does_no_harm(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    made = Store(deep).create("x")
    OpenSession(made, SystemClock()).close()

    async def go() -> None:
        async with _Served(made):
            await (await attach(made)).close()

    run(go)


def test_a_socket_that_a_dead_process_left_is_replaced(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(folder.path)
    stale.bind("socket")
    stale.close()

    async def go() -> None:
        async with _Served(folder):
            await (await attach(folder)).close()

    run(go)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\0",
        b"\0\0\0\x04nope",
        (LARGEST + 1).to_bytes(4, "big"),
        packed(Over(ended=True)),
        packed(Hello()) + b"\0\0\0\x02{}",
        packed(Hello()) + packed(Hello()),
    ],
)
def test_who_talks_nonsense_is_left(folder: SessionFolder, nonsense: bytes) -> None:
    async def go() -> None:
        async with _Served(folder) as board:
            reader, writer = await _connected(folder)
            writer.write(nonsense)
            writer.write_eof()
            await reader.read()
            assert not board.followed
            writer.close()
            await (await attach(folder)).close()

    run(go)


def test_another_version_is_refused_by_both_sides(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with _Served(folder):
            monkeypatch.setattr(server_module, "VERSION", VERSION + 1)
            with pytest.raises(StorageError, match="speaks another language"):
                await Connection.open(folder)

    run(go)


def test_who_does_not_listen_misses_output_and_holds_nobody_up(folder: SessionFolder) -> None:
    async def go() -> None:
        async with _Served(folder) as board:
            _, writer = await _connected(folder)
            writer.write(packed(Hello()))
            while not board.followed:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0)
            (box,) = board._boxes
            for _ in range(1000):
                board.tell(Heard("j", 1, b"x" * 65536))
                board.tell(More())
                await asyncio.sleep(0)
            assert box._size < 1 << 19
            assert len(box) < 100, "what is missed is one message, whatever its size"
            writer.close()

    run(go)


def test_a_mailbox_joins_what_can_be_joined() -> None:
    async def go() -> None:
        box = Mailbox(limit=100)
        for news in (More(), More(), Heard("j", 1, b"x" * 90), Heard("j", 1, b"y" * 50)):
            box.put(news)
        box.put(Heard("j", 1, b"z" * 30))
        box.put(Over(ended=True))
        assert await box.take() == [More(), Heard("j", 1, b"x" * 90), Missed(80), Over(ended=True)]
        assert len(box) == 0

    run(go)


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    page = _repository() / "docs" / "how-to" / "follow-a-session.md"
    code = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    assert len(code.splitlines()) <= 35
    slow = "id: slow\nplugin: shell\ncommand: echo fine; sleep 0.5\n"
    bench = Bench(tmp_path, {"units/all.pxu": slow})
    words = [sys.executable, "-c", code, str(bench.provider), "slow", str(tmp_path / "state")]
    source = str(_repository() / "src")
    environ = {**os.environ, "PYTHONPATH": source}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert "  | fine\n" in done.stdout
    assert "org.example::slow pass\n" in done.stdout
    assert done.stdout.endswith("seen from outside: 1 jobs\n")


def _repository() -> Path:
    from pathlib import Path

    return Path(__file__).parents[2]


def test_a_welcome_says_who_it_is() -> None:
    assert packed(Welcome(1, "1-x", "0.1"))[4:] == (
        b'{"type":"welcome","version":1,"session":"1-x","plainbox":"0.1"}'
    )
