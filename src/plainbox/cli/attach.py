"""`plainbox attach`: watch a session that another process runs, from any terminal."""

from __future__ import annotations

import os
import signal
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from plainbox.app.following import Finished, Recorded, attach
from plainbox.app.messages import Heard
from plainbox.app.planned import MAIN
from plainbox.cli.execution import exit_code
from plainbox.cli.options import settings
from plainbox.errors import ExitCode, PlainboxError, UsageError
from plainbox.ids import namespace_of
from plainbox.session.events import JobFinished, Opened
from plainbox.session.keeping import holder
from plainbox.session.logs import OUTPUT
from plainbox.session.state import State, fold
from plainbox.session.store import Store
from plainbox.text import harmless
from plainbox.tui.paper import standard_paper
from plainbox.tui.run_screen import RunScreen
from plainbox.tui.summary import summary

if TYPE_CHECKING:
    import argparse
    import asyncio
    from collections.abc import Callable, Iterator

    from plainbox.app.following import Seen, Session
    from plainbox.session.store import SessionFolder
    from plainbox.tui.run_screen import Paper

KEYS: Final = "d detaches | p pauses"
_DETACH: Final = {"d", "D", "\x03", "\x04"}
_PAUSE: Final = {"p", "P"}
_TICK_SECONDS: Final = 0.2
_TAIL: Final = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "session",
        nargs="?",
        help="its id, or the number it begins with (default: the newest that runs)",
    )
    parser.epilog = "d or Ctrl-C leaves the run alone again, p pauses it"


def handle(options: argparse.Namespace) -> int:
    """Watch a session."""
    import asyncio

    folder = _find(Store(settings().state_folder), options.session)
    paper = standard_paper(os.environ)
    return asyncio.run(_Viewer(folder, paper).watch())


def _find(store: Store, wanted: str | None) -> SessionFolder:
    if wanted is not None:
        return store.find(wanted)
    for folder in store.sessions():
        if holder(folder):
            return folder
    raise UsageError("no session runs on this machine", hints=["plainbox run PLAN begins one"])


class _Viewer:
    """Shows a session as the terminal that began it does."""

    def __init__(self, folder: SessionFolder, paper: Paper) -> None:
        self._folder = folder
        self._paper = paper
        self._state = State()
        self._screen: RunScreen | None = None
        self._heard: set[str] = set()

    async def watch(self) -> int:
        """Show the session until it ends or the person goes; return the exit code."""
        import asyncio

        session = await attach(self._folder)
        watching = asyncio.ensure_future(self._show(session))
        loop = asyncio.get_running_loop()

        def press(key: str) -> None:
            if key in _DETACH:
                watching.cancel()
            elif key in _PAUSE:
                pausing.append(asyncio.ensure_future(_pause(session)))

        pausing: list[asyncio.Future[None]] = []
        try:
            with _keys(loop, press):
                finished = await watching
        except asyncio.CancelledError:
            self._close()
            sys.stdout.write(f"{self._folder.id} goes on: plainbox attach {self._folder.number}\n")
            return ExitCode.WELL
        finally:
            await session.close()
        self._close()
        return self._sum_up(finished)

    def _close(self) -> None:
        if self._screen is not None:
            self._screen.close()

    async def _show(self, session: Session) -> Finished:
        import asyncio

        ticking = asyncio.ensure_future(self._tick())
        try:
            async for seen in session.follow():
                self._take(session, seen)
            return await session.wait()
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        import asyncio

        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if self._screen is not None:
                self._screen.tick()

    def _take(self, session: Session, seen: Seen) -> None:
        if isinstance(seen, Heard) and self._screen is not None:
            self._heard.add(seen.job)
            self._screen.heard(seen.job, seen.stream, seen.content)
        elif isinstance(seen, Recorded):
            fold(self._state, seen.at, seen.event)
            event = seen.event
            if isinstance(event, Opened):
                self._screen = self._begin(event)
            elif self._screen is not None:
                if isinstance(event, JobFinished) and event.job not in self._heard:
                    self._screen.heard(event.job, OUTPUT, _last(session, event.job))
                self._screen.saw(seen.at, event, self._state)

    def _begin(self, opened: Opened) -> RunScreen:
        screen = RunScreen(self._paper, namespace_of(opened.plan) if opened.plan else "")
        screen.keys = KEYS
        screen.header(opened.title, opened.machine.get("host", ""))
        return screen

    def _sum_up(self, finished: Finished) -> int:
        name = self._screen.name if self._screen is not None else str
        self._paper.write(summary(finished.state, self._paper.marks, name, ()))
        if finished.ended and not finished.state.phases.get(MAIN):
            return ExitCode.USAGE
        return exit_code(finished.state)


def _last(session: Session, job_id: str) -> bytes:
    """The end of what a job printed: we may have come too late to hear it."""
    end = b""
    for content in session.output(job_id):
        end = (end + content)[-_TAIL:]
    return end


async def _pause(session: Session) -> None:
    try:
        await session.pause()
    except PlainboxError as error:
        sys.stderr.write(harmless(f"plainbox: {error.message}") + "\n")


@contextmanager
def _keys(loop: asyncio.AbstractEventLoop, press: Callable[[str], None]) -> Iterator[None]:
    """Call `press` with each key that is typed, where there is a terminal, and for Ctrl-C."""
    loop.add_signal_handler(signal.SIGINT, press, "\x03")
    try:
        if sys.stdin.isatty():
            with _typed(loop, sys.stdin.fileno(), press):
                yield
        else:
            yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


@contextmanager
def _typed(
    loop: asyncio.AbstractEventLoop, terminal: int, press: Callable[[str], None]
) -> Iterator[None]:
    """Keys come one by one, and are not shown."""

    def read() -> None:
        key = os.read(terminal, 1)
        if key:
            press(key.decode("ascii", "replace"))
        else:
            loop.remove_reader(terminal)

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    loop.add_reader(terminal, read)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
