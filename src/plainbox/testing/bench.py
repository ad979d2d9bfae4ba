"""A bench: some unit files in a folder, run by the real engine, without a terminal.

outcomes = Bench(tmp_path, {"units/a.yaml": "{id: a, plugin: shell, command: 'exit 3'}"}).run("a")
assert outcomes["a"] is Outcome.FAIL
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from plainbox.app.request import understand
from plainbox.app.run import Run, open_session, run_session
from plainbox.app.setup import Setup, set_up
from plainbox.app.way import Way
from plainbox.clock import SystemClock
from plainbox.engine.decide import Abilities
from plainbox.ids import SEPARATOR
from plainbox.session.events import JobStarting
from plainbox.session.logs import read_output
from plainbox.session.store import OpenSession, SessionFolder, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from plainbox.app.forecast import Forecast
    from plainbox.clock import Clock, Stamp
    from plainbox.outcome import Outcome
    from plainbox.session.events import Event
    from plainbox.session.state import JobState, State

NAMESPACE: Final = "org.example"
_MANAGE: Final = f"""\
from plainbox.provider_manager import setup
setup(name="bench", namespace="{NAMESPACE}", version="1.0", description="A bench")
"""


class Outcomes:
    """What came of a run; jobs are asked for by partial or full ids."""

    def __init__(self, folder: SessionFolder, started: list[str], *, ended: bool) -> None:
        self.folder = folder
        self.started = started
        self.ended = ended
        self.state: State = folder.read_state()

    def job(self, job_id: str) -> JobState:
        """All that is known of a job."""
        return self.state.jobs[_full(job_id)]

    def __getitem__(self, job_id: str) -> Outcome | None:
        return self.state.outcome_of(_full(job_id))

    def reason(self, job_id: str) -> str:
        """Why a job has its outcome."""
        return self.job(job_id).reason

    def output(self, job_id: str) -> str:
        """What the last attempt of a job wrote to its standard output."""
        number = self.job(job_id).attempts[-1].number
        return read_output(self.folder.logs, number).decode("utf-8", "replace")


class Bench:
    """A provider in a folder, in the namespace `org.example`, and sessions beside it.

    `clock` may be replaced, as after a restart of the machine, and `abilities` by those of others.
    """

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        """`files` maps paths inside the provider to texts; those in `bin/` become programs."""
        self.clock: Clock = SystemClock()
        self.abilities = Abilities(user="bench")
        self.provider = folder / "provider"
        self.store = Store(folder / "state")
        self.write({"manage.py": _MANAGE, **files})

    def write(self, files: Mapping[str, str]) -> None:
        """Write or replace files of the provider."""
        for name, text in files.items():
            path = self.provider / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            if name.startswith("bin/"):
                path.chmod(0o755)

    def setup(self) -> Setup:
        """The provider, loaded."""
        return set_up([str(self.provider)], os.environ)

    def run(
        self, *words: str, environ: Mapping[str, str] | None = None, way: Way | None = None
    ) -> Outcomes:
        """Run a plan or jobs to the end, in a way that a test may choose."""
        setup = self.setup()
        request = understand(words, setup.session)
        session = OpenSession(self.store.create(request.title), self.clock)
        open_session(session, setup, request, way.choices if way else None)
        return self._go(session, setup, environ, way)

    def resume(self, way: Way | None = None) -> Outcomes:
        """Go on with the newest session that has something left to do."""
        folder = self.store.newest_unfinished()
        assert folder is not None, "no session waits to be resumed"  # noqa: S101 - a test's fault
        return self._go(OpenSession(folder, self.clock), self.setup(), None, way)

    def _go(
        self,
        session: OpenSession,
        setup: Setup,
        environ: Mapping[str, str] | None,
        way: Way | None,
    ) -> Outcomes:
        watcher = _Watcher()
        opened = session.state.opened
        assert opened is not None  # noqa: S101 - every session of a bench was opened
        request = understand(opened.request, setup.session)
        environ = os.environ if environ is None else environ
        try:
            run = Run(session, setup, request, self.abilities, environ, way or Way())
            ended = run_session(run, watcher)
        finally:
            session.close()
        return Outcomes(session.folder, watcher.started, ended=ended)


class _Watcher:
    """Notes the jobs in the order in which they are started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def saw(self, _at: Stamp, event: Event, _state: State) -> None:
        if isinstance(event, JobStarting):
            self.started.append(event.job)

    def heard(self, _job_id: str, _stream: int, _content: bytes) -> None:
        pass

    def before(self, forecast: Forecast) -> None:
        self.forecast = forecast

    def tick(self) -> None:
        pass


def _full(job_id: str) -> str:
    return job_id if SEPARATOR in job_id else f"{NAMESPACE}{SEPARATOR}{job_id}"
