"""The cases that a job reports are part of the session, and a failed one fails the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.outcome import Outcome
from plainbox.testing.bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

UNITS = """\
id: passes
plugin: shell
results: tap
command: echo 1..1; echo ok 1 - reads

id: lies
plugin: shell
results: ktap
command: printf '1..2\\nok 1 reads\\nnot ok 2 writes\\n'

id: fails
plugin: shell
results: junit
command:
 echo '<testsuite><testcase name="a"><failure message="no"/></testcase></testsuite>'
 exit 3
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/a.pxu": UNITS})


def test_a_failed_case_fails_the_job_whatever_its_exit_code(bench: Bench) -> None:
    outcomes = bench.run("passes", "lies", "fails")
    assert outcomes["passes"] is Outcome.PASS
    assert outcomes["lies"] is Outcome.FAIL
    assert outcomes.reason("lies") == "1 of 2 cases failed: writes"
    assert outcomes.reason("fails") == "exit 3: 1 of 1 case failed: a (no)"


def test_the_cases_are_in_the_journal(bench: Bench) -> None:
    outcomes = bench.run("lies")
    (attempt,) = outcomes.job("lies").attempts
    assert [(case.name, case.outcome) for case in attempt.cases] == [
        ("reads", Outcome.PASS),
        ("writes", Outcome.FAIL),
    ]
