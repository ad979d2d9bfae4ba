"""A front end's side of the socket of a session that another process runs."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from plainbox.app.messages import (
    FROM_ENGINE,
    Hello,
    Mailbox,
    Order,
    Over,
    Reply,
    Welcome,
    check_welcome,
    packed,
    receive,
)
from plainbox.errors import StorageError, UsageError

if TYPE_CHECKING:
    import asyncio

    from plainbox.session.store import SessionFolder

_PATIENCE: Final = 10.0


class Connection:
    """What is told of a run, for any number of mailboxes, and the way to give orders."""

    def __init__(
        self, folder: SessionFolder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over an open connection on which both sides have said who they are."""
        import asyncio

        self._folder = folder
        self._reader = reader
        self._writer = writer
        self._boxes: set[Mailbox] = set()
        self._replies: dict[int, asyncio.Future[str]] = {}
        self._number = 0
        self._over: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self._listen())

    @classmethod
    async def open(cls, folder: SessionFolder) -> Connection:
        """Connect to the process that runs a session.

        Raise `UsageError` where none does, `StorageError` where it cannot be understood.
        """
        import asyncio

        try:
            reader, writer = await _connected(folder)
        except PermissionError:
            raise UsageError(f"the session {folder.id} belongs to another user") from None
        except OSError:
            raise UsageError(
                f"nobody runs the session {folder.id} just now",
                hints=[f"plainbox resume {folder.number} goes on with it, if it has not ended"],
            ) from None
        try:
            writer.write(packed(Hello()))
            check_welcome(await asyncio.wait_for(receive(reader), _PATIENCE))
        except (EOFError, OSError, ValueError, asyncio.TimeoutError) as error:
            writer.close()
            message = f"the process that runs {folder.id} does not answer"
            raise StorageError(message) from error
        except StorageError:
            writer.close()
            raise
        return cls(folder, reader, writer)

    def connect(self) -> Mailbox:
        """A mailbox that gets all news from now on."""
        box = Mailbox()
        self._boxes.add(box)
        if self._over.done():
            box.put(Over(self._ended()))
        return box

    def leave(self, box: Mailbox) -> None:
        """Put nothing into a mailbox any more."""
        self._boxes.discard(box)

    async def order(self, order: Order) -> str:
        """Give an order; return why it is refused, nothing where it is done."""
        import asyncio

        if self._over.done():
            return "the run is over"
        self._number += 1
        reply = asyncio.get_running_loop().create_future()
        self._replies[self._number] = reply
        self._writer.write(packed(msgspec.structs.replace(order, number=self._number)))
        refused: str = await reply
        return refused

    async def wait(self) -> bool:
        """Wait for the end of the run; whether the session has ended.

        Raise `StorageError` where the process that ran it is gone all of a sudden.
        """
        import asyncio

        return await asyncio.shield(self._over)

    async def close(self) -> None:
        """Listen no more; the run goes on."""
        import asyncio

        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _listen(self) -> None:
        ended: bool | None = None
        try:
            while ended is None:
                news = FROM_ENGINE.decode(await receive(self._reader))
                if isinstance(news, Reply):
                    self._replies.pop(news.number).set_result(news.refused)
                elif isinstance(news, Over):
                    ended = news.ended
                elif not isinstance(news, Welcome):
                    for box in self._boxes:
                        box.put(news)
        except (EOFError, OSError, ValueError, LookupError):
            pass
        finally:
            self._finish(ended)

    def _finish(self, ended: bool | None) -> None:  # noqa: FBT001 - three cases
        if ended is not None:
            self._over.set_result(ended)
        else:
            self._over.set_exception(
                StorageError(
                    f"the process that ran {self._folder.id} is gone",
                    hints=[f"plainbox resume {self._folder.number}"],
                )
            )
            self._over.exception()  # asked for, so that nobody complains that nobody asked
        for reply in self._replies.values():
            reply.set_result("the run is over")
        for box in self._boxes:
            box.put(Over(self._ended()))

    def _ended(self) -> bool:
        return self._over.exception() is None and self._over.result()


async def _connected(
    folder: SessionFolder,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect by way of the folder: the whole path can be too long for a socket."""
    import asyncio

    place = os.open(folder.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{place}/{folder.socket.name}")
    finally:
        os.close(place)
