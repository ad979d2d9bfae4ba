"""The smallest change of records that makes programs true."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.expressions.strategies import KEYS, NAMES, VALUES, expressions

from plainbox.expressions import (
    Expression,
    Program,
    Verdict,
    evaluate,
    parse_expression,
    parse_program,
)
from plainbox.expressions.blame import Cell, View
from plainbox.expressions.repair import Goal, Repair, repairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plainbox.expressions import Records

Tables = dict[str, list[dict[str, str]]]
TABLES: Tables = {
    "a": [{"x": "1", "name": "foo"}, {"x": "2", "name": "bar"}],
    "b": [{"y": "2"}],
    "e": [{}],
    "none": [],
    "n": [{"if": "w0", "by": "net"}, {"if": "e0", "by": "nm"}],
}


def goal(text: str, **views: View) -> Goal:
    program, errors = parse_program(text)
    assert not errors
    return Goal(program, {name: views.get(name, View(name)) for name in program.names})


def first(*goals: Goal, fixed: tuple[Cell, ...] = ()) -> Repair | None:
    return next(repairs(goals, TABLES, fixed), None)


def told(repair: Repair | None) -> list[str] | None:
    if repair is None:
        return None
    return [
        f"{c.table}[{'new' if before is None else c.record}].{c.attribute}={value}"
        for c, value, before in repair.edits
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.x == '1'", []),
        ("a.x == '9'", ["a[0].x=9"]),
        ("(a.x == '9' and a.name == 'bar')", ["a[1].x=9"]),
        ("a.x == '9' and a.x == '8'", ["a[0].x=9", "a[1].x=8"]),
        ("a.x == '9' or b.y == '2'", []),
        ("(a.x == '9' and a.name == 'q') or b.y == '3'", ["b[0].y=3"]),
        ("none.x == '1'", ["none[new].x=1"]),
        ("(none.x == '1' and none.y != 'z' and none.w in ['p', 'q'])", None),
        ("e.x == '1'", ["e[new].x=1"]),
        ("(a.name == b.y)", ["b[0].y=foo"]),
        ("(a.name == b.y and b.y != 'foo')", ["b[0].y=bar"]),
        ("int(b.y) > 2", ["b[0].y=3"]),
        ("not b.y == '2'", ["b[0].y="]),
        ("(n.if == 'w0' and n.by == 'nm')", ["n[0].by=nm"]),
        ("len(b.y) > 3", ["b[0].y=xxxx"]),
        ("float(b.y) > 2.5", ["b[0].y=3.5"]),
        ("b.y == 2", None),
        ("False and b.y", None),
        ("a.x == '9'\na.x == '8'\na.x == '7'", ["a[0].x=7", "a[1].x=8", "a[new].x=9"]),
    ],
)
def test_the_smallest_change_is_found(text: str, expected: list[str] | None) -> None:
    repair = first(goal(text))
    if text.startswith("(none"):
        assert told(repair) == ["none[new].w=p", "none[new].x=1"]
    elif text.startswith("a.x == '9'\n"):
        assert repair is not None
        assert len(repair.edits) == 3
        assert sum(edit.before is None for edit in repair.edits) == 1
    else:
        assert told(repair) == expected


def test_a_name_can_mean_one_record_of_a_table() -> None:
    assert told(first(goal("a.x == '1'", a=View("a", 1)))) == ["a[1].x=1"]
    assert told(first(goal("a.x == '2'", a=View("a", 1)))) == []


def test_what_is_fixed_stays() -> None:
    fixed = (Cell("b", 0, "y"),)
    assert told(first(goal("(a.name == b.y)"), fixed=fixed)) == ["a[0].name=2"]
    only = View("b", 0)
    assert first(goal("b.y == '3'", b=only), fixed=fixed) is None


def test_goals_are_met_together() -> None:
    """Two programs about one record, one of which is true and has to stay so."""
    one, other = goal("b.y == '2' or b.z == '1'"), goal("b.y == '3'", b=View("b", 0))
    assert told(first(one, other)) == ["b[0].y=3", "b[0].z=1"]


def test_two_names_can_mean_one_table() -> None:
    both = goal("(p.x == '5' and q.x == '5')", p=View("b"), q=View("b"))
    repair = first(both)
    assert repair is not None
    assert told(repair) == ["b[0].x=5"]


def test_a_search_among_many_combinations_ends() -> None:
    tables = {name: [{"x": str(n)} for n in range(30)] for name in "abcd"}
    program, _ = parse_program("(a.x == 'q' and b.x != a.x and c.x in [b.y, d.y] and d.z == a.z)")
    goals = [Goal(program, {name: View(name) for name in program.names})]
    found = next(repairs(goals, tables), None)
    assert found is not None
    assert len(found.edits) == 2
    assert evaluate(program, found.applied(tables)).verdict is Verdict.TRUE


_records = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2), max_size=2
)
_tables = st.fixed_dictionaries(dict.fromkeys(NAMES, _records))
_programs = st.lists(expressions, min_size=1, max_size=3)


@given(_programs, _tables)
@settings(max_examples=300, deadline=None)
def test_every_change_makes_the_program_true(texts: list[str], tables: Tables) -> None:
    program, _ = parse_program(texts)
    goals = [Goal(program, {name: View(name) for name in program.names})]
    for _, repair in zip(range(3), repairs(goals, tables), strict=False):
        assert evaluate(program, repair.applied(tables)).verdict is Verdict.TRUE


_plain = st.builds(
    "{}.{} {} {!r}".format,
    st.sampled_from(NAMES[:2]),
    st.sampled_from(KEYS[:2]),
    st.sampled_from(["==", "==", "!="]),
    st.sampled_from(VALUES[1:4]),
)
_join = st.builds("a.{} == b.{}".format, st.sampled_from(KEYS[:2]), st.sampled_from(KEYS[:2]))
_simple = st.recursive(
    st.one_of(_plain, _plain, _join),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=4,
)
_small = st.fixed_dictionaries(
    {
        name: st.lists(
            st.dictionaries(st.sampled_from(KEYS[:2]), st.sampled_from(VALUES[:4]), min_size=1),
            min_size=1,
            max_size=2,
        )
        for name in NAMES[:2]
    }
)


@given(st.lists(_simple, min_size=1, max_size=2), _small)
@settings(max_examples=200, deadline=None)
def test_no_smaller_change_would_do(texts: list[str], tables: Tables) -> None:
    parsed = [parse_expression(text) for text in texts]
    program = Program([it for it in parsed if isinstance(it, Expression)])
    goals = [Goal(program, {name: View(name) for name in program.names})]
    least = next((n for n in range(3) if any(_changes(program, tables, n))), None)
    found = next(repairs(goals, tables), None)
    if least is not None:
        assert found is not None
        made = {it.cell[:2] for it in found.edits if it.before is None}
        assert len(found.edits) + len(made) <= least


def _changes(program: Program, tables: Tables, number: int) -> Iterator[bool]:
    """Whether each change of so many cells of the records that are there would do."""
    cells = [
        (name, place, key)
        for name, records in tables.items()
        for place, _ in enumerate(records)
        for key in KEYS[:2]
    ]
    for chosen in combinations(cells, number):
        for values in product((*VALUES[:4], "other"), repeat=number):
            changed: Mapping[str, Records] = {
                name: [dict(record) for record in records] for name, records in tables.items()
            }
            for (name, place, key), value in zip(chosen, values, strict=True):
                changed[name][place][key] = value  # type: ignore[index]
            yield evaluate(program, changed).verdict is Verdict.TRUE
