"""Cases that a job reports: TAP, KTAP and JUnit XML, as real programs print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.diagnostics import Sink
from plainbox.engine.junit import read_junit
from plainbox.engine.results import MOST_CASES, judge, read_cases, with_cases
from plainbox.engine.tap import Cases, read_tap
from plainbox.fields import Owner
from plainbox.outcome import Outcome
from plainbox.records import read_pxu
from plainbox.session.events import Case
from plainbox.session.logs import ERRORS, OUTPUT, LogWriter
from plainbox.text import Source
from plainbox.units import Job, ResultsFormat, build_unit

if TYPE_CHECKING:
    from pathlib import Path

PASS, FAIL, SKIP = Outcome.PASS, Outcome.FAIL, Outcome.SKIP


def rows(found: Cases) -> list[tuple[str, Outcome, str]]:
    return [(case.name, case.outcome, case.message) for case in found.cases]


def tap(text: str) -> Cases:
    return read_tap(text.splitlines())


def test_tap_tells_what_passed_failed_and_was_skipped() -> None:
    found = tap(
        "TAP version 13\n1..5\nok 1 - opens\nnot ok 2 - reads\n  ---\n  message: 'short read'\n"
        "  duration_ms: 250\n  ...\nok 3 - erases # SKIP no such command\n"
        "not ok 4 - trims # TODO not written yet\nok\n"
    )
    assert rows(found) == [
        ("opens", PASS, ""),
        ("reads", FAIL, "short read"),
        ("erases", SKIP, "no such command"),
        ("trims", PASS, "expected to fail: not written yet"),
        ("5", PASS, ""),
    ]
    assert found.cases[1].seconds == 0.25
    assert found.error == ""


def test_nested_ktap_names_the_cases_of_a_suite_after_it() -> None:
    found = tap(
        "[    1.234567] KTAP version 1\n"
        "[    1.234568] 1..2\n"
        "[    1.234569]     KTAP version 1\n"
        "[    1.234570]     # Subtest: list\n"
        "[    1.234571]     1..2\n"
        "[    1.234572]     ok 1 adds\n"
        "[    1.234573]     # removes: EXPECTATION FAILED at lib/list.c:17\n"
        "[    1.234574]     not ok 2 removes\n"
        "[    1.234575] # list: pass:1 fail:1 skip:0 total:2\n"
        "[    1.234576] not ok 1 list\n"
        "[    1.234577] ok 2 alone # SKIP no hardware\n"
    )
    assert rows(found) == [
        ("list / adds", PASS, ""),
        ("list / removes", FAIL, "removes: EXPECTATION FAILED at lib/list.c:17"),
        ("alone", SKIP, "no hardware"),
    ]


def test_a_suite_that_fails_though_its_cases_pass_is_a_failed_case() -> None:
    found = tap("1..1\n    1..1\n    ok 1 inner\nnot ok 1 outer\n")
    assert rows(found) == [("outer / inner", PASS, ""), ("outer", FAIL, "")]


def test_cases_of_a_suite_that_never_ended_are_kept() -> None:
    found = tap("1..1\n    ok 1 inner\n")
    assert rows(found) == [("inner", PASS, "")]
    assert found.error == "1 results were announced and 0 came"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1..3\nok 1\nok 2\n", "3 results were announced and 2 came"),
        ("1..2\nok 1\nBail out! no disk\nok 2\n", "bailed out: no disk"),
        ("Bail out!\n", "bailed out"),
    ],
)
def test_cases_that_never_came_are_said(text: str, error: str) -> None:
    found = tap(text)
    assert found.error == error
    assert judge(found) == (FAIL, error)


def test_a_plan_of_nothing_with_a_reason_is_a_skip() -> None:
    found = tap("1..0 # SKIP no such device\n")
    assert rows(found) == [("(all)", SKIP, "no such device")]
    assert judge(found) == (PASS, "all of 1 case were skipped")


def test_junit_tells_of_the_cases_of_every_suite() -> None:
    found = read_junit(
        b"some chatter\n<?xml version='1.0'?><testsuites><testsuite name='a'>"
        b"<testcase classname='disk' name='opens' time='0.5'/>"
        b"<testcase classname='disk' name='reads'><failure message='short read'>trace</failure>"
        b"<system-out>x</system-out></testcase>"
        b"<testcase name='erases'><skipped/></testcase></testsuite><testsuite>"
        b"<testcase name='trims' time='inf'><error>\n  Broken: pipe\n  at 1\n</error></testcase>"
        b"</testsuite></testsuites>\nmore chatter\n"
    )
    assert rows(found) == [
        ("disk.opens", PASS, ""),
        ("disk.reads", FAIL, "short read"),
        ("erases", SKIP, ""),
        ("trims", FAIL, "Broken: pipe"),
    ]
    assert found.cases[0].seconds == 0.5
    assert found.cases[3].seconds is None
    assert found.error == ""


def test_a_document_that_defines_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>'
    assert read_junit(bomb) == Cases([], "the XML has a document type, which is not read")


def test_cases_before_a_mistake_in_the_document_are_kept() -> None:
    found = read_junit(b"<testsuite><testcase name='a'/><testcase name='b'></testsuite>")
    assert rows(found) == [("a", PASS, "")]
    assert found.error == "line 1 of the XML: mismatched tag"
    assert read_junit(b"nothing") == Cases([], "there is no XML in the output")


def test_failed_cases_fail_a_job_that_ended_well() -> None:
    cases = [Case("a", PASS), Case("b", FAIL, "why"), *(Case(f"c{i}", FAIL) for i in range(3))]
    assert judge(Cases(cases)) == (FAIL, "4 of 5 cases failed: b (why), c0, c1, …")
    assert judge(Cases([Case("a", PASS), Case("b", SKIP)])) == (PASS, "")


def test_output_without_a_case_is_a_failure() -> None:
    found = read_cases(ResultsFormat.TAP, b"hello\n")
    assert judge(found) == (FAIL, "no case was found in its output, which was to be tap")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    log = LogWriter(tmp_path, 1)
    log.write(0.0, OUTPUT, b"1..2\nok 1 - a\nnot ok 2 - b")
    log.write(0.1, ERRORS, b"not ok 3 - c\n")
    log.write(0.2, OUTPUT, b"bc\n")
    log.close()
    return tmp_path


def job(results: str = "tap") -> Job:
    sink = Sink()
    text = f"id: x\nplugin: shell\ncommand: x\nresults: {results}\n"
    (record,) = read_pxu(Source("a.pxu", text), sink)
    unit = build_unit(record, Owner("a", "x"), sink)
    assert isinstance(unit, Job)
    assert not unit.problems()
    return unit


def test_only_standard_output_is_read_and_failed_cases_fail_the_job(logs: Path) -> None:
    (event,), ended = with_cases(job(), logs, 1, (PASS, ""))
    assert [(case.name, case.outcome) for case in event.cases] == [("a", PASS), ("bbc", FAIL)]
    assert ended == (FAIL, "1 of 2 cases failed: bbc")


def test_a_job_that_failed_says_which_cases_did(logs: Path) -> None:
    _, ended = with_cases(job(), logs, 1, (FAIL, "exit 3: last line"))
    assert ended == (FAIL, "exit 3: 1 of 2 cases failed: bbc")
    _, ended = with_cases(job(), logs, 1, (Outcome.CRASH, "timed out after 2 s"))
    assert ended == (Outcome.CRASH, "timed out after 2 s")


def test_a_job_without_cases_ends_as_it_ended(tmp_path: Path) -> None:
    (record,) = read_pxu(Source("a.pxu", "id: x\nplugin: shell\ncommand: x\n"), Sink())
    plain = build_unit(record, Owner("a", "x"), Sink())
    assert isinstance(plain, Job)
    assert with_cases(plain, tmp_path, 1, (PASS, "")) == ([], (PASS, ""))


def test_the_number_of_cases_is_bounded() -> None:
    found = read_cases(ResultsFormat.TAP, b"ok\n" * (MOST_CASES + 1))
    assert len(found.cases) == MOST_CASES
    assert "only the first" in found.error


@given(
    st.lists(st.sampled_from(["ok", "not ok", "    ok 1 x", "  1..3", "1..2", "# c", "Bail out!"]))
)
def test_whatever_is_printed_is_read(lines: list[str]) -> None:
    read_tap(lines)


@given(st.binary())
def test_whatever_the_bytes_are_a_document_is_read(content: bytes) -> None:
    read_junit(b"<testsuite>" + content)
