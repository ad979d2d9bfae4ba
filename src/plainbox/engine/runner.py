"""Running commands: their processes, their output as it arrives, their ends.

Jobs of plainbox's own user are started here, those of others by the spawner of that user; the
output of all is read here. A job ends when its main process has ended and nothing that it
started is left: a child that keeps the pipe open cannot hold the run. Several may run at once.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.engine.containment import Containment
from plainbox.engine.spawner import Spawners
from plainbox.engine.supervision import GRACE_SECONDS, Command, Exit, Supervisor
from plainbox.session.logs import ERRORS, OUTPUT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

__all__ = ["Command", "Exit", "ProcessRunner", "Runner"]

_READ: Final = 65536
_READ_MUCH: Final = 1 << 20
_F_SETPIPE_SZ: Final = 1031


class Runner(Protocol):
    """Anything that can run a command and hand its output on."""

    def start(self, command: Command, output: Callable[[int, bytes], None]) -> Awaitable[Exit]:
        """Start a command, and wait for its end. Raise `OSError` where it cannot be started."""
        ...

    def end(self, attempt: int, why: str) -> bool:
        """End one attempt, its time being over; False where it does not run."""
        ...

    def interrupt(self) -> None:
        """End all that runs at the moment."""
        ...

    def close(self) -> None:
        """Give back what was held; nothing may run any more."""
        ...


class Running(Protocol):
    """A command that was started, here or in another user's process."""

    def end(self, why: str) -> None:
        """End it because its time is over."""
        ...

    async def over(self) -> Exit:
        """Wait until it and all that it started is gone."""
        ...


class ProcessRunner:
    """Runs commands as processes, each as its user."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str = "run",
        spawners: Spawners | None = None,
    ) -> None:
        """`name` tells the groups of this session; `spawners` start the jobs of other users."""
        self._loop = loop
        self._running: dict[int, Running] = {}
        containment = Containment(name)
        self._supervisor = Supervisor(loop, containment)
        self._spawners = spawners or Spawners()
        self._spawners.attach(loop, containment.end_strays)
        for process in self._spawners.processes:
            containment.keep(process)

    def start(self, command: Command, output: Callable[[int, bytes], None]) -> Awaitable[Exit]:
        """Start a command, and wait for its end. Raise `OSError` where it cannot be started."""
        pipes = (os.pipe(), os.pipe())
        try:
            running = self._spawn(command, pipes[0][1], pipes[1][1])
        except OSError:
            for reading_end, _ in pipes:
                os.close(reading_end)
            raise
        finally:
            for _, writing_end in pipes:
                os.close(writing_end)
        reading = _Reading(self._loop, {pipes[0][0]: OUTPUT, pipes[1][0]: ERRORS}, output)
        if command.silence is not None:
            reading.expect_output(command.silence, running)
        self._running[command.attempt] = running
        return self._end(command.attempt, running, reading)

    def _spawn(self, command: Command, output: int, errors: int) -> Running:
        spawner = None if command.user is None else self._spawners.find(command.user)
        return (spawner or self._supervisor).start(command, output, errors)

    async def _end(self, attempt: int, running: Running, reading: _Reading) -> Exit:
        try:
            end = await running.over()
            held = end.held or not await reading.drained()
        finally:
            self._running.pop(attempt, None)
            reading.close()
        return replace(end, held=True) if held and not end.held else end

    def end(self, attempt: int, why: str) -> bool:
        """End one attempt as if its time were over; False where it does not run."""
        running = self._running.get(attempt)
        if running is None:
            return False
        running.end(why)
        return True

    def interrupt(self) -> None:
        """End all that runs, with all that it started."""
        self._supervisor.interrupt()
        self._spawners.interrupt()

    def close(self) -> None:
        """Give back what was held; nothing may run any more."""
        self._supervisor.close()


class _Reading:
    """The streams of one command, read in order of arrival."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        streams: dict[int, int],
        output: Callable[[int, bytes], None],
    ) -> None:
        self._loop = loop
        self._output = output
        self._open = streams
        self._size = dict.fromkeys(streams, _READ)
        self._all_read: asyncio.Future[None] = loop.create_future()
        self._silence: asyncio.TimerHandle | None = None
        self._heard = 0.0
        for descriptor in streams:
            os.set_blocking(descriptor, False)
            loop.add_reader(descriptor, self._read, descriptor)

    def expect_output(self, seconds: float, running: Running) -> None:
        """End the command when it has printed nothing for so long."""
        self._heard = self._loop.time()

        def look() -> None:
            left = self._heard + seconds - self._loop.time()
            if left <= 0:
                running.end(f"silent for {seconds:g} s")
            else:
                self._silence = self._loop.call_later(left, look)

        self._silence = self._loop.call_later(seconds, look)

    def _read(self, descriptor: int) -> None:
        size = self._size[descriptor]
        try:
            content = os.read(descriptor, size)
        except BlockingIOError:
            return
        if content:
            if self._silence is not None:
                self._heard = self._loop.time()
            if len(content) == _READ == size:
                self._size[descriptor] = _widen(descriptor)
            self._output(self._open[descriptor], content)
            return
        self._loop.remove_reader(descriptor)
        del self._open[descriptor]
        os.close(descriptor)
        if not self._open and not self._all_read.done():
            self._all_read.set_result(None)

    async def drained(self) -> bool:
        """Read what is left; whether all streams came to their end.

        Nothing of the job is left by now, so what is open was handed on to something else.
        """
        if not self._open:
            return True
        import asyncio

        _, pending = await asyncio.wait({self._all_read}, timeout=GRACE_SECONDS)
        return not pending

    def close(self) -> None:
        """Stop reading."""
        if self._silence is not None:
            self._silence.cancel()
        for descriptor in self._open:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)
        self._open = {}


def _widen(pipe: int) -> int:
    """Let a pipe hold more that is much written to; how much to read from it at once."""
    with suppress(OSError):
        return fcntl.fcntl(pipe, _F_SETPIPE_SZ, _READ_MUCH)
    return _READ + 1
