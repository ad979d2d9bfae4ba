from __future__ import annotations

import pytest
from tests.checking.checked import RESOURCE, check, check_files, codes

JOBS = (
    "id: a\nplugin: shell\ncommand: true\n\nid: b\nplugin: shell\ncommand: "
    "true\nflags: also-after-suspend\n\n"
)
SUSPEND = "id: suspend\nplugin: shell\ncommand: true\n\n"
TEMPLATE = RESOURCE + (
    "unit: template\ntemplate-resource: device\ntemplate-id: tmpl\nid: "
    "disk/{x}_fast\nplugin: shell\ncommand: true\n\n"
)
PLAN = "unit: test plan\nid: p\nname: P\n"


@pytest.mark.parametrize(
    ("line", "dead"),
    [
        ("a", False),
        ("c", True),
        ("(a|b)", False),
        ("[c-e]", True),
        ("c.*", True),
        ("a.*", False),
        ("tmpl", False),
        ("disk/sda_fast", False),
        ("disk/sda_slow", True),
        ("disk/.*_fast", False),
        ("disk/.*_slow", True),
        ("disk/(sd|nvme).*", False),
        ("after-suspend-b", False),
        ("after-suspend-a", True),
        ("after-suspend-disk/.*", False),
        ("net.other::detect", False),
        ("net.other::.*", False),
        ("net.other::gone.*", True),
    ],
)
def test_a_line_is_dead_if_no_machine_could_have_a_job_for_it(line: str, *, dead: bool) -> None:
    others = "id: detect\nplugin: shell\ncommand: true\n"
    found = codes(f"{JOBS}{TEMPLATE}{PLAN}include:\n {line}\n", others)
    assert found == (["dead-line"] if dead else [])


def test_a_misspelt_line_is_told_what_was_meant() -> None:
    text = f"id: disk/read\nplugin: shell\ncommand: true\n\n{PLAN}include: disk/raed\n"
    (found,) = check_files({"a.pxu": text})
    assert found.diagnostic.fix is not None
    assert found.diagnostic.fix.title == "did you mean 'disk/read' (a.pxu:1)?"


def test_a_setup_job_is_not_included() -> None:
    text = f"unit: setup job\nid: s\nplugin: shell\ncommand: true\n\n{PLAN}include: s\n"
    assert check(text) == ["error[wrong-kind] @s: include names a setup job: 's'"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("include: a\nmandatory_include: a", ["include-overlap"]),
        ("include: a\nbootstrap_include: a", ["include-overlap"]),
        ("include: a\nexclude: a", ["dead-line"]),
        ("include: a\nexclude: b", []),
        ("include: .*\nexclude: b", []),
    ],
)
def test_a_line_that_another_field_makes_useless_is_found(fields: str, expected: list[str]) -> None:
    assert codes(f"{JOBS}{PLAN}{fields}\n") == expected


def test_jobs_that_wait_for_each_other_are_told_once() -> None:
    text = JOBS.replace("flags: also-after-suspend\n", "depends: c\n") + (
        "id: c\nplugin: shell\ncommand: true\nafter: b\n"
    )
    assert check(text) == ["error[dependency-cycle] @c: dependency cycle: b -> c -> b"]


@pytest.mark.parametrize("fields", ["depends: a", "before: a", "after: a"])
def test_a_job_that_waits_for_itself_is_a_cycle(fields: str) -> None:
    text = f"id: a\nplugin: shell\ncommand: true\n{fields}\n"
    assert codes(text) == ["dependency-cycle"]


def test_before_closes_a_cycle_too() -> None:
    text = (
        "id: a\nplugin: shell\ncommand: true\ndepends: b\nbefore: b\n\nid: b\n"
        "plugin: shell\ncommand: true\n"
    )
    assert codes(text) == ["dependency-cycle"]


def test_a_resource_in_a_cycle_is_found() -> None:
    text = (
        "id: r\nplugin: resource\ncommand: true\ndepends: j\n\nid: j\nplugin: "
        "shell\ncommand: true\nrequires: r.x == '1'\n"
    )
    assert codes(text) == ["dependency-cycle"]


def test_plans_that_nest_each_other_are_told_once() -> None:
    plan = "unit: test plan\nid: {}\nname: P\ninclude:\nnested_part: {}\n\n"
    assert check(plan.format("p", "q") + plan.format("q", "p")) == [
        "warning[plan-cycle] @q: test plans nest each other: p -> q -> p"
    ]
