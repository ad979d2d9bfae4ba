"""`plainbox expand`: what a plan selects, line by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
id: card
plugin: resource
command: true

id: play
plugin: shell
command: true

id: record
plugin: shell
command: true

id: noise
plugin: shell
command: true

unit: template
template-resource: card
template-id: each
id: each_{name}
plugin: shell
command: true

unit: test plan
id: outer
_name: Outer
bootstrap_include: card
mandatory_include: play
include:
 re.*   certification-status=blocker
 each_.*
 each_sda
 card
 record
 tpyo
exclude: noise
nested_part: inner lost

unit: test plan
id: inner
_name: Inner
include: .*
nested_part: outer
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def test_a_plan_is_shown_as_a_tree_of_lines(bench: Bench, program: Program) -> None:
    answer = program(
        "expand", "outer", "--provider", bench.provider, env={"PYTHONIOENCODING": "ascii"}
    )
    assert answer.code == 0, answer.err
    lines = answer.out.replace(f"{bench.provider}/", "").splitlines()
    assert lines == [
        "outer  Outer  units/all.pxu:24",
        "|-- bootstrap card  :27  resource",
        "|-- mandatory play  :28  shell",
        "|-- include re.*  :30",
        "|   `-- record  shell  certification-status=blocker",
        "|-- include each_.*  :31",
        "|   `-- each  one for each record of card",
        "|-- include each_sda  :32",
        "|   `-- each  one for each record of card  already by units/all.pxu:31",
        "|-- include card  :33  resource  not here: it runs in the bootstrap (units/all.pxu:27)",
        "|-- include record  :34  shell  already by units/all.pxu:30",
        "|-- include tpyo  :35  selects nothing",
        "|-- exclude noise  :36  shell",
        "|-- nested inner  Inner  units/all.pxu:39",
        "|   |-- include .*  :42",
        *[
            line.replace("units/", "units/")
            for line in lines[15 : lines.index("|   `-- nested outer  is above already")]
        ],
        "|   `-- nested outer  is above already",
        "`-- nested lost  does not exist",
        "",
        lines[-1],
    ]
    assert "2 plans, 7 include lines" in lines[-1]
    assert lines[-1].endswith("1 line selects nothing")


def entries(part: dict[str, Any], key: str) -> dict[str, Any]:
    return {line["text"].split()[0]: line for line in part[key]}


def test_programs_get_the_same_as_json(bench: Bench, program: Program) -> None:
    answer = program("expand", "outer", "--json", "--provider", bench.provider)
    found = json.loads(answer.out)
    assert found["mandatory"] == ["org.example::play"]
    assert found["templates"] == ["org.example::each"]
    assert "org.example::noise" not in found["jobs"]
    plan = found["plan"]
    include = entries(plan, "include")
    assert include["tpyo"]["selects"] == []
    (record,) = include["re.*"]["selects"]
    assert record["certification_status"] == "blocker"
    assert record["overrides"]["certification_status"].endswith("units/all.pxu:30")
    assert include["record"]["selects"][0]["already_by"].endswith(":30")
    assert plan["unknown_parts"] == ["org.example::lost"]
    (inner,) = plan["parts"]
    selected = {it["id"]: it for it in entries(inner, "include")[".*"]["selects"]}
    assert selected["org.example::noise"]["taken_out_by"].endswith(":36")
    assert inner["parts"] == [{"id": "org.example::outer", "name": "Outer", "repeated": True}]


def test_the_jobs_are_those_that_a_run_would_select(bench: Bench, program: Program) -> None:
    """The same selection, jobs of templates left out."""
    answer = program("expand", "inner", "--json", "--provider", bench.provider)
    jobs = [it for it in json.loads(answer.out)["jobs"] if it.startswith("org.example")]
    assert jobs == ["org.example::play", "org.example::record"]


def test_a_plan_that_does_not_exist_is_an_error_of_use(bench: Bench, program: Program) -> None:
    answer = program("expand", "outre", "--provider", bench.provider)
    assert answer.code == 2
    assert "did you mean org.example::outer?" in answer.err
