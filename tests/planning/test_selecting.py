"""What plans select: corpus, examples of the specification, faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.planning.units_of_text import Known, jobs, pxu, template, units

from plainbox.diagnostics import Sink
from plainbox.planning import instantiate, select, select_all

CORPUS = Path(__file__).parents[1] / "corpus" / "selection.json"


def known_of(ids: list[str]) -> Known:
    known = Known()
    for full_id in ids:
        namespace, _, partial = full_id.rpartition("::")
        known.add(*units(jobs(partial), namespace))
    return known


@pytest.mark.parametrize("case", json.loads(CORPUS.read_text("utf-8")))
def test_a_plan_selects_what_the_incumbent_selects(case: dict[str, Any]) -> None:
    known = known_of(case["jobs"])
    known.add(*units(pxu(case["plan"]), case["namespace"]))
    (plan,) = known.plans.values()
    selection = select(plan, known)
    assert list(selection.jobs) == case["selected"]
    assert list(selection.mandatory) == case["mandatory"]


IDS = ["b", "a", "ab", "abc", "usb/a", "a b", "storage.x", "storage-x"]


def selected(plan: str, ids: list[str] = IDS) -> list[str]:
    known = known_of(ids)
    known.add(*units(f"unit: test plan\nid: tp\nname: n\n{plan}", ""))
    return list(select(known.plans["tp"], known).jobs)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("include:\n a\n b", ["a", "b"]),
        ("include: .*\nexclude: a.*", ["b", "usb/a", "storage.x", "storage-x"]),
        (
            "include:\n a\n .*",
            ["a", "b", "ab", "abc", "usb/a", "a b", "storage.x", "storage-x"],
        ),
        ("include:\n b\n a\n b", ["b", "a"]),
        ("include:\n a.*$\n ^b", ["a", "ab", "abc", "a b", "b"]),
        ("include: storage.x", ["storage.x", "storage-x"]),
        ('include: "a b"', ["a b"]),
        ("include: [a-b]", ["b", "a"]),
        ("include: a\nexclude: a", []),
        (
            "include: .*\nbootstrap_include: a b",
            ["ab", "abc", "usb/a", "a b", "storage.x", "storage-x"],
        ),
        ("include: a|b", ["b", "a"]),
        ("include:", []),
    ],
)
def test_lines_select_in_their_order(fields: str, expected: list[str]) -> None:
    assert selected(fields) == expected


PLANS = """\
id: boot
plugin: resource
command: true

id: m
plugin: shell
command: true

id: a
plugin: shell
command: true

id: b
plugin: shell
command: true

unit: test plan
id: inner
name: Inner
bootstrap_include: boot
mandatory_include: m
include:
 a certification-status=blocker
 b

unit: test plan
id: outer
name: Outer
include:
nested_part: inner
"""


def test_an_umbrella_has_what_its_parts_have() -> None:
    known = Known.of(PLANS)
    selection = select(known.plans["ns::outer"], known)
    assert selection.bootstrap == ("ns::boot",)
    assert selection.wanted == ("ns::m", "ns::a", "ns::b")
    assert selection.override("ns::a", "certification_status") == "blocker"
    assert selection.override("ns::b", "certification_status") is None
    assert [plan.partial_id for plan in selection.plans] == ["outer", "inner"]


def test_nothing_excludes_mandatory_jobs_and_bootstrap_jobs_are_not_run_again() -> None:
    known = Known.of(PLANS.replace("include:\nnested", "include: boot\nexclude:\n a\n m\nnested"))
    selection = select(known.plans["ns::outer"], known)
    assert selection.wanted == ("ns::m", "ns::b")


def test_an_exclude_of_a_part_holds_everywhere() -> None:
    text = PLANS.replace("include:\nnested", "include: a\nnested")
    known = Known.of(
        text.replace(
            " b\n\nunit: test plan\nid: outer", " b\nexclude: a\n\nunit: test plan\nid: outer"
        )
    )
    assert select(known.plans["ns::outer"], known).jobs == ("ns::b",)


def test_each_job_knows_the_line_that_asks_for_it() -> None:
    known = Known.of(PLANS.replace("include:\nnested", "include: b\nnested"))
    selection = select(known.plans["ns::outer"], known)
    reasons = selection.reasons
    assert {job_id: (why.plan.partial_id, why.key) for job_id, why in reasons.items()} == {
        "ns::boot": ("inner", "bootstrap_include"),
        "ns::b": ("outer", "include"),
        "ns::a": ("inner", "include"),
        "ns::m": ("inner", "mandatory_include"),
    }
    assert (reasons["ns::a"].span.text, reasons["ns::a"].span.line) == ("a", 23)
    assert reasons["ns::boot"].span.text == "boot"


def test_setup_jobs_are_listed_and_never_matched() -> None:
    known = Known.of(
        jobs("a") + "\nunit: setup job\nid: s\nplugin: shell\ncommand: true\n\n"
        "unit: test plan\nid: tp\nname: n\ninclude: .*\nsetup_include: s nosuch\n"
    )
    selection = select(known.plans["ns::tp"], known)
    assert selection.jobs == ("ns::a",)
    assert selection.setup == ("ns::s", "ns::nosuch")


def test_the_job_that_asks_for_the_manifest_is_never_selected() -> None:
    known = known_of(["com.canonical.plainbox::collect-manifest", "ns::a"])
    known.add(*units("unit: test plan\nid: tp\nname: n\ninclude: .*::.*\n"))
    assert select(known.plans["ns::tp"], known).jobs == ("ns::a",)


def test_several_plans_select_like_one_that_nests_them() -> None:
    known = known_of(["ns::a", "ns::b"])
    plans = "".join(f"unit: test plan\nid: {it}\nname: n\ninclude: {it}\n\n" for it in "ba")
    known.add(*units(plans))
    assert select_all(list(known.plans.values()), known).jobs == ("ns::b", "ns::a")


GENERATED = """\
unit: template
template-id: tmpl
template-resource: res
id: {id}
plugin: shell
summary: s
command: true
"""


def test_a_template_is_named_for_all_its_instances() -> None:
    made = instantiate(template(GENERATED), [{"id": "gen_1"}, {"id": "gen_2"}], Sink())
    known = Known.of(jobs("a", "z")).add(*made)

    def chosen(fields: str) -> list[str]:
        known.plans.clear()
        known.add(*units(f"unit: test plan\nid: tp\nname: n\n{fields}\n"))
        return [it.removeprefix("ns::") for it in select(known.plans["ns::tp"], known).jobs]

    assert chosen("include: tmpl") == ["gen_1", "gen_2"]
    assert chosen("include: tmpl\nexclude: gen_1.*") == ["gen_2"]
    assert chosen("include: .*\nexclude: tmpl") == ["a", "z"]
    assert chosen("include: tm.*") == []
    assert chosen("include: .*\nbootstrap_include: tmpl") == ["a", "z"]


def test_a_job_called_like_a_template_and_its_instances_keep_their_order() -> None:
    made = instantiate(template(GENERATED), [{"id": "gen_1"}], Sink())
    known = Known().add(*made).add(*units(jobs("tmpl")))
    known.add(*units("unit: test plan\nid: tp\nname: n\ninclude: tmpl\n"))
    assert select(known.plans["ns::tp"], known).jobs == ("ns::gen_1", "ns::tmpl")
