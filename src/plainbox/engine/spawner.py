"""Getting spawners for the users that a plan names, and having them start jobs.

As root they are forked. Else root is obtained once, at the start of the run, through whichever
program the machine has for that (`users.WAYS`): first without asking, then, on a terminal, by
the first of them, which asks for the password itself; plainbox never sees it. What that starts
makes the spawners of all users.
"""

from __future__ import annotations

import errno
import os
import secrets
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import plainbox
from plainbox.engine.containment import sweep
from plainbox.engine.spawned import Engine, pack, peer_of, receive, send, spread
from plainbox.engine.supervision import Command, Exit
from plainbox.engine.users import Account, Way, find_account, own_account, ways_to_root

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Sequence

_ENTRY: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from plainbox.engine.spawned import main; main(sys.argv[1:])"
)
_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 10.0
_LEAVE_SECONDS: Final = 5.0
_GONE: Final = "the process that starts the jobs of {} is gone"


class Spawner:
    """Starts jobs of one user, through the process that became that user."""

    def __init__(self, user: str, link: socket.socket) -> None:
        self.user = user
        self.process = peer_of(link)[0]
        self._link = link
        self._running: dict[int, RemoteAttempt] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lost: Callable[[], None] | None = None

    def attach(self, loop: asyncio.AbstractEventLoop, lost: Callable[[], None]) -> None:
        """Listen to it in this loop; `lost` is called where it ends before it was let go."""
        self._loop = loop
        self._lost = lost
        loop.add_reader(self._link.fileno(), self._hear)

    def start(self, command: Command, output: int, errors: int) -> RemoteAttempt:
        """Start a command that writes to these descriptors. Raise `OSError`."""
        if self._loop is None or self._link.fileno() < 0:
            raise OSError(errno.ESRCH, _GONE.format(self.user))
        number = command.attempt
        self._running[number] = attempt = RemoteAttempt(self, number, self._loop)
        content = pack(command)
        try:
            send(self._link, {"start": number}, (content, output, errors))
            self._answer(number)
        except OSError:
            self._running.pop(number, None)
            raise
        finally:
            os.close(content)
        return attempt

    def _answer(self, number: int) -> None:
        """Wait until it has started a command, as one waits for a process to be made."""
        until = time.monotonic() + _ANSWER_SECONDS
        while number not in self._answers:
            if self._link.fileno() < 0:
                raise OSError(errno.ESRCH, _GONE.format(self.user))
            left = max(0.0, until - time.monotonic())
            if not select.select([self._link], [], [], left)[0]:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            self._hear()
        answer = self._answers.pop(number)
        if "refused" in answer:
            raise OSError(answer["errno"], answer["why"])

    def _hear(self) -> None:
        try:
            message, _ = receive(self._link)
        except OSError:
            message = None
        if message is None:
            self.close()
            # Its link breaks before what it started becomes ours: only then can that be ended.
            _wait_for(self.process, time.monotonic() + _LEAVE_SECONDS)
            if self._lost is not None:
                self._lost()
        elif "over" in message:
            fields = message["exit"]
            fields.update(left=tuple(fields["left"]), tree=tuple(fields["tree"]))
            self._finish(message["over"], Exit(**fields))
        else:
            self._answers[message["started" if "started" in message else "refused"]] = message

    def _finish(self, number: int, end: Exit) -> None:
        attempt = self._running.pop(number, None)
        if attempt is not None and not attempt.ended.done():
            attempt.ended.set_result(end)

    def tell(self, message: object) -> None:
        """Send a message, if there is still somebody to hear it."""
        with suppress(OSError):
            send(self._link, message)

    def interrupt(self) -> None:
        """End all that runs."""
        for number in list(self._running):
            self.tell({"kill": number})

    def close(self) -> None:
        """Let it go: it ends all that it started and itself."""
        if self._loop is not None and self._link.fileno() >= 0:
            self._loop.remove_reader(self._link.fileno())
        self._link.close()
        for number in list(self._running):
            self._finish(number, Exit(-9, timed_out=_GONE.format(self.user)))


class RemoteAttempt:
    """One attempt that runs below a spawner."""

    def __init__(self, spawner: Spawner, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._spawner = spawner
        self._number = number
        self.ended: asyncio.Future[Exit] = loop.create_future()

    def end(self, why: str) -> None:
        """End it because its time is over."""
        self._spawner.tell({"end": self._number, "why": why})

    async def over(self) -> Exit:
        """Wait until it and all that it started is gone."""
        return await self.ended


class Spawners:
    """The spawners of one run; `missing` says of the other users why they cannot be had."""

    def __init__(self) -> None:
        self._own = own_account().name
        self._spawners: dict[str, Spawner] = {}
        self._started: list[int] = []
        self.missing: dict[str, str] = {}

    @property
    def users(self) -> frozenset[str]:
        """The users that jobs of this run can run as, plainbox's own among them."""
        return frozenset({self._own, *self._spawners})

    @property
    def processes(self) -> list[int]:
        """The children of plainbox that the spawners are, or that hold them."""
        return self._started

    def find(self, user: str) -> Spawner | None:
        """The spawner of a user; None for plainbox's own. Raise `OSError` where there is none."""
        if user == self._own:
            return None
        spawner = self._spawners.get(user)
        if spawner is None:
            raise OSError(errno.EPERM, self.missing.get(user, f"plainbox cannot become {user}"))
        return spawner

    def attach(self, loop: asyncio.AbstractEventLoop, lost: Callable[[], None]) -> None:
        """Listen to all of them in this loop; `lost` is called where one ends before its time."""
        for spawner in self._spawners.values():
            spawner.attach(loop, lost)

    def interrupt(self) -> None:
        """End all that runs."""
        for spawner in self._spawners.values():
            spawner.interrupt()

    def add(self, spawner: Spawner) -> None:
        """Have one more."""
        self._spawners[spawner.user] = spawner

    def close(self) -> None:
        """Let all of them go, and wait until they are gone."""
        for spawner in self._spawners.values():
            spawner.close()
        until = time.monotonic() + _LEAVE_SECONDS
        for process in self._started:
            _wait_for(process, until)
        if self._started:
            self._started.clear()
            sweep()  # what other users may not remove


def obtain(
    wanted: Iterable[str],
    name: str,
    *,
    terminal: bool,
    ways: Sequence[Way] | None = None,
) -> Spawners:
    """Get spawners for these users, once, before any thread exists.

    `terminal`: a person is there whom a program may ask for a password. `ways` to become root
    are found where they are not given; root itself needs none unless they are.
    """
    spawners = Spawners()
    accounts: list[Account] = []
    for user in dict.fromkeys(wanted):
        if user in spawners.users:
            continue
        account = find_account(user)
        if account is None:
            spawners.missing[user] = f"there is no user {user} on this machine"
        else:
            accounts.append(account)
    if accounts:
        _obtain(spawners, accounts, name, _calls(terminal=terminal, ways=ways))
    return spawners


class _Call(NamedTuple):
    """What to put before a program to have it run by root, and whether that asks a person."""

    before: tuple[str, ...]
    asks: bool = False


def _calls(*, terminal: bool, ways: Sequence[Way] | None) -> list[_Call]:
    """What to try in turn to become root."""
    if ways is None:
        if os.geteuid() == 0:
            return [_Call(())]
        ways = ways_to_root()
    calls = [_Call((it.program, *it.quietly)) for it in ways if it.quietly is not None]
    if terminal and ways:
        calls.append(_Call((ways[0].program, *ways[0].asking), asks=True))
    return calls


def _obtain(
    spawners: Spawners,
    accounts: list[Account],
    name: str,
    calls: list[_Call],
) -> None:
    waiting = {account.uid: account for account in accounts}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        address = f"plainbox-{secrets.token_hex(16)}"
        listener.bind(f"\0{address}")
        listener.listen(len(accounts) + 8)
        engine = Engine(address, os.getpid(), os.geteuid(), name)
        for before, asks in calls:
            if before:
                started = [_call(before, engine, waiting.values(), asks=asks)]
            else:
                started = spread(engine, waiting.values())
            seconds = None if asks else _CONNECT_SECONDS
            for link, account in _connections(listener, started, waiting, seconds):
                spawners.add(Spawner(account.name, link))
            spawners.processes.extend(started)
            if not waiting:
                return
    how = "needs root" if calls else "needs root, and nothing here can become it"
    for account in waiting.values():
        spawners.missing[account.name] = how


def _call(before: tuple[str, ...], engine: Engine, users: Iterable[Account], *, asks: bool) -> int:
    source = str(Path(plainbox.__file__).parents[1])
    words = [engine.address, str(engine.process), str(engine.uid), engine.name]
    process = subprocess.Popen(
        [*before, sys.executable, "-I", "-c", _ENTRY, source, *words, *(it.name for it in users)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if asks else subprocess.DEVNULL,
    )
    process.returncode = 0  # it is waited for by its number
    return process.pid


def _connections(
    listener: socket.socket, started: list[int], waiting: dict[int, Account], seconds: float | None
) -> Iterable[tuple[socket.socket, Account]]:
    """Those that connect and are who they are to be, until all did or none will.

    `seconds` is None where a person may take as long as they like before the first connects.
    """
    until = None if seconds is None else time.monotonic() + seconds
    while waiting:
        left = 0.2 if until is None else min(0.2, until - time.monotonic())
        if left <= 0:
            return
        listener.settimeout(left)
        try:
            link, _ = listener.accept()
        except TimeoutError:
            if not any(map(_lives, started)):
                return
            continue
        until = until or time.monotonic() + _CONNECT_SECONDS
        account = waiting.pop(peer_of(link)[1], None)
        if account is None:
            link.close()
            continue
        link.settimeout(None)
        yield link, account


def _lives(process: int) -> bool:
    """Whether a child of ours has not ended."""
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process, flags) is None
    except ChildProcessError:
        return False


def _wait_for(process: int, until: float) -> None:
    """Wait for the end of a child, but not for ever."""
    while time.monotonic() < until:
        try:
            if os.waitpid(process, os.WNOHANG)[0]:
                return
        except ChildProcessError:
            return
        select.select([], [], [], 0.002)
