"""Real processes, their ends and their output."""

from __future__ import annotations

import asyncio
import os
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plainbox.engine.runner import Command, Exit, ProcessRunner
from plainbox.session.logs import ERRORS, OUTPUT, LogWriter, Tail

if TYPE_CHECKING:
    from collections.abc import Callable

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
    seconds: float | None = None,
    silence: float | None = None,
) -> Exit:
    loop = asyncio.new_event_loop()

    async def go() -> Exit:
        runner = ProcessRunner(loop)
        words = ["bash", "-c", command]
        job = Command(words, PATH, None, seconds=seconds, silence=silence)
        ended = runner.start(job, ear)
        if act is not None:
            act(runner, loop)
        found = await ended
        runner.interrupt()
        runner.close()
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
    assert with_child == Exit(4, held=True, left=(f"sleep ({int(heard.of(OUTPUT))})",))


def test_a_child_that_prints_for_ever_cannot_hold_the_run() -> None:
    end = run("yes & exit 0")
    assert end.held
    assert end.left[0].startswith("yes (")


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


def test_what_outlives_a_command_that_has_ended_is_interrupted_without_delay() -> None:
    started = time.monotonic()
    end = run(
        "sleep 60 & exit 0", ignore, lambda runner, loop: loop.call_later(0.1, runner.interrupt)
    )
    assert end.return_code == 0
    assert time.monotonic() - started < 0.45, "it does not get the usual moment"


def test_a_command_whose_time_is_over_is_ended_and_its_processes_are_shown() -> None:
    end = run("sleep 61 & sleep 62; true", seconds=0.2)
    assert end.return_code == -15
    assert end.timed_out == "timed out after 0.2 s"
    assert end.tree[0].startswith("bash -c sleep 61")
    assert [line.partition(" (")[0] for line in end.tree[1:]] == ["  sleep 61", "  sleep 62"]


def test_a_command_that_ignores_its_end_is_killed_a_second_later() -> None:
    started = time.monotonic()
    end = run("trap '' TERM; sleep 60; sleep 60", seconds=0.1)
    assert end.return_code == -9
    assert end.timed_out
    assert time.monotonic() - started < 2.1


def test_a_command_that_is_silent_for_too_long_is_ended() -> None:
    heard = Heard()
    end = run("for i in 1 2 3; do echo $i; sleep 0.15; done; sleep 60", heard, silence=0.4)
    assert end.timed_out == "silent for 0.4 s"
    assert heard.of(OUTPUT) == b"1\n2\n3\n", "output puts the end off"


def test_a_deadline_that_is_kept_changes_nothing() -> None:
    assert run("echo x; exit 2", seconds=30, silence=30) == Exit(2)


def test_jobs_are_ended_before_plainbox_where_memory_runs_out() -> None:
    heard = Heard()
    own = int(Path("/proc/self/oom_score_adj").read_text())
    run("cat /proc/self/oom_score_adj", heard)
    assert int(heard.of(OUTPUT)) == min(1000, own + 500)
    assert int(Path("/proc/self/oom_score_adj").read_text()) == own


def test_a_command_of_a_user_that_cannot_be_had_is_never_run_as_another() -> None:
    loop = asyncio.new_event_loop()
    runner = ProcessRunner(loop)
    with pytest.raises(PermissionError, match="cannot become"):
        runner.start(Command(["true"], PATH, None, user="someone-else"), ignore)
    runner.close()
    loop.close()


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
    runner.close()
    loop.close()


def test_a_working_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    runner = ProcessRunner(loop)
    with pytest.raises(FileNotFoundError):
        runner.start(Command(["true"], PATH, tmp_path / "gone"), ignore)
    runner.close()
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
