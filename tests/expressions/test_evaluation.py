"""What programs answer: the tables of the description of the language, and what is told."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from plainbox.expressions import Answer, Facts, Table, Verdict, evaluate, explain, parse_program

if TYPE_CHECKING:
    from plainbox.expressions import Records

RESOURCES: dict[str, Records] = {
    "a": [{"x": "1", "name": "foo"}, {"x": "2", "name": "bar"}],
    "b": [{"y": "2"}],
    "e": [{}],
    "none": [],
}


def answer(text: str) -> Answer:
    program, errors = parse_program(text)
    assert not errors
    return evaluate(program, RESOURCES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.x == '1'", True),
        ("a.x == b.y", True),
        ("a.x == '9' or b.y == '2'", True),
        ("a.x not in ['1','2']", False),
        ("a.x == '1' and (a.name == 'foo')", True),
        ("int(a.x) > 1 and a.name == 'bar'", True),
        ("a.x in ('1','9') and a.name == 'bar'", False),
        ("a.x in ['1','9'] and a.name == 'bar'", True),
        ("a.x == '1' and b.y == '2' or a.name == 'zzz'", True),
        ("a.x >= '1'", True),
        ("a.x is None", False),
        ("a.x is not None", True),
        ("a.x == '1'\nb.y == '3'", False),
        ("a.x == '1' and a.name == 'bar'", True),
        ("(a.x == '1' and a.name == 'bar')", False),
        ("a.x == '1' and\ta.name == 'bar'", False),
        ("a.x == '1' and a.name == 'bar'  # (", False),
        ("a.missing == ''", True),
        ("a.missing", False),
        ("a.missing == None", False),
        ("a.missing != 'x'", True),
        ("a.x == 1", False),
        ("int(a.missing) == 1", False),
        ("none.x == ''", False),
        ("(none.x == '' or a.x == '1')", False),
        ("none.x == '' or a.x == '1'", True),
        ("e.q == ''", True),
        ("a.x != '1'", True),
        ("a.x != '1' and a.x != '2'", True),
        ("'oo' in a.name", True),
        ("a.x in '12'", True),
        ("1 < a.x < 3", False),
        ("'1' < a.x < '3'", True),
        ("'1' < a.x < '2'", False),
        ("not a.x == '1'", True),
        ("not (a.x == '1' or a.x == '2')", False),
        ("int(a.x) == -1", False),
        ("int(a.x) > 1", True),
        ("a.x == '1' and True", True),
        ("a.x == '1' and False", False),
        ("(a.x == '1' and False)", False),
        ("(a.x or 'z') == '1'", True),
        ("(a.x and a.name) == 'bar'", True),
        ("a.x == word or b.y == '2'", True),
        ("(a.x == word or b.y == '2')", False),
        ("(int(a.name) or a.x == '1')", False),
        ("(a.x == '1' or int(a.name))", True),
        ("(a.x == '7' or int(a.name) or a.x == '1')", False),
        ("(a.x == '7' or a.x == '8')", False),
        ("[a.x] == ['1']", True),
        ("a.x in [b.y, 1]", True),
        ("a.x is '1'", True),
        ("'2' == a.x", True),
        ("'9' == a.x", False),
        ("a.x in ['9', a.x]", True),
        ("(len(a.x) == 9 or int(a.x) == 2)", True),
        ("(bool(a.gone) or len(a.x, 1) or a.x == '1')", False),
        ("(len(1) or a.x == '1')", False),
        ("(1 < 2 or a.x == '1')", True),
        ("('1' in 2 or a.x == '1')", False),
        ("[a.x] is [a.x]", False),
        ("(a.x == b.y and a.name == 'foo')", False),
        ("(a.x == b.y and b.y == '2' and a.name == 'bar')", True),
        ("(a.x == b.y and b.y == '3')", False),
        ("(a.x < b.y and a.name == 'foo')", True),
        ("(a.x > b.y)", False),
        ("(a.x == '1' and a.x == '1' and a.name == 'foo')", True),
        ("(a.x == b.y and a.name != b.z and e.q == b.z)", True),
        ("(b.y == '2' and (a.x == '1' or a.x == '3') and a.x == '1')", True),
    ],
)
def test_the_tables_of_the_description_hold(text: str, *, expected: bool) -> None:
    assert answer(text).verdict is (Verdict.TRUE if expected else Verdict.FALSE)


def test_an_unknown_resource_is_told_before_anything_is_false() -> None:
    found = answer("a.x == '9'\na.x == '9' or gone.y == '2'")
    assert (found.verdict, found.missing) == (Verdict.UNKNOWN, "gone")
    assert found.failed is not None
    assert found.failed.text == "a.x == '9' or gone.y == '2'"


def test_a_name_in_a_call_is_needed_too() -> None:
    assert answer("int(gone.y) > 1 or a.x").missing == "gone"


def test_the_first_expression_that_is_false_is_told() -> None:
    found = answer("a.x == '1'\nb.y == '3'\na.x == '9'")
    assert found.failed is not None
    assert found.failed.text == "b.y == '3'"
    assert found.missing is None


def test_an_empty_program_is_true() -> None:
    assert answer("").verdict is Verdict.TRUE


def test_an_expression_may_join_more_resources_than_the_stack_is_deep() -> None:
    names = [f"r{number}" for number in range(1500)]
    text = " and\t".join(f"{one}.x == {two}.x" for one, two in pairwise(names))
    program, _ = parse_program(text)
    records = [{"x": str(number)} for number in range(3)]
    assert evaluate(program, dict.fromkeys(names, records)).verdict is Verdict.TRUE


def test_tables_can_be_shared_between_facts() -> None:
    table = Table([{"x": "1"}])
    program, _ = parse_program("alias.x == '1'")
    facts = Facts({"ns::id": table}).named({"alias": "ns::id", "other": "ns::gone"})
    assert facts.tables == {"alias": table}
    assert evaluate(program, facts).verdict is Verdict.TRUE
    assert table.index("x") is table.index("x")


def test_a_report_shows_the_nearest_record_and_what_is_read_of_it() -> None:
    program, _ = parse_program("device.kind == 'DISK' and device.size == '9'")
    records = [{"kind": "NET"}, {"kind": "DISK", "size": "8", "path": "/"}, {"kind": "DISK"}]
    (report,) = explain(program, Facts({"device": records}))
    assert report.verdict is Verdict.FALSE
    assert report.nearest == {"device": records[1]}
    assert report.read == {"device": {"kind": "DISK", "size": "8"}}
    assert report.records == {"device": 3}
    assert [(found.text, found.verdict, found.met) for found in report.comparisons] == [
        ("device.kind == 'DISK'", Verdict.TRUE, True),
        ("device.size == '9'", Verdict.FALSE, False),
    ]


def test_a_report_shows_the_records_that_make_an_expression_true() -> None:
    program, _ = parse_program("(a.x == b.y)")
    (report,) = explain(program, RESOURCES)
    assert report.verdict is Verdict.TRUE
    assert report.read == {"a": {"x": "2"}, "b": {"y": "2"}}


def test_a_report_tells_what_is_unknown_and_what_is_empty() -> None:
    program, _ = parse_program("(gone.x == '1' or none.x == '1' or a.x == '2' or True)")
    (report,) = explain(program, RESOURCES)
    assert report.verdict is Verdict.UNKNOWN
    assert [found.verdict for found in report.comparisons] == [
        Verdict.UNKNOWN,
        Verdict.FALSE,
        Verdict.TRUE,
        Verdict.TRUE,
    ]
    assert report.records == {"none": 0, "a": 2}
    assert list(report.nearest) == ["a"]
