#!/usr/bin/env python3
"""Tests what an operating system does for programs: processes, signals, pipes, open files.

Everything is started with a deadline, and nothing is left running.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import signal
import sys
import time

from smoke_machine import Failure, Machine, run_checks

CHILDREN = 40
PATIENCE = 15
PIPE_BYTES = 4 * 1024 * 1024
SIGNALS = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGTERM)
WANTED_FILES = 256
"""Open files without which ordinary programs fail."""

MOST_FILES = 4096
FULL = 0.95
"""Share of the system's limits from which on the next program may fail."""


def _child(work) -> int:  # noqa: ANN001
    """Run a function in a new process, whose status it returns."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    status = 99
    try:
        status = work()
    finally:
        os._exit(status)


def _status(child: int) -> int:
    """Wait for a process: its exit status, or minus the signal that ended it."""
    status = os.waitpid(child, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def exits() -> str:
    """Many children, each with a status of its own, all found again."""
    children = {_child(lambda status=i: status): i for i in range(CHILDREN)}
    for child, wanted in children.items():
        found = _status(child)
        if found != wanted:
            raise Failure(f"a child ended with {found} instead of {wanted}")
    return f"{CHILDREN} children reaped"


def programs() -> str:
    """A new program gets its arguments and environment and gives its status."""
    script = 'test "$1" = "two words" && test "$MARK" = here && exit 7'
    shell = ["/bin/sh", "-c", script, "sh", "two words"]
    found = _status(_child(lambda: os.execve(shell[0], shell, {"MARK": "here"})))  # noqa: S606
    if found != 7:
        raise Failure(f"a shell that was to end with 7 ended with {found}")
    return "a program executed"


def signals() -> str:
    """Signals arrive: caught ones in their handler, others end or stop the process."""
    caught: list[int] = []
    before = {number: signal.signal(number, lambda n, _f: caught.append(n)) for number in SIGNALS}
    try:
        for number in SIGNALS:
            os.kill(os.getpid(), number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught != list(SIGNALS):
        raise Failure(f"signals {list(map(int, SIGNALS))} were sent, {caught} arrived")
    child = _child(_sleep)
    os.kill(child, signal.SIGSTOP)
    if not os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1]):
        raise Failure("a process did not stop at SIGSTOP")
    os.kill(child, signal.SIGCONT)
    os.kill(child, signal.SIGKILL)
    found = _status(child)
    if found != -signal.SIGKILL:
        raise Failure(f"a killed process ended with {found}")
    return f"{len(SIGNALS) + 3} signals delivered"


def _sleep() -> int:
    signal.alarm(PATIENCE)
    signal.pause()
    return 0


def zombies() -> str:
    """A process that ended stays as a zombie until its parent asks, and is gone then."""
    child = _child(lambda: 3)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    state = _state(child)
    if state not in ("Z", ""):
        raise Failure(f"an ended process is in state {state} instead of Z")
    _status(child)
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return "zombie reaped"
    raise Failure("a process is still there after it was reaped")


def _state(process: int) -> str:
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", encoding="ascii") as stream:
        return stream.read().rpartition(")")[2].split()[0]
    return ""


def pipes() -> str:
    """What goes into a pipe comes out, in order and complete."""
    reader, writer = os.pipe()
    data = os.urandom(PIPE_BYTES)
    child = _child(lambda: _pour(reader, writer, data))
    os.close(writer)
    found = hashlib.sha256()
    with os.fdopen(reader, "rb", buffering=0) as stream:
        for block in iter(lambda: stream.read(65536), b""):
            found.update(block)
    _status(child)
    if found.digest() != hashlib.sha256(data).digest():
        raise Failure("data damaged or lost in a pipe")
    return f"{PIPE_BYTES >> 20} MB piped"


def _pour(reader: int, writer: int, data: bytes) -> int:
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        stream.write(data)
    return 0


def _too_long(_number: int, _frame: object) -> None:
    raise Failure(f"processes hang: not done after {PATIENCE} s")


def processes(_machine: Machine) -> str:
    """All of the above, one after the other."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    begin = time.monotonic()
    done = []
    for work in (exits, programs, signals, zombies, pipes):
        done.append(work())
        print(f"{work.__name__}: {done[-1]}")
    signal.alarm(0)
    return f"{', '.join(done)} in {time.monotonic() - begin:.2f} s"


def files(machine: Machine) -> str:
    """Open as many files as we may, and see how near the system's limits are."""
    _near_limit(machine)
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    many = MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)
    opened = [os.open(os.devnull, os.O_RDONLY)]
    try:
        for _ in range(many - 33):
            opened.append(os.dup(opened[0]))
    except OSError as error:
        raise Failure(
            f"{len(opened)} files could be opened, limit {many}: {error.strerror}"
        ) from error
    finally:
        for number in opened:
            os.close(number)
    if len(opened) < WANTED_FILES - 32:
        raise Failure(f"a program may open {soft} files, at least {WANTED_FILES} are needed")
    return f"{len(opened)} files opened at once, limit {soft}"


def _near_limit(machine: Machine) -> None:
    used, _, most = machine.text("/proc/sys/fs/file-nr").split() or (0, 0, 0)
    _compare("open files", int(used), int(most))
    threads = machine.text("/proc/loadavg").split()
    if len(threads) > 3:
        total = int(threads[3].partition("/")[2] or 0)
        _compare("threads", total, machine.number("/proc/sys/kernel/threads-max") or 0)


def _compare(name: str, used: int, most: int) -> None:
    if most:
        print(f"{name}: {used} of {most}")
        if used > FULL * most:
            raise Failure(f"the system is nearly out of {name}: {used} of {most}")


if __name__ == "__main__":
    sys.exit(run_checks({"files": files, "processes": processes}, __doc__))
