"""What every front end speaks to: a session, whether this process runs it or another one.

    set_up ─▶ Setup ─start─▶ Bootstrapping ─▶ Bootstrapped ─▶ Running ─▶ Finished
                                  └───────── attach joins at any point ─────────┘

Events come from the journal, by sequence number, so that a front end can join late and miss none.
What a job prints is told as it happens, and not kept for those who come later: its log has it.
All of it is asynchronous; a front end in the engine's own process shares its loop, and must not
hold it up.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from plainbox.app.client import Connection
from plainbox.app.messages import Heard, Mailbox, Missed, Order, Over, Pause, Say, Stop
from plainbox.app.planned import MAIN
from plainbox.errors import UsageError
from plainbox.session.journal import Journal
from plainbox.session.secrets import ShownLogs
from plainbox.session.state import State, fold

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from plainbox.clock import Stamp
    from plainbox.session.events import Answer, Event, JobCard
    from plainbox.session.store import SessionFolder


class Recorded(NamedTuple):
    """An event, its number in the journal, and the moment at which it happened."""

    number: int
    at: Stamp
    event: Event


@dataclass(frozen=True)
class Bootstrapping:
    """It is being found out what the machine has."""


@dataclass(frozen=True)
class Bootstrapped:
    """It stands which jobs will run, in which order; `left_out` says why others cannot."""

    jobs: tuple[JobCard, ...]
    left_out: dict[str, str]


@dataclass(frozen=True)
class Running:
    """So many of the jobs that were planned have their outcome; `running` are under way."""

    done: int
    planned: int
    running: tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    """The run is over; where the session has not ended it was paused and can be resumed."""

    ended: bool
    state: State


Stage: TypeAlias = Bootstrapping | Bootstrapped | Running | Finished
Seen: TypeAlias = Recorded | Heard | Missed


class Line(Protocol):
    """The way to the process that runs a session."""

    def connect(self) -> Mailbox:
        """A mailbox that gets all news from now on."""
        ...

    def leave(self, box: Mailbox) -> None:
        """Put nothing into a mailbox any more."""
        ...

    async def order(self, order: Order) -> str:
        """Give an order; return why it is refused, nothing where it is done."""
        ...

    async def wait(self) -> bool:
        """Wait for the end of the run; whether the session has ended."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...


class Session:
    """A session that is run, here or elsewhere."""

    def __init__(self, folder: SessionFolder, line: Line) -> None:
        self.folder = folder
        self._line = line
        self._state = State()
        self._number = 0

    @property
    def id(self) -> str:
        """The id of the session."""
        return self.folder.id

    @property
    def state(self) -> State:
        """What folds from all events so far; it grows with the next look. Raise `StorageError`."""
        for number, at, event in self._read(self._number):
            fold(self._state, at, event)
            self._number = number
        return self._state

    @property
    def stage(self) -> Stage:
        """How far it is. Raise `StorageError`."""
        state = self.state
        planned = state.phases.get(MAIN)
        if state.ended:
            return Finished(ended=True, state=state)
        if planned is None:
            return Bootstrapping()
        jobs = [state.jobs[name] for name in planned]
        if not any(job.attempts or job.outcome for job in jobs):
            return Bootstrapped(tuple(job.card for job in jobs), state.left_out)
        done = sum(job.outcome is not None for job in jobs)
        return Running(done, len(jobs), tuple(state.running))

    async def follow(self, after: int = 0) -> AsyncIterator[Seen]:
        """Every event after a number, and meanwhile what jobs print, until the run is over."""
        box = self._line.connect()
        try:
            over = False
            for recorded in self._read(after):
                after = recorded.number
                yield recorded
            while not over:
                for news in await box.take():
                    if isinstance(news, Heard | Missed):
                        yield news
                        continue
                    over = over or isinstance(news, Over)
                    for recorded in self._read(after):
                        after = recorded.number
                        yield recorded
        finally:
            self._line.leave(box)

    async def events(self, after: int = 0) -> AsyncIterator[Recorded]:
        """Every event after a number, until the run is over."""
        async for seen in self.follow(after):
            if isinstance(seen, Recorded):
                yield seen

    def output(self, job_id: str, after: int = 0) -> Iterator[bytes]:
        """What the last attempt of a job has printed so far, from its so manieth byte on.

        Secrets are masked; bytes are counted as they are shown.
        """
        state = self.state
        attempts = state.jobs[job_id].attempts if job_id in state.jobs else []
        if not attempts:
            return
        whole = attempts[-1].outcome is not None
        for chunk in ShownLogs(self.folder.logs).read(attempts[-1].number, whole=whole):
            shown = chunk.content[after:]
            after = max(0, after - len(chunk.content))
            if shown:
                yield shown

    async def answer(self, question_id: str, answer: Answer) -> None:
        """Answer a question. Raise `UsageError` where the answer does not count."""
        await self._order(Say(question_id, answer))

    async def stop(self, job_id: str) -> None:
        """End a job that runs. Raise `UsageError` where it does not."""
        await self._order(Stop(job_id))

    async def pause(self) -> None:
        """End what runs and start nothing more; the session can be resumed."""
        await self._order(Pause())

    async def wait(self) -> Finished:
        """Wait until the run is over. Raise `StorageError` where it broke down."""
        return Finished(ended=await self._line.wait(), state=self.state)

    async def close(self) -> None:
        """Look no more. A run of another process goes on; one of this process is paused."""
        await self._line.close()

    async def _order(self, order: Order) -> None:
        if refused := await self._line.order(order):
            raise UsageError(refused)

    def _read(self, after: int) -> list[Recorded]:
        """The events after a number; the journal is not kept open: its writer wants to seal it."""
        with closing(Journal(self.folder.journal)) as journal:
            return [Recorded(*row) for row in journal.read(after)]


async def attach(folder: SessionFolder) -> Session:
    """Join a session that another process runs.

    Raise `UsageError` where none does, `StorageError` where it cannot be understood.
    """
    return Session(folder, await Connection.open(folder))
