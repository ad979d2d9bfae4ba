"""The process of an attempt from its start to the end of all that it started.

    start ─▶ main process ends ─▶ what it left gets a moment ─▶ it is ended and named ─▶ Exit
               ▲ deadline: the tree is noted, SIGTERM, a second later SIGKILL to all of it

The same code serves jobs of plainbox's own user and, in a spawner, those of others. Its output
is the concern of who made the pipes.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Final

from plainbox.engine.containment import Containment, become_subreaper
from plainbox.engine.memory import MemoryWatch

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from plainbox.engine.processes import Process

GRACE_SECONDS: Final = 0.5
"""How long what a job started may outlive its main process, and output may still arrive."""
TERM_SECONDS: Final = 1.0
"""How long a job has from SIGTERM to SIGKILL when its time is over."""
_KILL_SECONDS: Final = 2.0
"""How long killed processes get to disappear: one that waits for a device may never do."""
_MOST_NAMES: Final = 100
_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.05


@dataclass(frozen=True)
class Command:
    """What to start: argument vector, whole environment, working folder (None: ours).

    `attempt` names its group, `user` who runs it (None: plainbox's own user); `seconds` and
    `silence` are its deadlines for wall time and for a time without output. With `spares`, what
    it leaves behind when it ends well may go on: it is what takes the machine down.
    """

    arguments: list[str]
    environment: Mapping[str, str]
    folder: Path | None
    attempt: int = 0
    user: str | None = None
    seconds: float | None = None
    silence: float | None = None
    spares: bool = False


@dataclass(frozen=True)
class Exit:
    """How a command ended: a return code below 0 is the signal that killed it.

    `held` says that something it left behind still held its output open; `left` names what it
    left behind and was ended; `timed_out` says why plainbox ended it, `tree` shows its processes
    at that moment; `oom` says that the kernel killed it because memory ran out.
    """

    return_code: int
    held: bool = False
    left: tuple[str, ...] = ()
    timed_out: str = ""
    tree: tuple[str, ...] = ()
    oom: bool = False


class Supervisor:
    """Starts attempts of this process's own user, several at once, and ends each as a whole."""

    def __init__(self, loop: asyncio.AbstractEventLoop, containment: Containment) -> None:
        self.loop = loop
        self.containment = containment
        self.memory = MemoryWatch(containment.group)
        self._running: dict[int, Attempt] = {}
        become_subreaper()

    def start(self, command: Command, output: int, errors: int) -> Attempt:
        """Start a command that writes to these descriptors. Raise `OSError`."""
        try:
            with self.containment.entered(command.attempt):
                process = subprocess.Popen(
                    command.arguments,
                    env=command.environment,
                    cwd=command.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    close_fds=False,
                    start_new_session=True,
                )
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error)) from error
        self.containment.began(command.attempt, process.pid)
        attempt = Attempt(self, command, process, _inodes(output, errors))
        self._running[command.attempt] = attempt
        return attempt

    def find(self, attempt: int) -> Attempt | None:
        """An attempt that runs."""
        return self._running.get(attempt)

    def forget(self, attempt: int) -> None:
        """An attempt is over."""
        self._running.pop(attempt, None)
        self.containment.ended(attempt)

    def interrupt(self) -> None:
        """End all that runs, at once."""
        for attempt in list(self._running.values()):
            attempt.kill()

    def close(self) -> None:
        """Give back what was held; nothing may run any more."""
        self.memory.close()
        self.containment.close()


class Attempt:
    """One attempt that was started."""

    def __init__(
        self,
        supervisor: Supervisor,
        command: Command,
        process: subprocess.Popen[bytes],
        pipes: frozenset[int],
    ) -> None:
        self._supervisor = supervisor
        self._containment = supervisor.containment
        self._loop = supervisor.loop
        self._number = command.attempt
        self._process = process
        self._pipes = pipes
        self._timed_out = ""
        self._tree: tuple[str, ...] = ()
        self._hurry = False
        self._killed: set[int] = set()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._timers: list[asyncio.TimerHandle] = []
        if command.seconds is not None:
            self._later(command.seconds, self.end, f"timed out after {command.seconds:g} s")
        self._spares = command.spares
        self._watch = -1
        try:
            self._watch = os.pidfd_open(process.pid)
        except (AttributeError, OSError):
            Thread(target=self._wait, daemon=True).start()
        else:
            self._loop.add_reader(self._watch, self._has_ended)

    def _later(self, seconds: float, act: Callable[..., None], *arguments: object) -> None:
        self._timers.append(self._loop.call_later(seconds, act, *arguments))

    def _wait(self) -> None:
        """Wait in a thread, where the kernel or Python cannot do it otherwise."""
        self._process.wait()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._has_ended)

    def _has_ended(self) -> None:
        self._stop_watching()
        self._process.wait()
        if not self._ended.done():
            self._ended.set_result(None)

    def _stop_watching(self) -> None:
        if self._watch >= 0:
            self._loop.remove_reader(self._watch)
            os.close(self._watch)
            self._watch = -1

    def end(self, why: str) -> None:
        """End it because its time is over: SIGTERM, and a second later SIGKILL to all of it."""
        if self._timed_out or self._hurry or self._process.returncode is not None:
            return
        self._timed_out = why
        self._hurry = True
        self._tree = self._containment.tree(self._number)
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._later(TERM_SECONDS, self.kill)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        self._hurry = True
        self._killed.update(it.number for it in self._containment.kill(self._number))
        if not self._ended.done():
            self._later(_KILL_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """Wait no longer for a process that not even SIGKILL ends."""
        if not self._ended.done():
            self._stop_watching()
            self._process.returncode = -signal.SIGKILL
            self._ended.set_result(None)

    async def over(self) -> Exit:
        """Wait until it and all that it started is gone; what it left behind is ended."""
        try:
            await self._ended
            for timer in self._timers:
                timer.cancel()
            left: dict[int, Process] = {}
            held = False
            code = self._process.returncode
            spared = self._spares and code == 0 and not self._hurry
            if not spared and not self._containment.gone(self._number):
                held = await self._clear(left)
            oom = self._supervisor.memory.killed(self._process.pid, code)
        finally:
            self._stop_watching()
            self._supervisor.forget(self._number)
        return Exit(code, held, _names(left), self._timed_out, self._tree, oom)

    async def _clear(self, left: dict[int, Process]) -> bool:
        """End what outlived the main process by more than a moment; whether it held output."""
        import asyncio

        number = self._number
        pause = _FIRST_PAUSE
        until = self._loop.time() + GRACE_SECONDS
        while not self._hurry and self._loop.time() < until:
            await asyncio.sleep(pause)
            if self._containment.gone(number):
                return False
            pause = min(pause * 2, _LONGEST_PAUSE)
        holders = self._containment.holders(number, self._pipes)
        held = any(process.number not in self._killed for process in holders)
        pause, until = _FIRST_PAUSE, self._loop.time() + _KILL_SECONDS
        while self._loop.time() < until:
            for process in self._containment.kill(number):
                if process.number not in self._killed:
                    left.setdefault(process.number, process)
            await asyncio.sleep(pause)
            if self._containment.gone(number):
                break
            pause = min(pause * 2, _LONGEST_PAUSE)
        return held


def _names(left: dict[int, Process]) -> tuple[str, ...]:
    names = [str(left[number]) for number in sorted(left)]
    if len(names) > _MOST_NAMES:
        names[_MOST_NAMES:] = [f"and {len(names) - _MOST_NAMES} more"]
    return tuple(names)


def _inodes(*descriptors: int) -> frozenset[int]:
    return frozenset(os.fstat(descriptor).st_ino for descriptor in descriptors)
