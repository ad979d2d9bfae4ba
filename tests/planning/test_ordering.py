"""What runs in which order: examples of the specification, laws, what is left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.units_of_text import graph

from plainbox.diagnostics import Code
from plainbox.planning import Need, Relation, RunList, arrange

if TYPE_CHECKING:
    from plainbox.units import Job


def order(text: str, *wanted: str) -> list[str]:
    run_list = arrange(graph(text), wanted)
    assert not run_list.left_out
    return ids(run_list)


def ids(run_list: RunList) -> list[str]:
    return [job.id for job in run_list.jobs]


def left(run_list: RunList) -> dict[str, str]:
    return {out.job_id: out.message for out in run_list.left_out}


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("a depends=c\nb\nc", "b a", "b c a"),
        ("a\nb before=a\nc", "a b c", "b a c"),
        ("a\nb before=a\nc", "a c", "a c"),
        ("a after=b\nb\nc", "a c", "b a c"),
        ("a1 group=g\na2 group=g depends=x\nx\ny depends=a1", "y a1 x a2", "x a1 a2 y"),
        (
            "grp-a group=g\npass\ngrp-b group=g\nbef before=pass\ndepfail depends=fail\nfail",
            "grp-a pass grp-b bef depfail",
            "grp-a grp-b bef pass fail depfail",
        ),
        (
            "m\ny1\nz1 depends=y1\nx1 before=z1\nt1\nt2\nw1",
            "m z1 t1 t2 w1 x1",
            "m y1 x1 z1 t1 t2 w1",
        ),
        ("a", "a a", "a"),
        ("a depends=q1,q2,q3\nq1\nq2\nq3", "a", "q1 q2 q3 a"),
        ("a depends=d1 after=f1 requires=r.x\nd1\nf1\nr", "a", "r d1 f1 a"),
        ("a before=nosuch,a2\na2", "a2 a", "a a2"),
        ("a salvages=b\nb", "a", "a"),
        ("a1 group=g\nb group=h depends=a1\na2 group=g\nc depends=a2", "c b a2", "a2 a1 c b"),
        ("a1 group=g after=a2\na2 group=g\nb", "b a1 a2", "b a2 a1"),
        ("a group=one\nb group=two\nc group=one\nd group=two", "a b c d", "a c b d"),
    ],
)
def test_jobs_stand_in_the_order_that_was_observed(text: str, wanted: str, expected: str) -> None:
    assert order(text, *wanted.split()) == expected.split()


def test_a_chain_may_be_as_long_as_it_likes() -> None:
    length = 5000
    text = "\n".join(f"j{at} depends=j{at + 1}" for at in range(length)) + f"\nj{length}"
    assert order(text, "j0") == [f"j{at}" for at in range(length, -1, -1)]


def test_a_cycle_may_be_as_long_as_it_likes() -> None:
    length = 2000
    text = "\n".join(f"j{at} depends=j{(at + 1) % length}" for at in range(length))
    run_list = arrange(graph(text), ["j0"])
    assert run_list.jobs == ()
    assert len(run_list.left_out) == length
    message = "dependency cycle: j0 -> j1 -> j2 -> j3 -> j4 -> j5 -> ... -> j1995 -> j1996"
    assert run_list.left_out[0].message.startswith(message)


def test_predecessors_are_all_that_must_have_an_outcome_first() -> None:
    text = "a depends=d after=e requires=r.x\nb before=a\nd\ne\nr\nc before=z"
    run_list = arrange(graph(text), ["a", "b", "c"])
    assert run_list.predecessors == {
        "a": ("r", "d", "e", "b"),
        "b": (),
        "c": (),
        "d": (),
        "e": (),
        "r": (),
    }


def test_a_job_named_twice_is_one_predecessor() -> None:
    run_list = arrange(graph("a depends=b after=b\nb before=a"), ["a"])
    assert run_list.predecessors["a"] == ("b",)


def test_a_job_that_nobody_asked_for_has_one_that_needs_it() -> None:
    run_list = arrange(graph("a depends=b\nb after=c\nc\nd requires=c.x"), ["a", "d"])
    assert run_list.pulled == {"b": Need(Relation.DEPENDS, "a"), "c": Need(Relation.AFTER, "b")}


def test_only_the_jobs_concerned_are_left_out() -> None:
    text = (
        "a depends=b\nb depends=a\nc depends=nosuch\nd after=c\ne requires=gone.x\nf depends=e\ng"
    )
    run_list = arrange(graph(text), ["a", "b", "c", "d", "e", "f", "g"])
    assert ids(run_list) == ["g"]
    assert left(run_list) == {
        "c": "depends on 'nosuch', which does not exist",
        "e": "requires the resource 'gone', which does not exist",
        "a": "dependency cycle: a -> b -> a",
        "b": "dependency cycle: a -> b -> a",
        "d": "runs after 'c', which is left out",
        "f": "depends on 'e', which is left out",
    }
    found = {out.job_id: out for out in run_list.left_out}
    assert found["a"].cycle == ("a", "b", "a")
    assert found["a"].code is Code.DEPENDENCY_CYCLE
    assert (found["c"].missing, found["c"].code) == ("nosuch", Code.UNKNOWN_JOB)
    assert (found["f"].missing, found["f"].code) == ("e", Code.UNKNOWN_JOB)


def test_what_only_a_job_that_is_left_out_needs_is_not_run() -> None:
    run_list = arrange(graph("a depends=b,nosuch\nb\nc"), ["a", "c"])
    assert ids(run_list) == ["c"]


def test_a_job_that_does_not_exist_is_left_out() -> None:
    run_list = arrange(graph("a"), ["nosuch", "a", "nosuch"])
    assert ids(run_list) == ["a"]
    assert left(run_list) == {"nosuch": "there is no job 'nosuch'"}


def test_a_job_that_needs_itself_is_left_out() -> None:
    run_list = arrange(graph("a depends=a\nb"), ["a", "b"])
    assert left(run_list) == {"a": "dependency cycle: a -> a"}
    assert ids(run_list) == ["b"]


def test_of_entangled_cycles_one_is_drawn() -> None:
    run_list = arrange(graph("a depends=b,c\nb depends=a\nc depends=d\nd depends=a"), ["a"])
    assert left(run_list) == {
        "a": "dependency cycle: a -> b -> a",
        "b": "dependency cycle: a -> b -> a",
        "c": "needs a dependency cycle: a -> b -> a",
        "d": "needs a dependency cycle: a -> b -> a",
    }


def test_a_cycle_that_before_closes_loses_its_first_job() -> None:
    run_list = arrange(graph("a before=b\nb before=a\nc after=a"), ["a", "b", "c"])
    assert left(run_list) == {
        "a": "dependency cycle: a -> b -> a",
        "c": "runs after 'a', which is left out",
    }
    assert ids(run_list) == ["b"]


def test_cycles_that_before_closes_are_all_found() -> None:
    text = "a before=b\nb before=a\nc before=d\nd before=c,e\ne before=d\nf"
    run_list = arrange(graph(text), list("abcdef"))
    assert sorted(left(run_list)) == ["a", "c", "d"]
    assert ids(run_list) == ["b", "e", "f"]


def test_a_group_that_needs_itself_by_way_of_another_job_is_a_cycle() -> None:
    text = "a1 group=g\na2 group=g depends=x\nx depends=a1"
    run_list = arrange(graph(text), ["a1", "a2", "x"])
    assert left(run_list) == {
        "a1": "dependency cycle: group 'g' -> x -> group 'g'",
        "x": "depends on 'a1', which is left out",
        "a2": "depends on 'x', which is left out",
    }
    assert run_list.jobs == ()


NAMES = "abcdefgh"


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Job]:
    lines = []
    for at, name in enumerate(NAMES):
        fields = []
        for field in ("depends", "after", "before"):
            others = draw(st.lists(st.sampled_from([*NAMES, "nosuch"]), max_size=1))
            rare = draw(st.booleans())
            if others and rare:
                fields.append(f"{field}={','.join(others)}")
        if draw(st.booleans()) and at:
            fields.append(f"requires={draw(st.sampled_from(NAMES[:at]))}.x")
        group = draw(st.sampled_from(["", "", "g", "h"]))
        lines.append(" ".join([name, *fields, *([f"group={group}"] if group else [])]))
    return graph("\n".join(lines))


@given(graphs(), st.permutations(NAMES))
def test_the_order_respects_every_edge(jobs: dict[str, Job], wanted: list[str]) -> None:
    run_list = arrange(jobs, wanted)
    place = {job.id: at for at, job in enumerate(run_list.jobs)}
    for job in run_list.jobs:
        for need in (*job.resources.values(), *job.depends, *job.after):
            assert place[need] < place[job.id]
        for later in job.before:
            assert later not in place or place[job.id] < place[later]
        assert all(place[other] < place[job.id] for other in run_list.predecessors[job.id])


@given(graphs(), st.permutations(NAMES))
def test_every_wanted_job_is_in_the_list_or_left_out(
    jobs: dict[str, Job], wanted: list[str]
) -> None:
    run_list = arrange(jobs, wanted[:4])
    left_out = {out.job_id for out in run_list.left_out}
    assert set(wanted[:4]) <= left_out | set(ids(run_list))
    assert not left_out & set(ids(run_list))


@given(graphs())
def test_groups_stand_together(jobs: dict[str, Job]) -> None:
    groups = [job.group for job in arrange(jobs, NAMES).jobs]
    runs = [group for at, group in enumerate(groups) if group and groups[at - 1 : at] != [group]]
    assert len(runs) == len(set(runs))


@given(graphs())
def test_the_same_input_gives_the_same_order(jobs: dict[str, Job]) -> None:
    again = {name: jobs[name] for name in reversed(jobs)}
    assert arrange(jobs, NAMES) == arrange(again, NAMES)


@given(graphs())
def test_what_is_arranged_once_stays_as_it_is_without_groups(jobs: dict[str, Job]) -> None:
    for job in jobs.values():
        job.__dict__["group"] = None
        job.__dict__["before"] = ()
    once = arrange(jobs, NAMES)
    assert arrange(jobs, ids(once)).jobs == once.jobs
