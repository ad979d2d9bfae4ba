"""The loop that runs a phase: ask `decide`, make it durable, do it, and tell who watches.

    decide ─▶ stage events ─▶ commit (durable) ─▶ start the job ─▶ publish what was committed

The end of one job and the start of the next share a commit. Watchers are told after the next
job was started, so that what they draw costs the run nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.engine.decide import Agenda, Done, Recover, Run, Skip, Wait, decide
from plainbox.engine.execution import Execution, Halt, cached
from plainbox.engine.recovering import recovered
from plainbox.errors import StorageError, assert_never
from plainbox.outcome import Outcome
from plainbox.session.events import Held, JobSkipped

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping

    from plainbox.clock import Stamp
    from plainbox.engine.decide import Abilities, Requirement, Step
    from plainbox.engine.means import Means
    from plainbox.engine.runner import Exit
    from plainbox.planning import RunList
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession

FROM_CACHE: Final = "from the cache: an earlier session asked it (--clear-cache forgets that)"


class Watcher(Protocol):
    """Anything that follows a run; it is told only what is durable."""

    def saw(self, at: Stamp, event: Event, state: State) -> None:
        """An event was committed."""
        ...

    def heard(self, job_id: str, stream: int, content: bytes) -> None:
        """A running job printed something."""
        ...


class Engine:
    """Runs the phases of one session that this process holds."""

    def __init__(
        self,
        session: OpenSession,
        means: Means,
        abilities: Abilities,
        unmet: Requirement,
        watcher: Watcher,
    ) -> None:
        self._session = session
        self._means = means
        self._abilities = abilities
        self._unmet = unmet
        self._watcher = watcher
        self._halt = Halt()
        self._attempt = max(session.state.last_attempt, session.folder.last_attempt())
        self._active: dict[str, Execution] = {}
        self._ready: list[Execution] = []
        self._ends: dict[Execution, Awaitable[Exit] | None] = {}
        self._alarm: asyncio.Future[None] | None = None

    def stop(self, why: str) -> None:
        """End the running jobs and start no other; the session stays resumable."""
        self._halt.reason = self._halt.reason or why
        self._means.runner.interrupt()
        if self._alarm is not None and not self._alarm.done():
            self._alarm.set_result(None)

    def end_job(self, job_id: str, why: str) -> bool:
        """End one running job, which crashed then for this reason; False where it does not run."""
        execution = self._active.get(job_id)
        return execution is not None and self._means.runner.end(execution.attempt, why)

    def _fail(self, why: str) -> None:
        self._halt.failure = self._halt.failure or StorageError(why)
        self.stop(why)

    async def run(self, run_list: RunList, places: int = 1, until: Callable[[], str] = str) -> bool:
        """Give every job of a run list its outcome; False when it was stopped before.

        What only finds something out runs side by side, as many as there are `places`. As soon
        as `until` gives a reason, what is left cannot run. Raise `StorageError` where what came
        of a job cannot be kept.
        """
        agenda = Agenda(run_list, self._session.state, places)
        try:
            await self._go_on(agenda, until)
        finally:
            self.publish()
        if self._halt.failure is not None:
            raise self._halt.failure
        return not self._halt.reason

    async def _go_on(self, agenda: Agenda, until: Callable[[], str]) -> None:
        state = self._session.state
        while self._active or not self._halt.reason:
            step = Wait() if self._halt.reason else self._next(agenda, state, until())
            match step:
                case Run():
                    self._prepare(step, agenda)
                case Skip():
                    self._session.stage(
                        JobSkipped(step.job_id, step.outcome, step.reason, step.unmet)
                    )
                    agenda.settle(step.job_id)
                case Recover():
                    self._recover(step.job_id)
                    agenda.settle(step.job_id)
                case Wait():
                    self._start_prepared(agenda)
                    await self._see_ends(agenda)
                case Done():
                    break
                case _ as never:
                    assert_never(never)

    def _next(self, agenda: Agenda, state: State, over: str) -> Step:
        step = decide(agenda, state, self._abilities, self._unmet, self._active)
        return (
            Skip(step.job.id, Outcome.NOT_SUPPORTED, over)
            if over and isinstance(step, Run)
            else step
        )

    def publish(self) -> None:
        """Commit what is staged and tell the watcher."""
        self._tell(self._session.commit())

    def _tell(self, committed: list[tuple[Stamp, Event]]) -> None:
        for at, event in committed:
            self._watcher.saw(at, event, self._session.state)

    def _prepare(self, step: Run, agenda: Agenda) -> None:
        """Get a job ready to be started with the next commit."""
        job = step.job
        known = cached(step, self._means)
        if known is not None:
            self._session.stage(JobSkipped(job.id, Outcome.PASS, FROM_CACHE), known)
            agenda.settle(job.id)
            return
        self._attempt += 1
        execution = Execution(step, self._attempt, self._session, self._means)
        self._session.stage(*execution.announce())
        agenda.take(job.id)
        self._active[job.id] = execution
        self._ready.append(execution)

    def _start_prepared(self, agenda: Agenda) -> None:
        """Make the starts durable, and only then start."""
        if not self._ready:
            return
        committed = self._session.commit()
        for execution in self._ready:
            tell = partial(self._watcher.heard, execution.job.id)
            end = execution.start(tell, self._fail)
            self._ends[execution] = end if end is None or agenda.places == 1 else _task(end)
        self._ready.clear()
        self._tell(committed)

    async def _see_ends(self, agenda: Agenda) -> None:
        """Wait until something has ended, and take down what came of it."""
        halt = self._halt
        for execution, end in await _first_ended(self._ends):
            del self._ends[execution]
            stayed_up = execution.goes_down and await self._stays_up(end)
            del self._active[execution.job.id]
            if execution.goes_down and halt.reason and halt.failure is None:
                execution.abandon()
                continue
            self._session.stage(*execution.finish(end, halt, stayed_up=stayed_up))
            agenda.settle(execution.job.id)

    async def _stays_up(self, end: Exit | None) -> bool:
        """Wait for the machine to go down; whether it has not, though nobody stopped us."""
        if end is None or end.return_code > 0 or end.timed_out or self._halt.reason:
            return False
        import asyncio

        self._alarm = asyncio.get_running_loop().create_future()
        await asyncio.wait({self._alarm}, timeout=self._means.going_down_seconds)
        self._alarm = None
        return not self._halt.reason

    def _recover(self, job_id: str) -> None:
        """Give a job its outcome that an earlier process started and did not see end."""
        for event in recovered(self._session, job_id):
            self._session.stage(event)
            if isinstance(event, Held):
                self.stop(event.reason)


def _task(end: Awaitable[Exit]) -> asyncio.Future[Exit]:
    """The end of a command, awaited beside others."""
    import asyncio

    return asyncio.ensure_future(end)


async def _first_ended(
    ends: Mapping[Execution, Awaitable[Exit] | None],
) -> list[tuple[Execution, Exit | None]]:
    """The executions that ended, in order of their start, as soon as there is one."""
    if refused := [(execution, None) for execution, end in ends.items() if end is None]:
        return [*refused]
    waited = {execution: end for execution, end in ends.items() if end is not None}
    if len(waited) == 1:
        ((execution, only),) = waited.items()
        return [(execution, await only)]
    import asyncio

    tasks = {execution: _task(end) for execution, end in waited.items()}
    await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
    return [(execution, task.result()) for execution, task in tasks.items() if task.done()]
