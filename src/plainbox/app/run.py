"""A run from its first event to its last, the same for a new session and a resumed one.

    Setup ─▶ bootstrap: resource jobs ─▶ templates become jobs ─▶ plan ─▶ execute ─▶ ended

Each stage looks at the state first: what is in the journal already is not done again.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final, Protocol

from plainbox import __version__
from plainbox.app.forecast import Forecast, forecast
from plainbox.app.manifest import manifest_records
from plainbox.catalog import executables
from plainbox.diagnostics import Severity, Sink
from plainbox.diagnostics.terminal import headline
from plainbox.engine.environment import Surroundings
from plainbox.engine.leftovers import end_leftovers
from plainbox.engine.loop import Engine, Watcher
from plainbox.engine.requirements import Requirements
from plainbox.engine.runner import ProcessRunner
from plainbox.errors import StorageError
from plainbox.machine import about_machine
from plainbox.outcome import Outcome
from plainbox.planning import Selection, arrange, dead_lines, family, instantiate, pick, select
from plainbox.session.events import (
    FORMAT,
    Ended,
    JobCard,
    JobSkipped,
    LeftOutCard,
    Noted,
    Opened,
    Planned,
    ProviderCard,
    Resumed,
)
from plainbox.units import Job

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.app.request import Request
    from plainbox.app.setup import Setup
    from plainbox.engine.decide import Abilities
    from plainbox.fields import Unit
    from plainbox.planning import RunList
    from plainbox.session.store import OpenSession
    from plainbox.units import Template

BOOTSTRAP: Final = "bootstrap"
MAIN: Final = "main"
CHANGED: Final = "was changed in its provider after it ran: the outcome is of what it was"
_TICK_SECONDS: Final = 0.2


class Front(Watcher, Protocol):
    """What a front end gets to know of a run."""

    def before(self, forecast: Forecast) -> None:
        """The tests are planned and will begin."""
        ...

    def tick(self) -> None:
        """Some time went by."""
        ...


def open_session(session: OpenSession, setup: Setup, request: Request) -> None:
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
    ) -> None:
        self._session = session
        self._catalog = setup.session
        self._sink = setup.sink
        self._told = len(setup.sink)
        self._request = request
        self._abilities = abilities
        self._answers = setup.answers
        self._unmet = Requirements(self._catalog.manifests, setup.answers)
        self._extras = {"__system_env__": dict(environ)}
        self._surroundings = Surroundings(session.folder, environ, self._programs)

    async def go(self, front: Front, loop: asyncio.AbstractEventLoop) -> bool:
        """Do what is left to do; False when it was stopped before the end."""
        runner = ProcessRunner(loop)
        engine = Engine(
            self._session,
            runner,
            self._surroundings,
            self._abilities,
            self._unmet,
            front,
        )
        _listen(loop, engine)
        ticker = _Ticker(loop, front)
        try:
            return await self._stages(engine, front)
        finally:
            ticker.stop()
            runner.interrupt()

    async def _stages(self, engine: Engine, front: Front) -> bool:
        self._take_up()
        first = self._plan(BOOTSTRAP, self._select(Sink()).bootstrap)
        engine.publish()
        if not await engine.run(first):
            return False
        self._instantiate()
        selection = self._select(self._sink)
        if MAIN not in self._session.state.phases:
            self._warn(selection)
        main = self._plan(MAIN, selection.wanted, selection)
        front.before(forecast(main, self._session.state, self._abilities, self._unmet))
        engine.publish()
        if not await engine.run(main):
            return False
        self._session.stage(Ended())
        engine.publish()
        return True

    def _take_up(self) -> None:
        """Clean up after the process that had this session before, if there was one."""
        self._keep_manifest()
        session = self._session
        if session.state.phases:
            session.stage(Resumed(__version__))
            for process in end_leftovers(session.folder.share):
                session.stage(Noted(f"was still running and was ended: {process}"))

    def _keep_manifest(self) -> None:
        """Write down what the manifest resource is to say. Raise `StorageError`."""
        path = self._session.folder.manifest
        try:
            path.write_text(manifest_records(self._catalog, self._answers), "utf-8")
            path.chmod(0o644)  # jobs of other users read it too
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error

    def _select(self, sink: Sink) -> Selection:
        request = self._request
        if request.plan is not None:
            return select(request.plan, self._catalog, sink)
        return pick(request.patterns, self._catalog)

    def _instantiate(self) -> None:
        """Add what templates, and templates that they made, make of the bootstrap's records."""
        resources = self._session.state.resources
        seen: set[Template] = set()
        while fresh := [
            template
            for resource in resources
            for template in self._catalog.templates_by_resource.get(resource, ())
            if template not in seen
        ]:
            seen.update(fresh)
            for template in fresh:
                records = resources[template.template_resource]
                made = instantiate(template, records, self._sink, extras=self._extras)
                self._catalog = self._catalog.extended(_with_copies(made))

    def _warn(self, selection: Selection) -> None:
        """Say, and keep for the reports, what is wrong with the plan and what it selects."""
        dead = list(dead_lines(selection.plans, self._catalog))
        for diagnostic in (*self._sink.found[self._told :], *dead):
            if diagnostic.severity is not Severity.ADVICE:
                self._session.stage(Noted(headline(diagnostic)))
        self._told = len(self._sink)

    def _plan(
        self, phase: str, wanted: Sequence[str], selection: Selection | None = None
    ) -> RunList:
        """The run list of a phase; one that the journal has stays what it was."""
        state = self._session.state
        planned = state.phases.get(phase)
        jobs = self._catalog.jobs
        kept = wanted if planned is None else [name for name in planned if name in jobs]
        run_list = arrange(jobs, kept)
        cards = tuple(self._card(job, selection) for job in run_list.jobs)
        left_out = tuple(
            LeftOutCard(self._card(jobs[out.job_id], selection), out.message)
            for out in run_list.left_out
            if out.job_id in jobs
        )
        if planned is None or cards != tuple(state.jobs[name].card for name in planned):
            self._session.stage(Planned(phase, cards, left_out))
        for job_id, reason in _not_in(run_list, planned or ()):
            if job_id not in state.jobs:
                self._session.stage(Noted(reason))
            elif state.outcome_of(job_id) is None:
                self._session.stage(JobSkipped(job_id, Outcome.NOT_SUPPORTED, reason))
        return run_list

    def _card(self, job: Job, selection: Selection | None) -> JobCard:
        """What the journal holds of a job; what it holds of one that did not change stays."""
        state = self._session.state
        known = state.jobs.get(job.id)
        if known is not None:
            same = known.card.checksum == job.checksum
            if same and MAIN in state.phases:
                return known.card
            if not same and known.outcome is not None:
                if CHANGED not in known.notes:
                    self._session.stage(Noted(CHANGED, job.id))
                return known.card

        def effective(field: str, own: str) -> str:
            override = selection.override(job.id, field) if selection else None
            return own if override is None else override

        category_id = effective("category_id", job.category_id)
        category = self._catalog.categories.get(category_id)
        return JobCard(
            id=job.id,
            checksum=job.checksum,
            kind=job.plugin.value,
            summary=job.summary,
            category=category_id,
            category_name=category.name if category else category_id,
            certification_status=effective("certification_status", job.certification_status),
            template=job.instance.template_id if job.instance else None,
            duration=job.estimated_duration,
        )

    def _programs(self, namespace: str) -> Iterator[tuple[str, str]]:
        for owner in self._catalog.owners:
            if owner.namespace == namespace:
                yield from executables(owner)


def _with_copies(units: Iterable[Unit]) -> Iterator[Unit]:
    for unit in units:
        if isinstance(unit, Job):
            yield from family(unit)
        else:
            yield unit


def _not_in(run_list: RunList, planned: Sequence[str]) -> Iterator[tuple[str, str]]:
    for out in run_list.left_out:
        yield out.job_id, out.message
    known = {job.id for job in run_list.jobs} | {out.job_id for out in run_list.left_out}
    for job_id in planned:
        if job_id not in known:
            yield job_id, "its definition is gone from the provider"


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
        loop.close()


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
