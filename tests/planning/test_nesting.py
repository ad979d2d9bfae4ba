"""A plan and its parts are one list, whatever the parts nest."""

from __future__ import annotations

import pytest
from tests.planning.units_of_text import Known

from plainbox.diagnostics import Code, Sink
from plainbox.planning import parts_of


def known(shape: str) -> Known:
    """Plans in short: one a line, a name and what it nests."""
    text = ""
    for line in shape.splitlines():
        name, *parts = line.split()
        nested = f"nested_part: {' '.join(parts)}\n" if parts else ""
        text += f"unit: test plan\nid: {name}\nname: n\ninclude:\n{nested}\n"
    return Known.of(text)


def walk(shape: str, *roots: str) -> tuple[list[str], Sink]:
    plans = known(shape).plans
    sink = Sink()
    found = parts_of([plans[f"ns::{root}"] for root in roots or ("a",)], plans, sink)
    return [plan.partial_id for plan in found], sink


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("a", "a"),
        ("a b c\nb d\nc\nd", "a b d c"),
        ("a b c\nb d\nc d\nd", "a b d c"),
    ],
)
def test_a_part_comes_after_the_plan_that_nests_it_once(shape: str, expected: str) -> None:
    found, sink = walk(shape)
    assert found == expected.split()
    assert not list(sink)


def test_a_plan_that_is_also_a_part_is_there_once() -> None:
    assert walk("a b\nb\nc", "a", "b", "c")[0] == ["a", "b", "c"]


def test_a_part_that_does_not_exist_is_reported_where_it_is_named() -> None:
    found, sink = walk("a b nosuch\nb")
    assert found == ["a", "b"]
    (diagnostic,) = sink
    assert diagnostic.code is Code.UNKNOWN_PLAN
    assert diagnostic.message == "test plan 'ns::a' nests 'ns::nosuch', which does not exist"
    assert diagnostic.span is not None
    assert diagnostic.span.text == "nosuch"


def test_a_circle_is_cut_and_reported_where_it_closes() -> None:
    found, sink = walk("a b\nb c\nc d b\nd")
    assert found == ["a", "b", "c", "d"]
    (diagnostic,) = sink
    assert diagnostic.code is Code.PLAN_CYCLE
    assert diagnostic.message == "test plans nest each other: ns::b -> ns::c -> ns::b"
    assert diagnostic.span is not None
    assert (diagnostic.span.text, diagnostic.span.line) == ("b", 17)


def test_a_plan_that_nests_itself_is_there_once() -> None:
    found, sink = walk("a a")
    assert found == ["a"]
    assert len(sink) == 1


def test_nesting_may_be_as_deep_as_it_likes() -> None:
    depth = 2000
    shape = "\n".join(f"p{at} p{at + 1}" for at in range(depth)) + f"\np{depth}"
    assert len(walk(shape, "p0")[0]) == depth + 1


def test_nobody_has_to_listen() -> None:
    plans = known("a a nosuch").plans
    assert len(parts_of(list(plans.values()), plans)) == 1
