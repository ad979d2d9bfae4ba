"""The engine's side of the socket of a session: it tells front ends, and takes their orders.

    engine ─▶ Fanout ─▶ the front end of this process
                   └──▶ Switchboard ─▶ a mailbox each ─▶ socket ─▶ other processes

Nothing that a front end does can hold or break the run: it gets what it takes in time, and where
it dies or talks nonsense its connection is closed. Only the owner of the session, and root, may
connect.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from plainbox import __version__
from plainbox.app.messages import (
    FROM_FRONT,
    VERSION,
    Heard,
    Hello,
    Mailbox,
    More,
    Order,
    Over,
    Pause,
    Reply,
    Say,
    Stop,
    Welcome,
    packed,
    receive,
)
from plainbox.errors import StorageError, assert_never
from plainbox.session.events import JobFinished

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from plainbox.app.forecast import Forecast
    from plainbox.app.messages import News
    from plainbox.app.questions import Desk
    from plainbox.app.run import Front
    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.session.secrets import MaskStream
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession

_MOST_CLIENTS: Final = 32
_MOST_REPLIES: Final = 1000
_PATIENCE: Final = 10.0
_LAST_WORDS: Final = 0.5
_PEER: Final = struct.Struct("3i")


class Controls(Protocol):
    """What can be done with a run from outside."""

    def pause(self, why: str) -> None:
        """End what runs and start nothing more."""
        ...

    def end_job(self, job_id: str, why: str) -> bool:
        """End one job; False where it does not run."""
        ...


class Switchboard:
    """All front ends of one run: what there is to tell goes to each, orders come from any."""

    def __init__(self, controls: Controls, desk: Desk | None = None) -> None:
        self._controls = controls
        self._desk = desk
        self._boxes: set[Mailbox] = set()
        self._over: Over | None = None

    def connect(self) -> Mailbox:
        """A mailbox that gets all news from now on."""
        box = Mailbox()
        self._boxes.add(box)
        if self._over is not None:
            box.put(self._over)
        return box

    def leave(self, box: Mailbox) -> None:
        """Put nothing into a mailbox any more."""
        self._boxes.discard(box)

    @property
    def followed(self) -> bool:
        """Whether anybody listens."""
        return bool(self._boxes)

    def tell(self, news: News) -> None:
        """Tell everybody, and who comes later that it is over."""
        self._over = news if isinstance(news, Over) else self._over
        for box in self._boxes:
            box.put(news)

    def obey(self, order: Order, by: str) -> str:
        """Do what a front end wants; return why not, nothing where it is done."""
        match order:
            case Say():
                if self._desk is None:
                    return "nobody asks that"
                return self._desk.answer(order.question, order.answer, by)
            case Pause():
                self._controls.pause(f"paused by {by}")
            case Stop():
                if not self._controls.end_job(order.job, f"stopped by {by}"):
                    return f"{order.job} does not run"
            case _ as never:
                assert_never(never)
        return ""


class Fanout:
    """A front end that tells several: the one of this process, and those at the switchboard.

    None of them hears a secret: what a job prints is masked here.
    """

    def __init__(self, front: Front, switchboard: Switchboard, session: OpenSession) -> None:
        self._front = front
        self._switchboard = switchboard
        self._session = session
        self._masked: dict[tuple[str, int], MaskStream] = {}

    def saw(self, at: Stamp, event: Event, state: State) -> None:
        """An event was committed."""
        if self._masked and isinstance(event, JobFinished):
            for key in [key for key in self._masked if key[0] == event.job]:
                self._tell(*key, self._masked.pop(key).rest())
        self._front.saw(at, event, state)
        self._switchboard.tell(More())

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """A job printed something."""
        mask = self._session.mask
        if mask:
            masked = self._masked.setdefault((job_id, stream), mask.stream())
            content = masked.feed(content)
        self._tell(job_id, stream, content)

    def _tell(self, job_id: str, stream: int, content: bytes) -> None:
        if content:
            self._front.heard(job_id, stream, content)
            if self._switchboard.followed:
                self._switchboard.tell(Heard(job_id, stream, content))

    def before(self, forecast: Forecast) -> None:
        """The tests are planned and will begin."""
        self._front.before(forecast)

    def tick(self) -> None:
        """Some time went by."""
        self._front.tick()


class Server:
    """Listens at the socket of a session for front ends in other processes."""

    def __init__(self, path: Path, switchboard: Switchboard) -> None:
        self._path = path
        self._switchboard = switchboard
        self._server: asyncio.AbstractServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to listen. Raise `StorageError` where that is impossible."""
        import asyncio

        try:
            listening = _bound(self._path)
            self._server = await asyncio.start_unix_server(self._connected, sock=listening)
        except OSError as error:
            raise StorageError(f"nobody else can watch this run: {error}") from error

    async def close(self, *, ended: bool) -> None:
        """Tell everybody that the run is over, and go; nobody can keep us for long."""
        import asyncio

        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                self._path.unlink()
        self._switchboard.tell(Over(ended))
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_LAST_WORDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.sleep(0)  # what was cut off is closed in the next turn of the loop

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import asyncio

        user = _peer(writer)
        if user not in (0, os.geteuid()) or len(self._tasks) >= _MOST_CLIENTS:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer, user_name(user)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str
    ) -> None:
        """Speak with one front end until it goes or the run is over."""
        import asyncio

        box: Mailbox | None = None
        listening: asyncio.Task[None] | None = None
        writing: asyncio.Task[None] | None = None
        try:
            hello = FROM_FRONT.decode(await asyncio.wait_for(receive(reader), _PATIENCE))
            session = self._path.parent.name
            writer.write(packed(Welcome(VERSION, session, __version__)))
            if not isinstance(hello, Hello) or hello.version != VERSION:
                return
            box = self._switchboard.connect()
            listening = asyncio.ensure_future(self._listen(reader, box, user))
            writing = asyncio.ensure_future(_write(writer, box))
            await asyncio.wait({listening, writing}, return_when=asyncio.FIRST_COMPLETED)
        except Exception:  # noqa: BLE001, S110 - whatever a front end does, the run goes on
            pass
        finally:
            if box is not None:
                self._switchboard.leave(box)
            for task in (listening, writing):
                if task is not None:
                    task.cancel()
            await asyncio.gather(*filter(None, (listening, writing)), return_exceptions=True)
            await _hang_up(writer)

    async def _listen(self, reader: asyncio.StreamReader, box: Mailbox, user: str) -> None:
        """Take orders until there are no more, or something that is none comes."""
        try:
            while len(box) < _MOST_REPLIES:
                order = FROM_FRONT.decode(await receive(reader))
                if isinstance(order, Hello):
                    return
                box.put(Reply(order.number, self._switchboard.obey(order, user)))
        except (EOFError, OSError, ValueError):
            return


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, with what was said last, but only if that is taken at once."""
    import asyncio

    with suppress(Exception):
        writer.close()
        try:
            await asyncio.wait_for(writer.wait_closed(), _LAST_WORDS)
        finally:
            writer.transport.abort()


async def _write(writer: asyncio.StreamWriter, box: Mailbox) -> None:
    while True:
        for news in await box.take():
            writer.write(packed(news))
            await writer.drain()
            if isinstance(news, Over):
                return


def _bound(path: Path) -> socket.socket:
    """A socket that the owner alone can connect to, from its first moment on.

    A path in the file system of sockets has at most 107 bytes, so it is named by its folder.
    """
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(listening.fileno(), 0o600)
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
        listening.setblocking(False)  # noqa: FBT003 - its only form
    except BaseException:
        listening.close()
        raise
    finally:
        os.close(folder)
    return listening


def _peer(writer: asyncio.StreamWriter) -> int:
    """The user at the other end."""
    connection: socket.socket = writer.get_extra_info("socket")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    user: int = _PEER.unpack(credentials)[1]
    return user


def user_name(user: int) -> str:
    """The name of a user; the number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
