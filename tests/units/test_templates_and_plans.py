"""Templates and test plans: their fields, and what is wrong with them."""

from __future__ import annotations

import pytest
from tests.units.unit_texts import problems, unit

from plainbox.units import Template, TestPlan

NS = "2024.org.example::"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("t-{name} x", "t-namex"),
        ("spec-{x:>4}", "spec-x:4"),
        ("j_{{ n }}", "j_n"),
        ("A.b/c\\d", "A.b/c\\d"),
        ("ü-{x}", "-x"),
    ],
)
def test_a_template_without_an_id_of_its_own_gets_one(written: str, expected: str) -> None:
    template = unit(Template, f"unit: template\nid: {written}\ntemplate-resource: r\n")
    assert template.template_id == NS + expected
    assert template.id == NS + written


def test_the_id_of_a_template_can_be_given() -> None:
    template = unit(Template, "unit: template; id: a-{b}; template-id: mine")
    assert template.template_id == NS + "mine"


@pytest.mark.parametrize(
    ("resource", "imports", "expected"),
    [
        ("q", "from o import r as q", "o::r"),
        ("o::r", "", "o::r"),
        ("o::r", "from p import x as r", "o::r"),
        ("r", "", NS + "r"),
        ("q", "from o import r", NS + "q"),
        ("r", "from o import r", "o::r"),
        ("r", "from p import x\n from o import s AS r", "o::s"),
    ],
)
def test_the_resource_is_an_imported_name_or_an_id(
    resource: str, imports: str, expected: str
) -> None:
    text = f"unit: template\nid: a-{{b}}\ntemplate-resource: {resource}\n"
    template = unit(Template, text + (f"template-imports:\n {imports}\n" if imports else ""))
    assert template.template_resource == expected
    assert template.resource_name == resource


def test_the_filter_knows_the_imports_on_every_line() -> None:
    template = unit(
        Template,
        "unit: template\nid: a-{b}\ntemplate-resource: q\n"
        "template-imports: from o import r as q\n"
        "template-filter:\n q.x == '1'\n q.y == '2' and z.y == '3'\n",
    )
    assert template.resources == {"q": "o::r", "z": NS + "z"}


def test_a_template_needs_a_resource_and_makes_units_of_a_known_type() -> None:
    assert problems("unit: template; id: a-{b}; template-unit: jobs") == [
        "missing-field @a-{b}: missing field 'template-resource'",
        "unknown-unit-type @jobs: template-unit: unknown unit type 'jobs'",
    ]
    template = unit(Template, "unit: template; id: a-{b}")
    assert template.template_resource == ""
    assert (template.template_unit, template.template_engine) == ("job", "default")


def test_the_fields_of_the_instances_are_none_of_the_template() -> None:
    text = (
        "unit: template\nid: A_{b.c}-{d::>2}\ntemplate-resource: r\nplugin: {x}\nflags: {y}\n"
        "template-engine: jinja2\n_template-summary: S\ntemplate-description: D\n"
    )
    assert problems(text) == []
    template = unit(Template, text)
    assert (template.template_summary, template.template_description) == ("S", "D")
    assert "plugin" not in template.fields


def test_a_template_without_an_id_is_reported_once() -> None:
    assert problems("unit: template; template-resource: r") == [
        "missing-field @template: missing field 'id'"
    ]


PLAN = """\
unit: test plan
id: p
_name: Plan
_description: All of it.
include:
 a  certification-status=blocker # why
 b/.*
 o::c
mandatory_include: m
exclude: b/x
bootstrap_include: r, s
setup_include: t
nested_part: q o::q
category_overrides: apply disk to .*
certification_status_overrides: apply blocker to b/.*
estimated_duration: 1h
icon: none
"""


def test_a_plan_selects_with_patterns() -> None:
    plan = unit(TestPlan, PLAN)
    assert plan.id == NS + "p"
    first, second, third = plan.include
    assert first.pattern.matches(NS + "a")
    assert first.overrides == (("certification_status", "blocker"),)
    assert second.pattern.matches(NS + "b/1")
    assert third.pattern.fixed == "o::c"
    assert plan.span("include", first.place).text == "a"
    assert plan.span("include", second.place).text == "b/.*"
    assert [line.text for line in plan.mandatory_include + plan.exclude] == ["m", "b/x"]
    assert plan.bootstrap_include == (NS + "r", NS + "s")
    assert plan.setup_include == (NS + "t",)
    assert plan.nested_part == (NS + "q", "o::q")
    assert plan.category_overrides[0].value == NS + "disk"
    assert plan.certification_status_overrides[0].value == "blocker"
    assert plan.estimated_duration == 3600.0
    assert problems(PLAN) == []


def test_an_empty_include_is_enough() -> None:
    assert problems("unit: test plan\nid: p\nname: P\ninclude:\nnested_part: q\n") == []


def test_a_plan_needs_a_name_and_an_include() -> None:
    assert problems("unit: test plan; id: p") == [
        "missing-field @p: missing field 'name'",
        "missing-field @p: missing field 'include'",
    ]


def test_bad_lines_of_a_plan_are_shown_where_they_stand() -> None:
    text = PLAN.replace("b/.*\n", "b/(\n", 1).replace("blocker to", "maybe to")
    assert problems(text) == [
        (
            "bad-pattern @b/(: include: 'b/(' is no regular expression: "
            "missing ), unterminated subpattern"
        ),
        (
            "bad-value @maybe: certification_status_overrides: expected one of non-blocker, "
            "blocker, found 'maybe'"
        ),
    ]
    assert len(unit(TestPlan, text).include) == 2


def test_yaml_plans_are_read_alike() -> None:
    text = """\
---
unit: test plan
id: p
name: Plan
estimated_duration: 30
include:
- a
- b:
    certification-status: blocker
category_overrides:
- apply disk to a
"""
    plan = unit(TestPlan, text)
    assert [line.text for line in plan.include] == ["a", "b"]
    assert plan.include[1].overrides == (("certification_status", "blocker"),)
    assert plan.category_overrides[0].value == NS + "disk"
    assert plan.estimated_duration == 30.0
    assert problems(text) == []


def test_a_template_knows_its_own_keys_and_those_of_what_it_makes() -> None:
    text = "unit: template; template-resource: r; id: a"
    assert {"template-filter", "command", "plugin"} <= unit(Template, text).known_keys()
    other = unit(Template, f"{text}; template-unit: category").known_keys()
    assert "name" in other
    assert "command" not in other
    assert "name" not in unit(Template, f"{text}; template-unit: nothing").known_keys()
