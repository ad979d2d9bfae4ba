"""Running one command: its process, its output as it arrives, its end.

The job ends when its main process ends plus a short drain: a child that keeps the pipe open
cannot hold the run. Every job is the leader of a session of its own, so that what it started
in it can be ended as a whole.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.session.logs import ERRORS, OUTPUT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

DRAIN_SECONDS: Final = 0.5
"""How long output may still arrive from what a job left behind when it ended."""
_READ: Final = 65536


@dataclass(frozen=True)
class Command:
    """What to start: argument vector, whole environment, working folder (None: ours)."""

    arguments: list[str]
    environment: Mapping[str, str]
    folder: Path | None


@dataclass(frozen=True)
class Exit:
    """How a command ended: a return code below 0 is the signal that killed it.

    `held` says that something it left behind still held its output open.
    """

    return_code: int
    held: bool = False


class Runner(Protocol):
    """Anything that can run a command and hand its output on."""

    def start(self, command: Command, output: Callable[[int, bytes], None]) -> Awaitable[Exit]:
        """Start a command, and wait for its end. Raise `OSError` where it cannot be started."""
        ...

    def interrupt(self) -> None:
        """End what runs at the moment."""
        ...


class ProcessRunner:
    """Runs commands as processes of plainbox's own user."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Command, output: Callable[[int, bytes], None]) -> Awaitable[Exit]:
        """Start a command, and wait for its end. Raise `OSError` where it cannot be started."""
        try:
            process = subprocess.Popen(
                command.arguments,
                env=command.environment,
                cwd=command.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                close_fds=False,
                start_new_session=True,
            )
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error)) from error
        self._process = process
        return self._end(process, _Reading(self._loop, process, output))

    async def _end(self, process: subprocess.Popen[bytes], reading: _Reading) -> Exit:
        try:
            await reading.ended
            held = not await reading.drained()
        finally:
            reading.close()
            self._process = None
        return Exit(process.returncode, held)

    def interrupt(self) -> None:
        """Kill the running command with all that is in its group; one that has ended is left.

        Only while its end was not waited for, the number of a process is surely its own.
        """
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class _Reading:
    """Both streams of one process, read in order of arrival, and its end."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        process: subprocess.Popen[bytes],
        output: Callable[[int, bytes], None],
    ) -> None:
        self._loop = loop
        self._process = process
        self._output = output
        self.ended: asyncio.Future[None] = loop.create_future()
        self._all_read: asyncio.Future[None] = loop.create_future()
        self._open: dict[int, int] = {}
        for stream, pipe in ((OUTPUT, process.stdout), (ERRORS, process.stderr)):
            if pipe is not None:
                descriptor = pipe.fileno()
                os.set_blocking(descriptor, False)
                self._open[descriptor] = stream
                loop.add_reader(descriptor, self._read, descriptor)
        self._watch = -1
        try:
            self._watch = os.pidfd_open(process.pid)
        except (AttributeError, OSError):
            Thread(target=self._wait, daemon=True).start()
        else:
            loop.add_reader(self._watch, self._has_ended)

    def _wait(self) -> None:
        """Wait in a thread, where the kernel or Python cannot do it otherwise."""
        self._process.wait()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._has_ended)

    def _has_ended(self) -> None:
        if self._watch >= 0:
            self._loop.remove_reader(self._watch)
        self._process.wait()
        if not self.ended.done():
            self.ended.set_result(None)

    def _read(self, descriptor: int) -> None:
        try:
            content = os.read(descriptor, _READ)
        except BlockingIOError:
            return
        if content:
            self._output(self._open[descriptor], content)
            return
        self._loop.remove_reader(descriptor)
        del self._open[descriptor]
        if not self._open and not self._all_read.done():
            self._all_read.set_result(None)

    async def drained(self) -> bool:
        """Read what is left; whether both streams came to their end."""
        if not self._open:
            return True
        import asyncio

        _, pending = await asyncio.wait({self._all_read}, timeout=DRAIN_SECONDS)
        return not pending

    def close(self) -> None:
        """Stop reading and close what is open."""
        for descriptor in self._open:
            self._loop.remove_reader(descriptor)
        if self._watch >= 0:
            self._loop.remove_reader(self._watch)
            os.close(self._watch)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
