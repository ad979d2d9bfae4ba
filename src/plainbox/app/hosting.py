"""Running a session in this process so that others can watch it too."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from plainbox.app.following import Session
from plainbox.app.questions import Desk
from plainbox.app.request import recall, understand
from plainbox.app.run import Run, open_session
from plainbox.app.server import Fanout, Server, Switchboard, user_name
from plainbox.clock import SystemClock
from plainbox.config import Settings
from plainbox.engine.decide import Abilities
from plainbox.errors import StorageError, UsageError
from plainbox.session.events import Noted
from plainbox.session.store import OpenSession

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.app.forecast import Forecast
    from plainbox.app.messages import Mailbox, Order
    from plainbox.app.request import Request
    from plainbox.app.run import Front
    from plainbox.app.setup import Setup
    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.session.store import SessionFolder, Store


async def host(session: OpenSession, run: Run, front: Front, switchboard: Switchboard) -> bool:
    """Do what is left to do while others may watch; False when it was stopped before the end."""
    import asyncio

    server = Server(session.folder.socket, switchboard)
    try:
        await server.open()
    except StorageError as error:
        session.stage(Noted(error.message))
    ended = False
    try:
        fanout = Fanout(front, switchboard, session)
        ended = await run.go(fanout, asyncio.get_running_loop())
    finally:
        await server.close(ended=ended)
    return ended


def host_session(session: OpenSession, run: Run, front: Front) -> bool:
    """Run in an event loop of its own; False when it was stopped before the end."""
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(
            host(session, run, front, Switchboard(run, Desk(session, run.publish)))
        )
    finally:
        loop.close()


def start(
    setup: Setup,
    words: Sequence[str],
    store: Store,
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Session:
    """Begin a session for a plan, or for jobs, and run it in the loop that runs just now.

    `secrets` are variables whose values nobody is to see, by default those whose names say so.
    Raise `UsageError` or `StorageError`.
    """
    request = understand(words, setup.session)
    with _opened(store.create(request.title), _concealed(secrets, environ)) as session:
        open_session(session, setup, request)
        return _run(session, setup, request, environ)


def resume(
    setup: Setup,
    folder: SessionFolder,
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Session:
    """Go on with a session in the loop that runs just now.

    Raise `UsageError` where nothing is left to do, `SessionBusy` where another process has it.
    """
    if not folder.unfinished():
        raise UsageError(f"nothing is left to do in the session {folder.id}")
    with _opened(folder, _concealed(secrets, environ)) as session:
        return _run(session, setup, recall(session.state, setup.session), environ)


def _concealed(
    secrets: Mapping[str, str] | None, environ: Mapping[str, str] | None
) -> Mapping[str, str]:
    if secrets is not None:
        return secrets
    environ = os.environ if environ is None else environ
    conceals = Settings({}, environ).conceals
    return {name: value for name, value in environ.items() if conceals(name)}


@contextmanager
def _opened(folder: SessionFolder, secrets: Mapping[str, str]) -> Iterator[OpenSession]:
    """A session that is closed where it cannot be run."""
    session = OpenSession(folder, SystemClock())
    try:
        session.conceal(secrets)
        yield session
    except BaseException:
        session.close()
        raise


def _run(
    session: OpenSession, setup: Setup, request: Request, environ: Mapping[str, str] | None
) -> Session:
    environ = dict(os.environ) if environ is None else environ
    run = Run(session, setup, request, Abilities(user_name(os.geteuid())), environ)
    return Session(session.folder, _Here(session, run))


class _Here:
    """The way to a run of this very process."""

    def __init__(self, session: OpenSession, run: Run) -> None:
        import asyncio

        self._session = session
        self._run = run
        self.desk = Desk(session, run.publish)
        self._switchboard = Switchboard(run, self.desk)
        self._task: asyncio.Task[bool] = asyncio.get_running_loop().create_task(self._go())

    async def _go(self) -> bool:
        try:
            return await host(self._session, self._run, _Nobody(), self._switchboard)
        finally:
            self._session.close()

    def connect(self) -> Mailbox:
        """A mailbox that gets all news from now on."""
        return self._switchboard.connect()

    def leave(self, box: Mailbox) -> None:
        """Put nothing into a mailbox any more."""
        self._switchboard.leave(box)

    async def order(self, order: Order) -> str:
        """Give an order; return why it is refused, nothing where it is done."""
        if self._task.done():
            return "the run is over"
        return self._switchboard.obey(order, user_name(os.geteuid()))

    async def wait(self) -> bool:
        """Wait for the end of the run; whether the session has ended."""
        import asyncio

        return await asyncio.shield(self._task)

    async def close(self) -> None:
        """Pause the run, if it goes on."""
        if not self._task.done():
            self._run.pause(f"paused by {user_name(os.geteuid())}")
        with suppress(StorageError):
            await self.wait()


class _Nobody:
    """A front end that looks at nothing."""

    def saw(self, at: Stamp, event: Event, state: State) -> None:
        """An event was committed."""

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """The running job printed something."""

    def before(self, forecast: Forecast) -> None:
        """The tests are planned and will begin."""

    def tick(self) -> None:
        """Some time went by."""
