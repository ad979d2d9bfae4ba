"""What a front end and the process that runs a session say to each other.

Each message is four bytes of length, the highest first, and a JSON object whose `type` names it.
The front end begins with `hello`; `welcome` answers it. Events are not among the messages: they
are in the journal, which a front end reads by sequence number when it hears that there is more.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from plainbox.errors import StorageError
from plainbox.session.events import Answer

if TYPE_CHECKING:
    import asyncio

VERSION: Final = 1
"""Grows with each change that a front end of the version before could not live with."""

LARGEST: Final = 1 << 20
"""Bytes of the largest message; whoever sends more is not listened to any longer."""

MOST_WAITING: Final = 1 << 18
"""How many bytes of output wait for a front end that is slow; what is more it misses."""

_EXTRA: Final = 64
_LENGTH: Final = 4


class Message(msgspec.Struct, frozen=True, omit_defaults=True, tag=str.lower):
    """One message, of either side."""


class Hello(Message, frozen=True):
    """A front end wants to follow the run."""

    version: int = VERSION


class Reply(Message, frozen=True):
    """What became of an order: done, or refused for a reason."""

    number: int
    refused: str = ""


class Say(Message, frozen=True):
    """A person answers a question; the first answer counts."""

    question: str
    answer: Answer
    number: int = 0


class Stop(Message, frozen=True):
    """End this job, and go on with the next."""

    job: str
    number: int = 0


class Pause(Message, frozen=True):
    """End what runs, and start nothing more; the session can be resumed."""

    number: int = 0


class Welcome(Message, frozen=True):
    """The run can be followed from now on."""

    version: int
    session: str
    plainbox: str


class More(Message, frozen=True):
    """There are events in the journal that were not there before."""


class Heard(Message, frozen=True):
    """A job printed something; `content` is fit to be shown to anybody who may watch."""

    job: str
    stream: int
    content: bytes


class Missed(Message, frozen=True):
    """Some output was not told, because it came faster than it was taken; the log has it."""

    size: int


class Over(Message, frozen=True):
    """The run is over: the session has ended, or it was paused."""

    ended: bool


Order: TypeAlias = Say | Stop | Pause
News: TypeAlias = More | Heard | Missed | Over | Reply
FromFront: TypeAlias = Hello | Say | Stop | Pause
FromEngine: TypeAlias = Welcome | More | Heard | Missed | Over | Reply

_ENCODER: Final = msgspec.json.Encoder()
FROM_FRONT: Final[msgspec.json.Decoder[FromFront]] = msgspec.json.Decoder(FromFront)
FROM_ENGINE: Final[msgspec.json.Decoder[FromEngine]] = msgspec.json.Decoder(FromEngine)


def packed(message: Message) -> bytes:
    """A message as it is sent."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(_LENGTH, "big") + body


async def receive(reader: asyncio.StreamReader) -> bytes:
    """The body of the next message. Raise `EOFError` at the end, `ValueError` for a large one."""
    length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    return await reader.readexactly(length)


class Mailbox:
    """News in their order, waiting to be taken; never more than a limit of output."""

    def __init__(self, limit: int = MOST_WAITING) -> None:
        import asyncio

        self._limit = limit
        self._size = 0
        self._news: deque[News] = deque()
        self._there = asyncio.Event()

    def __len__(self) -> int:
        return len(self._news)

    def put(self, news: News) -> None:
        """Add something; it takes no time, and output for which there is no room is dropped."""
        if isinstance(news, Heard) and self._size + len(news.content) > self._limit:
            news = Missed(len(news.content))
        if not self._joined(news):
            self._news.append(news)
            self._size += len(news.content) + _EXTRA if isinstance(news, Heard) else 0
        self._there.set()

    def _joined(self, news: News) -> bool:
        """Whether one of the last two says it too: between `more` and `missed` order is nothing."""
        for place in range(-1, -1 - min(2, len(self._news)), -1):
            there = self._news[place]
            if isinstance(there, More) and isinstance(news, More):
                return True
            if isinstance(there, Missed) and isinstance(news, Missed):
                self._news[place] = Missed(there.size + news.size)
                return True
            if not isinstance(there, More | Missed):
                return False
        return False

    async def take(self) -> list[News]:
        """All that waits, as soon as there is something."""
        await self._there.wait()
        self._there.clear()
        taken = list(self._news)
        self._news.clear()
        self._size = 0
        return taken


def check_welcome(body: bytes) -> None:
    """Read the answer to a hello. Raise `StorageError` where it is in another language."""
    welcome = msgspec.json.decode(body, type=Welcome)
    if welcome.version != VERSION:
        raise StorageError(
            f"the session {welcome.session} is run by plainbox {welcome.plainbox}, which speaks "
            f"another language ({welcome.version}, not {VERSION})",
            hints=["use the plainbox that runs it"],
        )
