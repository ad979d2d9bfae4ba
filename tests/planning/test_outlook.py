"""What would become of the jobs of a plan, by what is known."""

from __future__ import annotations

from tests.planning.worlds import World, load

from plainbox.expressions import Verdict
from plainbox.planning.growing import with_families
from plainbox.planning.outlook import Knowledge, Outlook

UNITS = """\
id: r
plugin: resource
command: true

id: s
plugin: resource
requires: r.x == '1'
command: true

id: j
plugin: shell
requires:
 r.x == '1'
 s.y == '1'
command: true

unit: category
id: c
_name: c

unit: test plan
id: plan
_name: plan
include: j
"""


def outlook(**records: list[dict[str, str]]) -> Outlook:
    known = {f"ns::{name}": found for name, found in records.items()}
    return Outlook(World(load(UNITS), {}).situation(Knowledge(known)))


def test_nothing_is_known_of_a_resource_that_was_not_read() -> None:
    found = outlook()
    assert found.runs("ns::r") is Verdict.TRUE
    assert found.runs("ns::s") is Verdict.UNKNOWN
    assert found.runs("ns::j") is Verdict.UNKNOWN
    assert found.runs("ns::other") is Verdict.FALSE


def test_a_resource_that_cannot_be_read_is_lost() -> None:
    found = outlook(r=[{"x": "2"}])
    assert found.runs("ns::s") is Verdict.FALSE
    assert found.runs("ns::j") is Verdict.FALSE


def test_one_expression_that_is_false_is_enough() -> None:
    assert outlook(s=[{"y": "2"}]).runs("ns::j") is Verdict.FALSE


def test_units_that_are_no_jobs_have_no_copies() -> None:
    units = load(UNITS).units
    assert list(with_families(units)) == list(units)
