"""Real processes, their ends and their output."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from plainbox.engine.runner import Command, Exit, ProcessRunner
from plainbox.session.logs import ERRORS, OUTPUT, LogWriter, Tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATH = {"PATH": "/usr/bin:/bin"}


class Heard:
    """What was heard, in order."""

    def __init__(self) -> None:
        self.chunks: list[tuple[int, bytes]] = []

    def __call__(self, stream: int, content: bytes) -> None:
        self.chunks.append((stream, content))

    def of(self, stream: int) -> bytes:
        return b"".join(content for number, content in self.chunks if number == stream)


def ignore(_stream: int, _content: bytes) -> None:
    """Hear nothing."""


def run(
    command: str,
    ear: Callable[[int, bytes], None] = ignore,
    act: Callable[[ProcessRunner, asyncio.AbstractEventLoop], object] | None = None,
) -> Exit:
    loop = asyncio.new_event_loop()

    async def go() -> Exit:
        runner = ProcessRunner(loop)
        ended = runner.start(Command(["bash", "-c", command], PATH, None), ear)
        if act is not None:
            act(runner, loop)
        found = await ended
        runner.interrupt()
        return found

    try:
        return loop.run_until_complete(go())
    finally:
        loop.close()


@pytest.mark.parametrize(
    ("command", "code"),
    [("true", 0), ("exit 3", 3), ("exit 255", 255), ("kill -TERM $$", -15), ("kill -9 $$", -9)],
)
def test_the_return_code_is_the_exit_code_or_the_signal(command: str, code: int) -> None:
    assert run(command) == Exit(code)


def test_both_streams_are_heard_in_order_of_arrival() -> None:
    heard = Heard()
    pause = "sleep 0.05"
    run(f"echo 1; {pause}; echo 2 >&2; {pause}; echo 3; {pause}; printf 4 >&2", heard)
    assert heard.chunks == [(OUTPUT, b"1\n"), (ERRORS, b"2\n"), (OUTPUT, b"3\n"), (ERRORS, b"4")]


def test_what_was_printed_right_before_the_end_is_heard() -> None:
    heard = Heard()
    run("head -c 300000 /dev/zero; echo end >&2", heard)
    assert len(heard.of(OUTPUT)) == 300_000
    assert heard.of(ERRORS) == b"end\n"


def test_bytes_that_are_no_text_are_heard_as_they_are() -> None:
    heard = Heard()
    run(r"printf '\xff\x00\xfe'", heard)
    assert heard.of(OUTPUT) == b"\xff\x00\xfe"


def test_a_child_that_keeps_the_pipe_open_cannot_hold_the_run() -> None:
    heard = Heard()
    with_child = run("sleep 30 & echo $!; exit 4", heard)
    os.kill(int(heard.of(OUTPUT)), 9)
    assert with_child == Exit(4, held=True)


def test_a_child_that_prints_for_ever_cannot_hold_the_run() -> None:
    assert run("yes & exit 0") == Exit(0, held=True)


def test_standard_input_is_empty() -> None:
    assert run("read x") == Exit(1)


def test_a_command_is_not_killed_by_what_kills_plainbox_from_the_terminal() -> None:
    heard = Heard()
    run("ps -o sid= -p $$; echo $$", heard)
    session, process = heard.of(OUTPUT).split()
    assert session == process


def test_a_command_is_ended_with_all_that_it_started() -> None:
    heard = Heard()
    end = run(
        "sleep 60 & sleep 60", heard, lambda runner, loop: loop.call_later(0.1, runner.interrupt)
    )
    assert end == Exit(-9), "nothing is left that holds the output"


def test_a_command_that_has_ended_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr("os.killpg", lambda group, _signal: killed.append(group))

    def interrupt_while_draining(runner: ProcessRunner, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(0.25, runner.interrupt)

    assert run("sleep 1 & exit 0", ignore, interrupt_while_draining) == Exit(0, held=True)
    assert killed == [], "its number may be that of another process by now"


@pytest.mark.parametrize("error", [AttributeError, PermissionError, OSError])
def test_where_the_kernel_has_no_process_descriptors_a_thread_waits(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_process: int) -> int:
        raise error

    monkeypatch.setattr("os.pidfd_open", refuse)
    heard = Heard()
    assert run("echo x; exit 3", heard) == Exit(3)
    assert heard.of(OUTPUT) == b"x\n"
    assert run("kill -9 $$") == Exit(-9)


@pytest.mark.parametrize(
    ("arguments", "folder"), [(["/nowhere/bash"], None), (["bash", "-c", "a\0b"], None)]
)
def test_what_cannot_be_started_is_an_error_of_the_system(
    arguments: list[str], folder: Path | None
) -> None:
    loop = asyncio.new_event_loop()
    runner = ProcessRunner(loop)
    with pytest.raises(OSError, match=r"No such file|null byte"):
        runner.start(Command(arguments, PATH, folder), ignore)
    runner.interrupt()
    loop.close()


def test_a_working_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    with pytest.raises(FileNotFoundError):
        ProcessRunner(loop).start(Command(["true"], PATH, tmp_path / "gone"), ignore)
    loop.close()


def test_memory_stays_flat_whatever_a_job_prints(tmp_path: Path) -> None:
    log, tail = LogWriter(tmp_path, 1), Tail()

    def keep(stream: int, content: bytes) -> None:
        log.write(0.0, stream, content)
        tail.add(content)

    tracemalloc.start()
    run("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo last", keep)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    log.close()
    assert log.size == 20_000_006
    assert (tmp_path / "1.log").stat().st_size == log.size
    assert tail.lines(1) == ["last"]
    assert most < 2_000_000


def test_no_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers
    for _ in range(3):
        run("echo x; echo y >&2")
        run("sleep 0.7 & exit 1")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - numbers
