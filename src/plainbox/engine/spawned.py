"""The process of another user that starts the jobs of that user, for one run.

It is made once, by root: forked and turned into the user, without starting a program, since
others may not be able to read plainbox's interpreter. It connects back to the engine, each side
makes sure of the other by what the kernel says of it, and then it does what the engine asks: one
message a packet, the command in an unnamed file, the ends of the pipes beside it. When the
engine is gone, however it went, it ends all that it started and goes too.

    {"start": 7} + command, output, errors  ─▶  {"started": 7} … {"over": 7, "exit": {…}}
                                            or  {"refused": 7, "errno": 2, "why": "…"}
    {"end": 7, "why": "silent for 60 s"}    ─▶
    {"kill": 7}                             ─▶
"""

from __future__ import annotations

import codecs
import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plainbox.engine.containment import Containment, become_subreaper, sweep
from plainbox.engine.supervision import Attempt, Command, Exit, Supervisor
from plainbox.engine.users import Account, find_account

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

_LONGEST: Final = 1 << 18
_MOST_DESCRIPTORS: Final = 3
_PEER: Final = struct.Struct("iII")
_DEAF_TO: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


@dataclass(frozen=True)
class Engine:
    """Where the engine listens, and who it is."""

    address: str
    process: int
    uid: int
    name: str


def peer_of(link: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end, as the kernel knows them."""
    credentials = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    process, uid, _ = _PEER.unpack(credentials)
    return process, uid


def send(link: socket.socket, message: object, descriptors: Sequence[int] = ()) -> None:
    """Send one message. Raise `OSError`."""
    content = json.dumps(message).encode("ascii")
    if descriptors:
        socket.send_fds(link, [content], list(descriptors))
    else:
        link.send(content)


def receive(link: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Receive one message and the descriptors beside it; None at the end. Raise `OSError`."""
    content, descriptors, _, _ = socket.recv_fds(link, _LONGEST, _MOST_DESCRIPTORS)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - recv_fds forgets its flags
    return (json.loads(content) if content else None), descriptors


def spread(engine: Engine, accounts: Iterable[Account]) -> list[int]:
    """As root: fork a spawner for each of these users; their numbers. No thread may exist.

    All that they need is imported before: they may not be able to read it.
    """
    import asyncio  # noqa: F401
    import ctypes  # noqa: F401

    for encoding in ("ascii", "utf-8", "latin-1"):
        codecs.lookup(encoding)
    numbers: list[int] = []
    for account in accounts:
        number = os.fork()
        if number:
            numbers.append(number)
            continue
        code = 1
        try:
            _run(engine, account)
            code = 0
        finally:
            os._exit(code)
    return numbers


def main(words: Sequence[str]) -> None:
    """As root, started by sudo and the like: make spawners, and stay as long as they do."""
    address, process, uid, name, *users = words
    for number in _DEAF_TO:
        signal.signal(number, _ignore)
    engine = Engine(address, int(process), int(uid), name)
    become_subreaper()
    spawners = set(spread(engine, filter(None, map(find_account, users))))
    containment = Containment(engine.name)
    while spawners:
        for spawner in spawners:
            containment.keep(spawner)
        spawners.discard(os.wait()[0])
        containment.end_strays()
    containment.close()
    sweep()


def _ignore(_number: int, _frame: object) -> None:
    """Do nothing; unlike an ignored signal this is not handed on to jobs."""


def _run(engine: Engine, account: Account) -> None:
    """Become a user, connect to the engine, serve it to its end."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    signal.set_wakeup_fd(-1)
    for number in _DEAF_TO:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _ignore)
    containment = Containment(f"{engine.name}-{account.uid}", owner=account.uid)
    os.setgroups(account.groups)
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)
    os.chdir("/")
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link.connect(f"\0{engine.address}")
    if peer_of(link) != (engine.process, engine.uid):
        sys.exit("another process listens where plainbox should")
    _Service(link, containment).serve()


class _Service:
    """Does what the engine asks until it is gone."""

    def __init__(self, link: socket.socket, containment: Containment) -> None:
        import asyncio

        self._link = link
        self._loop = asyncio.new_event_loop()
        self._supervisor = Supervisor(self._loop, containment)
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False

    def serve(self) -> None:
        """Serve until the engine is gone and all that was started with it."""
        self._loop.add_reader(self._link.fileno(), self._hear)
        self._loop.add_signal_handler(signal.SIGTERM, self._leave)
        self._loop.run_forever()
        self._supervisor.close()

    def _hear(self) -> None:
        try:
            message, descriptors = receive(self._link)
        except OSError:
            message, descriptors = None, []
        if message is None:
            self._leave()
        elif "start" in message:
            self._start(message["start"], *descriptors)
        elif attempt := self._supervisor.find(message["end" if "end" in message else "kill"]):
            if "end" in message:
                attempt.end(message["why"])
            else:
                attempt.kill()

    def _start(self, number: int, content: int, output: int, errors: int) -> None:
        try:
            with open(content, "rb") as stream:
                stream.seek(0)
                command = _command(stream.read())
            attempt = self._supervisor.start(command, output, errors)
        except OSError as error:
            self._tell({"refused": number, "errno": error.errno, "why": error.strerror})
        else:
            self._tell({"started": number})
            task = self._loop.create_task(self._follow(number, attempt))
            self._tasks.add(task)
            task.add_done_callback(self._is_over)
        finally:
            os.close(output)
            os.close(errors)

    async def _follow(self, number: int, attempt: Attempt) -> None:
        end = Exit(-signal.SIGKILL, timed_out="plainbox lost sight of it")
        try:
            end = await attempt.over()
        finally:
            self._tell({"over": number, "exit": asdict(end)})

    def _is_over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._leaving and not self._tasks:
            self._loop.stop()

    def _tell(self, message: object) -> None:
        with suppress(OSError):
            send(self._link, message)

    def _leave(self) -> None:
        """End all that was started, then this process."""
        if self._leaving:
            return
        self._leaving = True
        self._loop.remove_reader(self._link.fileno())
        self._supervisor.interrupt()
        if not self._tasks:
            self._loop.stop()


def pack(command: Command) -> int:
    """An unnamed file that holds a command; its descriptor."""
    folder = None if command.folder is None else os.fspath(command.folder)
    content = {**vars(command), "environment": dict(command.environment), "folder": folder}
    descriptor = os.memfd_create("command", os.MFD_CLOEXEC)
    with open(descriptor, "wb", closefd=False) as stream:
        stream.write(json.dumps(content).encode("ascii"))
    return descriptor


def _command(content: bytes) -> Command:
    fields = json.loads(content)
    folder = fields.pop("folder")
    return Command(**fields, folder=None if folder is None else Path(folder))
