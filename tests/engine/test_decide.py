from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.units_of_text import job, units

from plainbox.clock import Stamp
from plainbox.diagnostics import Sink
from plainbox.engine.decide import (
    Abilities,
    Agenda,
    Done,
    Recover,
    Run,
    Skip,
    decide,
    outcome_of_interrupted,
    refusal,
)
from plainbox.fields import Owner
from plainbox.outcome import Outcome
from plainbox.planning import RunList, arrange, instantiate
from plainbox.records import read_pxu
from plainbox.session.events import JobCard, JobFinished, JobSkipped, JobStarting, Planned, Unmet
from plainbox.session.state import State, fold
from plainbox.text import Source
from plainbox.units import Job, Template, build_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ME = Abilities(user="me")
NOW = Stamp("boot", 0.0, 0.0)


def met(_job: Job, _state: State) -> None:
    return None


def shell(name: str, *more: str) -> Job:
    return job("\n".join((f"id: {name}", "plugin: shell", "command: true", *more)) + "\n")


def state_of(outcomes: Mapping[str, Outcome | None]) -> State:
    state = State()
    cards = tuple(JobCard(f"ns::{name}", "", "shell") for name in outcomes)
    fold(state, NOW, Planned("main", cards))
    for name, outcome in outcomes.items():
        if outcome is not None:
            fold(state, NOW, JobSkipped(f"ns::{name}", outcome, "because"))
    return state


def listed(*jobs: Job) -> RunList:
    return arrange({it.id: it for it in jobs}, [it.id for it in jobs])


def refused(subject: Job, outcomes: Mapping[str, Outcome | None], who: Abilities = ME) -> Skip:
    skip = refusal(subject, state_of(outcomes), who, met)
    assert skip is not None
    return skip


def test_the_first_job_in_order_that_waits_for_nothing_is_next() -> None:
    later, first = shell("later", "after: first"), shell("first")
    run_list = listed(later, first)
    state = state_of({"later": None, "first": None})
    agenda = Agenda(run_list, state)
    assert agenda.remaining == 2
    assert decide(agenda, state, ME, met) == Run(first)
    agenda.settle("ns::first")
    agenda.settle("ns::first")
    assert agenda.remaining == 1
    assert decide(agenda, state, ME, met) == Run(later)
    agenda.settle("ns::later")
    assert decide(agenda, state, ME, met) == Done()


def test_a_job_that_has_its_outcome_is_not_asked_again() -> None:
    a, b = shell("a"), shell("b", "depends: a")
    state = state_of({"a": Outcome.PASS, "b": None})
    agenda = Agenda(listed(a, b), state)
    agenda.settle("ns::a")
    assert decide(agenda, state, ME, met) == Run(b)


def test_a_job_may_get_its_outcome_before_its_turn() -> None:
    a, b, c = shell("a"), shell("b"), shell("c", "after: b a")
    state = state_of({"a": None, "b": None, "c": None})
    agenda = Agenda(listed(a, b, c), state)
    agenda.settle("ns::b")
    assert agenda.next() == a
    agenda.settle("ns::a")
    assert agenda.next() == c


def test_a_job_that_was_started_and_not_seen_to_end_comes_before_all() -> None:
    a, b = shell("a"), shell("b")
    state = state_of({"a": None, "b": None})
    fold(state, NOW, JobStarting("ns::b", 1))
    assert decide(Agenda(listed(a, b), state), state, ME, met) == Recover("ns::b")
    fold(state, NOW, JobFinished("ns::b", 1, Outcome.CRASH))
    assert decide(Agenda(listed(a, b), state), state, ME, met) == Run(a)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.FAIL, Outcome.SKIPPED_DEPENDENCY),
        (Outcome.CRASH, Outcome.SKIPPED_DEPENDENCY),
        (Outcome.NOT_SUPPORTED, Outcome.SKIPPED_DEPENDENCY),
        (Outcome.UNDECIDED, Outcome.SKIPPED_DEPENDENCY),
        (Outcome.SKIPPED_RESOURCE, Outcome.SKIPPED_DEPENDENCY),
        (Outcome.SKIP, Outcome.SKIP),
        (None, Outcome.SKIPPED_DEPENDENCY),
    ],
)
def test_what_depends_on_a_job_that_did_not_pass_is_skipped(
    outcome: Outcome | None, expected: Outcome
) -> None:
    skip = refused(shell("b", "depends: a"), {"a": outcome, "b": None})
    assert skip.outcome is expected
    assert skip.unmet == Unmet(dependencies=("ns::a",))
    assert skip.reason.startswith("needs ns::a (")


def test_only_the_dependencies_that_did_not_pass_are_named() -> None:
    subject = shell("c", "depends: a b")
    skip = refused(subject, {"a": Outcome.PASS, "b": Outcome.FAIL, "c": None})
    assert skip.reason == "needs ns::b (failed)"
    passed = state_of({"a": Outcome.PASS, "b": Outcome.PASS, "c": None})
    assert refusal(subject, passed, ME, met) is None


def test_after_needs_an_outcome_of_any_kind() -> None:
    state = state_of({"a": Outcome.CRASH, "b": None})
    assert refusal(shell("b", "after: a"), state, ME, met) is None


def test_a_requirement_that_is_not_met_decides() -> None:
    skip = Skip("ns::a", Outcome.SKIPPED_RESOURCE, "requires x")
    state = state_of({"a": None})
    run_list = listed(shell("a"))
    assert decide(Agenda(run_list, state), state, ME, lambda *_: skip) == skip


def test_a_failed_dependency_comes_before_an_unmet_requirement() -> None:
    state = state_of({"a": Outcome.FAIL, "b": None})
    skip = refusal(
        shell("b", "depends: a"), state, ME, lambda *_: Skip("ns::b", Outcome.FAIL, "resource")
    )
    assert skip is not None
    assert skip.outcome is Outcome.SKIPPED_DEPENDENCY


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.CRASH, Outcome.SKIP, None])
def test_a_job_that_salvages_is_not_needed_unless_the_other_failed(outcome: Outcome | None) -> None:
    skip = refused(shell("b", "salvages: a"), {"a": outcome, "b": None})
    assert skip.outcome is Outcome.NOT_SUPPORTED
    assert skip.reason.startswith("not needed: ns::a did not fail")


def test_a_job_that_salvages_runs_when_all_others_failed() -> None:
    state = state_of({"a": Outcome.FAIL, "b": None})
    assert refusal(shell("b", "salvages: a"), state, ME, met) is None


@pytest.mark.parametrize(
    ("fields", "outcome", "reason"),
    [
        ("plugin: manual", Outcome.SKIP, "needs a person (manual)"),
        ("plugin: user-verify\ncommand: true", Outcome.SKIP, "needs a person"),
        ("plugin: shell", Outcome.NOT_SUPPORTED, "nothing to run"),
        (
            "plugin: shell\ncommand: true\nuser: root",
            Outcome.NOT_SUPPORTED,
            "needs root: runs as root",
        ),
    ],
)
def test_what_cannot_be_run_has_an_outcome_and_a_reason(
    fields: str, outcome: Outcome, reason: str
) -> None:
    skip = refused(job(f"id: a\n{fields}\n"), {"a": None})
    assert skip.outcome is outcome
    assert reason in skip.reason


def test_a_person_and_the_right_user_make_more_jobs_possible() -> None:
    who = Abilities(user="root", person=True)
    state = state_of({"a": None})
    verify = job("id: a\nplugin: user-verify\ncommand: true\n")
    assert refusal(verify, state, who, met) is None
    assert refusal(shell("a", "user: root"), state, who, met) is None


def test_an_instance_with_errors_fails_with_all_of_them() -> None:
    (template,) = units(
        "unit: template\ntemplate-resource: res\nid: a_{x}\nplugin: shell\ncommand: echo {gone}\n"
    )
    assert isinstance(template, Template)
    (made,) = instantiate(template, [{"x": "1"}], Sink())
    assert isinstance(made, Job)
    skip = refused(made, {"a_1": None})
    assert skip.outcome is Outcome.FAIL
    assert "gone" in skip.reason


@pytest.mark.parametrize("requires", ["1 == 2", "package.name = 'x'", "x.y =="])
def test_a_job_whose_requires_cannot_be_read_does_not_run_as_if_it_had_none(requires: str) -> None:
    sink = Sink()
    text = f"id: a\nplugin: shell\ncommand: x\nrequires: {requires}\n"
    (record,) = read_pxu(Source("units", text), sink)
    subject = build_unit(record, Owner("p", "ns"), sink)
    assert isinstance(subject, Job)
    assert not subject.requires.expressions
    skip = refused(subject, {"a": None})
    assert skip.outcome is Outcome.FAIL
    assert skip.reason == "its definition has errors: requires cannot be read"


@pytest.mark.parametrize(
    ("noreturn", "rebooted", "outcome", "said"),
    [
        (True, True, Outcome.PASS, "restarted, as the job says"),
        (True, False, Outcome.CRASH, "interrupted"),
        (False, True, Outcome.CRASH, "machine restarted"),
        (False, False, Outcome.CRASH, "interrupted"),
    ],
)
def test_a_job_that_nobody_saw_end_crashed_unless_it_said_that_it_restarts_the_machine(
    *, noreturn: bool, rebooted: bool, outcome: Outcome, said: str
) -> None:
    found, reason = outcome_of_interrupted(noreturn=noreturn, rebooted=rebooted)
    assert found is outcome
    assert said in reason


@given(
    st.lists(st.sets(st.integers(0, 11), max_size=4), min_size=1, max_size=12),
    st.data(),
)
def test_every_job_gets_its_outcome_once_and_after_what_it_waits_for(
    edges: Sequence[set[int]], data: st.DataObject
) -> None:
    jobs = []
    for number, others in enumerate(edges):
        waits = " ".join(f"j{other}" for other in sorted(others) if other < number)
        jobs.append(shell(f"j{number}", *([f"after: {waits}"] if waits else [])))
    run_list = listed(*jobs)
    state = state_of({f"j{number}": None for number in range(len(jobs))})
    agenda = Agenda(run_list, state)
    done: list[str] = []
    while not isinstance(step := decide(agenda, state, ME, met), Done):
        assert isinstance(step, Run)
        assert set(run_list.predecessors[step.job.id]) <= set(done)
        done.append(step.job.id)
        fold(state, NOW, JobSkipped(step.job.id, data.draw(st.sampled_from(Outcome)), ""))
        agenda.settle(step.job.id)
    assert sorted(done) == sorted(it.id for it in jobs)
    assert agenda.remaining == 0
