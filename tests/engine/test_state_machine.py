"""Sessions with random plans, outcomes, kills, restarts and resumes, against a model.

The real loop runs with a runner that starts nothing. Being killed is an exception at a write to
the journal, after which this process of plainbox does nothing any more; the next step is another
one. The model says for every job what its outcome has to be, from how it ends, what it depends
on, and what was going on when plainbox died.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plainbox.app.request import understand
from plainbox.app.run import Run, open_session, run_session
from plainbox.app.way import Choices, Way
from plainbox.clock import Stamp, SystemClock
from plainbox.engine.decide import Abilities
from plainbox.engine.runner import Exit
from plainbox.outcome import Outcome
from plainbox.session.logs import OUTPUT
from plainbox.session.store import OpenSession
from plainbox.testing import Bench, FakeRunner
from plainbox.testing.bench import _Watcher

if TYPE_CHECKING:
    from plainbox.app.setup import Setup
    from plainbox.engine.runner import Command
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.testing.fake_runner import Output

STEPS = int(os.environ.get("PLAINBOX_STEPS", "400"))
"""How many steps are done in all; `PLAINBOX_STEPS=10000` looks harder."""
_STEPS_A_RUN = 20
ENDS = {
    Outcome.PASS: Exit(0),
    Outcome.FAIL: Exit(1),
    Outcome.CRASH: Exit(-11),
}


class Killed(BaseException):
    """This process of plainbox was killed."""


class Mortal(OpenSession):
    """A session whose process dies at a chosen write, before or after it."""

    die_at = 0
    die_before = True
    _dead = False
    _writes = 0

    def commit(self) -> list[tuple[Stamp, Event]]:
        if self._dead:
            raise Killed
        self._writes += 1
        last = self._writes == self.die_at
        if last and self.die_before:
            self._dead = True
            raise Killed
        committed = super().commit()
        if last:
            self._dead = True
            raise Killed
        return committed


class Boot(SystemClock):
    def __init__(self, number: int) -> None:
        super().__init__()
        self._boot = f"boot-{number}"


@dataclass
class Planned:
    """A job of the model: how each of its attempts ends, the last one for ever."""

    name: str
    kind: str
    ends: list[Outcome]
    depends: list[str]
    after: list[str]
    noreturn: bool

    @property
    def full(self) -> str:
        return f"org.example::{self.name}"

    def text(self) -> str:
        lines = [f"id: {self.name}", f"plugin: {self.kind}", f"command: {self.name}"]
        lines += [f"depends: {' '.join(self.depends)}"] if self.depends else []
        lines += [f"after: {' '.join(self.after)}"] if self.after else []
        lines += ["flags: noreturn"] if self.noreturn else []
        return "\n".join(lines) + "\n"


@st.composite
def plans(draw: st.DrawFn) -> list[Planned]:
    number = draw(st.integers(1, 7))
    jobs: list[Planned] = []
    for index in range(number):
        earlier = st.lists(st.sampled_from([job.name for job in jobs]), max_size=2, unique=True)
        some = earlier if jobs else st.just([])
        kind = draw(st.sampled_from(["shell", "shell", "resource", "attachment"]))
        ends = draw(st.lists(st.sampled_from(list(ENDS)), min_size=1, max_size=2))
        noreturn = kind == "shell" and draw(st.integers(0, 2)) == 0
        depends, after = draw(some), draw(some)
        jobs.append(Planned(f"j{index}", kind, ends, depends, after, noreturn))
    return jobs


@dataclass
class Model:
    """What is known of a session from outside."""

    jobs: dict[str, Planned]
    retry: int
    starts: Counter[str] = field(default_factory=Counter)
    interrupted: dict[str, Outcome] = field(default_factory=dict)
    known: dict[str, Outcome] = field(default_factory=dict)

    def expected(self, job: Planned, state: State) -> Outcome:
        """The outcome of a job that was planned once and never retried."""
        if any(state.outcome_of(self.jobs[it].full) is not Outcome.PASS for it in job.depends):
            return Outcome.SKIPPED_DEPENDENCY
        if job.name in self.interrupted:
            return self.interrupted[job.name]
        if job.noreturn and job.ends[0] is Outcome.CRASH:
            return Outcome.CRASH
        if job.noreturn:
            return Outcome.FAIL  # it comes back although it said that it would not
        return job.ends[0]


class Sessions(RuleBasedStateMachine):
    """Begin a session, kill it, restart the machine, resume it, until it has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="plainbox-model-"))
        self.boot = 0
        self.state: State | None = None

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(jobs=plans(), places=st.integers(1, 4), retry=st.sampled_from([0, 0, 1, 2]))
    def plan(self, jobs: list[Planned], places: int, retry: int) -> None:
        finding = [job.name for job in jobs if job.kind != "shell" and not job.depends]
        plan = "unit: test plan\nid: plan\nname: P\n"
        plan += f"bootstrap_include: {' '.join(finding)}\n" if finding else ""
        plan += "include:\n" + "".join(f" {job.name}\n" for job in jobs)
        texts = [*(job.text() for job in jobs), plan]
        self.bench = Bench(self.folder, {"units/all.pxu": "\n".join(texts)})
        self.setup: Setup = self.bench.setup()
        self.model = Model({job.name: job for job in jobs}, retry)
        self.choices = Choices(retry=retry, jobs=places)

    @precondition(lambda self: self.over)
    @rule(jobs=plans(), places=st.integers(1, 4), retry=st.sampled_from([0, 0, 1, 2]))
    def begins_another(self, jobs: list[Planned], places: int, retry: int) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.state = None
        self.plan(jobs, places, retry)

    @property
    def over(self) -> bool:
        return self.state is not None and self.state.ended

    @precondition(lambda self: not self.over)
    @rule(write=st.integers(1, 12), before=st.booleans())
    def is_killed(self, write: int, *, before: bool) -> None:
        self._run(die_at=write, die_before=before)

    @precondition(lambda self: not self.over)
    @rule()
    def runs(self) -> None:
        self._run()

    @precondition(lambda self: not self.over)
    @rule()
    def restarts(self) -> None:
        self.boot += 1

    def _run(self, *, die_at: int = 0, die_before: bool = True) -> None:
        session = self._session()
        session.die_at, session.die_before = die_at, die_before
        runner: list[FakeRunner] = []
        forced = bool(session.state.held)

        def make(_loop: object, _name: str) -> FakeRunner:
            runner.append(FakeRunner(self._act))
            return runner[-1]

        way = Way(self.choices, make_runner=make, forced=forced, going_down_seconds=0.001)
        try:
            if session.state.opened is None:
                request = understand(["org.example::plan"], self.setup.session)
                open_session(session, self.setup, request, self.choices)
            request = understand(["org.example::plan"], self.setup.session)
            run = Run(session, self.setup, request, Abilities("me"), {}, way)
            ended = run_session(run, _Watcher())
            assert ended or session.state.held
        except Killed:
            pass
        finally:
            session.close()
        self._look(session)

    def _session(self) -> Mortal:
        folders = self.bench.store.sessions()
        folder = folders[0] if folders else self.bench.store.create("model")
        return Mortal(folder, Boot(self.boot))

    def _act(self, command: Command, output: Output) -> Exit:
        job = self.model.jobs[command.arguments[-1]]
        durable = self.bench.store.sessions()[0].read_state()
        assert durable.running.get(job.full) == command.attempt, "it was durable before it began"
        assert all(durable.outcome_of(self.model.jobs[it].full) for it in job.depends + job.after)
        alone = job.kind == "shell"
        assert not (alone and len(durable.running) > 1), "tests run alone"
        turn = self.model.starts[job.name]
        self.model.starts[job.name] += 1
        if job.kind == "resource":
            output(OUTPUT, f"name: {job.name}\n".encode())
        return ENDS[job.ends[min(turn, len(job.ends) - 1)]]

    def _look(self, session: Mortal) -> None:
        """Learn what is durable; what runs now in the journal is what the next one recovers."""
        self.state = state = session.folder.read_state()
        for full_id, number in state.running.items():
            job = self.model.jobs[full_id.partition("::")[2]]
            attempt = state.jobs[full_id].attempts[-1]
            assert attempt.number == number
            assert attempt.outcome is None
        if not self.model.retry:
            for name, outcome in self.model.known.items():
                assert state.outcome_of(self.model.jobs[name].full) is outcome, "it stays"
        for name, job in self.model.jobs.items():
            found = state.jobs.get(job.full)
            if found is not None and found.outcome is not None:
                self.model.known[name] = found.outcome
                self._note_interruption(name, found.reason, found.outcome)

    def _note_interruption(self, name: str, reason: str, outcome: Outcome) -> None:
        """An outcome that only an interruption gives; what it may be follows from the reason."""
        job = self.model.jobs[name]
        allowed = {
            "plainbox was interrupted while the job ran": Outcome.CRASH,
            "the machine restarted while the job ran": Outcome.CRASH,
            "the machine restarted, as the job says it does": Outcome.PASS,
        }
        if reason in allowed:
            assert outcome is allowed[reason]
            assert (reason == "the machine restarted, as the job says it does") <= job.noreturn
            self.model.interrupted[name] = outcome

    @invariant()
    def no_job_runs_more_often_than_it_may(self) -> None:
        if self.state is None:
            return
        for name, number in self.model.starts.items():
            assert number <= 1 + self.model.retry, name

    @invariant()
    def a_flaky_job_passed_after_it_failed(self) -> None:
        for job in self.state.jobs.values() if self.state else ():
            ends = [attempt.outcome for attempt in job.attempts]
            failed = any(end is not None and end.bad for end in ends)
            assert job.flaky == (job.outcome is Outcome.PASS and failed)

    @invariant()
    def an_ended_session_has_the_outcomes_of_the_model(self) -> None:
        if not self.over or self.state is None:
            return
        assert not self.state.running
        for job in self.model.jobs.values():
            outcome = self.state.outcome_of(job.full)
            assert outcome is not None
            if not self.state.retries:
                assert outcome is self.model.expected(job, self.state), job
            if job.kind == "resource" and self.state.jobs[job.full].attempts:
                assert job.full in self.state.resources


TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=max(1, STEPS // _STEPS_A_RUN),
    stateful_step_count=_STEPS_A_RUN,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
