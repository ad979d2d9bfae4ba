"""A run from its first event to its last, the same for a new session and a resumed one.

    setup jobs ─▶ bootstrap: resource and local jobs ─▶ plan ─▶ execute ─▶ retry ─▶ ended
                      ▲               │
                      └─ more units ◀─┘

Each stage looks at the state first: what is in the journal already is not done again.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from plainbox import __version__
from plainbox.app.forecast import Forecast, forecast
from plainbox.app.growth import Growth
from plainbox.app.manifest import manifest_records
from plainbox.app.planned import BOOTSTRAP, MAIN, SETUP, Planning
from plainbox.app.way import Way
from plainbox.catalog import executables
from plainbox.diagnostics import Severity, Sink
from plainbox.diagnostics.terminal import headline
from plainbox.engine.access import share_with
from plainbox.engine.environment import Surroundings
from plainbox.engine.leftovers import end_leftovers
from plainbox.engine.loop import Engine, Watcher
from plainbox.engine.means import Means
from plainbox.engine.requirements import Requirements
from plainbox.engine.retrying import to_retry
from plainbox.engine.users import find_account, own_account
from plainbox.errors import StorageError, UsageError
from plainbox.machine import about_machine
from plainbox.outcome import Outcome
from plainbox.planning import Selection, dead_lines, pick, select
from plainbox.session.events import (
    FORMAT,
    Ended,
    JobSkipped,
    Noted,
    Opened,
    ProviderCard,
    Resumed,
    Retrying,
)
from plainbox.units import JobKind

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.app.request import Request
    from plainbox.app.setup import Setup
    from plainbox.app.way import Choices
    from plainbox.engine.decide import Abilities
    from plainbox.engine.runner import Runner
    from plainbox.planning import RunList
    from plainbox.session.store import OpenSession

_TICK_SECONDS: Final = 0.2


class Front(Watcher, Protocol):
    """What a front end gets to know of a run."""

    def before(self, forecast: Forecast) -> None:
        """The tests are planned and will begin."""
        ...

    def tick(self) -> None:
        """Some time went by."""
        ...


def open_session(
    session: OpenSession, setup: Setup, request: Request, choices: Choices | None = None
) -> None:
    """Write the first event of a new session."""
    session.stage(
        Opened(
            format=FORMAT,
            session=session.folder.id,
            title=request.title,
            plan=request.plan.id if request.plan else None,
            request=request.recorded,
            plainbox=__version__,
            sources=setup.sources,
            providers=tuple(
                ProviderCard(owner.name, owner.namespace, owner.version) for owner in setup.owners
            ),
            machine=about_machine(),
            options=choices.recorded if choices else {},
        )
    )
    session.commit()


class Run:
    """One session on its way to its end."""

    def __init__(
        self,
        session: OpenSession,
        setup: Setup,
        request: Request,
        abilities: Abilities,
        environ: Mapping[str, str],
        way: Way | None = None,
    ) -> None:
        self._session = session
        self._owners = setup.session.owners
        self._sink = setup.sink
        self._told = len(setup.sink)
        self._request = request
        self._abilities = abilities
        self._answers = setup.answers
        self._way = way or Way()
        self._environ = environ
        self._growth = Growth(setup.session, setup.sink, {"__system_env__": dict(environ)})
        self._unmet = Requirements(setup.session.manifests, setup.answers)
        self._surroundings = Surroundings(session.folder, environ, self._programs)
        self._engine: Engine | None = None

    async def go(self, front: Front, loop: asyncio.AbstractEventLoop) -> bool:
        """Do what is left to do; False when it was stopped before the end.

        Raise `UsageError` where the session is held and nobody consents to its going on.
        """
        self._take_up()
        runner = self._way.make_runner(loop, self._session.folder.id)
        means = self._means(runner)
        engine = Engine(self._session, means, self._abilities, self._unmet, front)
        self._engine = engine
        _listen(loop, engine)
        ticker = _Ticker(loop, front)
        try:
            return await self._stages(engine, front)
        finally:
            ticker.stop()
            runner.interrupt()
            runner.close()

    def publish(self) -> None:
        """Commit what is staged and tell the front end, once the run is under way."""
        if self._engine is not None:
            self._engine.publish()

    def pause(self, why: str) -> None:
        """End what runs and start nothing more, once the run is under way."""
        if self._engine is not None:
            self._engine.stop(why)

    def end_job(self, job_id: str, why: str) -> bool:
        """End one job; False where it does not run."""
        return self._engine is not None and self._engine.end_job(job_id, why)

    def _means(self, runner: Runner) -> Means:
        way = self._way
        return Means(
            runner=runner,
            surroundings=self._surroundings,
            resume=(*way.resume, self._session.folder.id),
            restart=way.restart,
            cache=way.cache,
            companions=way.companions,
            caller=self._environ,
            timeout=way.choices.timeout,
            going_down_seconds=way.going_down_seconds,
        )

    async def _stages(self, engine: Engine, front: Front) -> bool:
        self._growth.take(self._session.state)
        engine.publish()
        if not (await self._set_up(engine) and await self._bootstrap(engine)):
            return False
        selection = self._select(self._sink)
        if MAIN not in self._session.state.phases:
            self._warn(selection)
        main = self._plan(MAIN, selection.wanted, selection)
        if reason := self._failed_setup():
            self._give_up(main, reason)
        front.before(forecast(main, self._session.state, self._abilities, self._unmet))
        engine.publish()
        if not (await engine.run(main) and await self._retry(engine, main)):
            return False
        self._session.stage(Ended())
        engine.publish()
        return True

    async def _set_up(self, engine: Engine) -> bool:
        """Run the setup jobs, as far as they pass; False when it was stopped."""
        phases = self._session.state.phases
        selection = self._select(Sink())
        if not selection.setup or (SETUP not in phases and phases):
            return True
        setup = self._plan(SETUP, selection.setup, selection)
        engine.publish()
        return await engine.run(setup, until=self._failed_setup)

    def _failed_setup(self) -> str:
        """Why nothing can run: the setup job that failed; empty where none did."""
        state = self._session.state
        for name in state.phases.get(SETUP, ()):
            job = state.jobs[name]
            if job.outcome is not None and job.outcome.bad:
                return f"the setup failed: {name} ({job.reason or job.outcome.look.label})"
        return ""

    async def _bootstrap(self, engine: Engine) -> bool:
        """Find out what the machine has; False when it was stopped.

        What local jobs add may have to be found out in turn.
        """
        state = self._session.state
        while True:
            selection = self._select(Sink())
            bootstrap = self._plan(BOOTSTRAP, self._to_find_out(selection), selection)
            if reason := self._failed_setup():
                self._give_up(bootstrap, reason)
            engine.publish()
            if not await engine.run(bootstrap, self._way.choices.places):
                return False
            if not self._growth.take(state):
                return True

    def _to_find_out(self, selection: Selection) -> Sequence[str]:
        """What the plan lists for its bootstrap, and the local jobs that it selects."""
        jobs = self._growth.catalog.jobs
        local = [
            name for name in selection.wanted if name in jobs and jobs[name].plugin is JobKind.LOCAL
        ]
        return tuple(dict.fromkeys((*selection.bootstrap, *local)))

    async def _retry(self, engine: Engine, main: RunList) -> bool:
        """Run again what failed, as often as a person chose; False when it was stopped."""
        state = self._session.state
        while state.retries < self._way.choices.retry and (again := to_retry(main, state)):
            self._session.stage(Retrying(again))
            engine.publish()
            if not await engine.run(main):
                return False
        return True

    def _give_up(self, run_list: RunList, reason: str) -> None:
        """Give every job that has none the outcome that it cannot run, and why."""
        state = self._session.state
        for job in run_list.jobs:
            if state.outcome_of(job.id) is None:
                self._session.stage(JobSkipped(job.id, Outcome.NOT_SUPPORTED, reason))

    def _take_up(self) -> None:
        """Clean up after the process that had this session before, if there was one."""
        session, forced = self._session, self._way.forced
        if session.state.held and not forced:
            raise UsageError(
                f"the session {session.folder.id} is held: {session.state.held}",
                hints=[f"plainbox resume --force {session.folder.id} goes on with the other jobs"],
            )
        self._keep_manifest()
        self._open_share()
        if session.state.phases:
            session.stage(Resumed(__version__, forced))
            for process in end_leftovers(session.folder.share):
                session.stage(Noted(f"was still running and was ended: {process}"))
            if self._way.restart is not None:
                with suppress(OSError):
                    self._way.restart.diffuse()

    def _open_share(self) -> None:
        """Let every user that jobs run as write to the session share. Raise `StorageError`."""
        share, who = self._session.folder.share, self._abilities
        others = [account for name in who.others if (account := find_account(name))]
        if not others:
            return
        own = own_account()
        normal = next((it for it in others if it.name == who.normal_user), own)
        try:
            share_with(share, normal, [own, *others])
        except OSError as error:
            raise StorageError(f"{share} cannot be shared: {error.strerror}") from error

    def _keep_manifest(self) -> None:
        """Write down what the manifest resource is to say. Raise `StorageError`."""
        path = self._session.folder.manifest
        try:
            path.write_text(manifest_records(self._growth.catalog, self._answers), "utf-8")
            path.chmod(0o644)  # jobs of other users read it too
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error

    def _select(self, sink: Sink) -> Selection:
        request, catalog = self._request, self._growth.catalog
        if request.plan is not None:
            return select(request.plan, catalog, sink)
        return pick(request.patterns, catalog)

    def _warn(self, selection: Selection) -> None:
        """Say, and keep for the reports, what is wrong with the plan and what it selects."""
        dead = list(dead_lines(selection.plans, self._growth.catalog))
        for diagnostic in (*self._sink.found[self._told :], *dead):
            if diagnostic.severity is not Severity.ADVICE:
                self._session.stage(Noted(headline(diagnostic)))
        self._told = len(self._sink)

    def _plan(self, phase: str, wanted: Sequence[str], selection: Selection) -> RunList:
        """The run list of a phase, kept in the journal where that does not have it."""
        planning = Planning(self._growth.catalog, self._session.state, selection)
        run_list = planning.run_list(phase, wanted)
        for event in planning.events(phase, run_list):
            self._session.stage(event)
        return run_list

    def _programs(self, namespace: str) -> Iterator[tuple[str, str]]:
        for owner in self._owners:
            if owner.namespace == namespace:
                yield from executables(owner)


def _listen(loop: asyncio.AbstractEventLoop, engine: Engine) -> None:
    """Let signals pause the run; those that the caller (`nohup`) had us ignore stay ignored.

    Were the end of children ignored, the system would forget their exit codes.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            why = f"ended by {number.name}: the run was paused while it ran"
            loop.add_signal_handler(number, engine.stop, why)


def run_session(run: Run, front: Front) -> bool:
    """Run in an event loop of its own; False when it was stopped before the end."""
    import asyncio

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(run.go(front, loop))
    finally:
        _give_up_tasks(loop)
        loop.close()


def _give_up_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let nothing wait any more for jobs that were ended because of an error."""
    import asyncio

    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


class _Ticker:
    """Lets the front end draw from time to time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, front: Front) -> None:
        self._loop = loop
        self._front = front
        self._handle = loop.call_later(_TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._front.tick()
        self._handle = self._loop.call_later(_TICK_SECONDS, self._tick)

    def stop(self) -> None:
        """Draw no more."""
        self._handle.cancel()
