"""What plans say about fields of jobs: the last line in the order of the authors wins."""

from __future__ import annotations

from tests.planning.units_of_text import Known, jobs, template, units

from plainbox.diagnostics import Sink
from plainbox.planning import Selection, instantiate, select


def selection(fields: str, more: str = "", *ids: str) -> Selection:
    known = Known.of(jobs(*(ids or ("a", "b", "ab"))))
    known.add(*units(f"unit: test plan\nid: tp\nname: n\n{fields}\n{more}"))
    return select(known.plans["ns::tp"], known)


def values(selected: Selection, name: str) -> dict[str, str]:
    return {
        job_id.removeprefix("ns::"): settings[name].value
        for job_id, settings in selected.overrides.items()
        if name in settings
    }


def test_the_last_line_wins_and_categories_come_after_inline_values() -> None:
    found = selection(
        "include:\n a category-id=c0\n .*\ncategory_overrides:\n apply c1 to .*\n apply c2 to a\n"
    )
    assert values(found, "category_id") == {"a": "ns::c2", "b": "ns::c1", "ab": "ns::c1"}


def test_a_general_line_that_comes_last_wins_over_a_special_one() -> None:
    found = selection("include:\ncategory_overrides:\n apply c2 to b\n apply c1 to .*\n")
    assert values(found, "category_id") == {"a": "ns::c1", "b": "ns::c1", "ab": "ns::c1"}


def test_inline_values_are_read_from_mandatory_lines_first() -> None:
    found = selection("include: a auto-retry=no\nmandatory_include:\n .* auto_retry=unspecified\n")
    assert values(found, "auto_retry") == {"a": "no", "b": "unspecified", "ab": "unspecified"}


def test_anchors_change_nothing() -> None:
    found = selection("include: ^a$ certification-status=blocker")
    assert values(found, "certification_status") == {"a": "blocker"}


def test_certification_overrides_come_last() -> None:
    found = selection(
        "include: .* certification-status=blocker\n"
        "certification_status_overrides: apply non-blocker to a.*\n"
    )
    assert values(found, "certification_status") == {
        "a": "non-blocker",
        "b": "blocker",
        "ab": "non-blocker",
    }


def test_parts_speak_for_all_jobs_and_after_the_plan_that_nests_them() -> None:
    found = selection(
        "include: .*\ncategory_overrides: apply outer to a\nnested_part: inner\n",
        "\nunit: test plan\nid: inner\nname: n\ninclude:\ncategory_overrides: apply inner to .*\n",
    )
    assert values(found, "category_id") == {"a": "ns::inner", "b": "ns::inner", "ab": "ns::inner"}


def test_a_value_knows_the_line_that_gives_it() -> None:
    found = selection(
        "include: a certification-status=blocker\ncategory_overrides:\n apply c1 to b\n"
        "certification_status_overrides:\n apply blocker to ab\n"
    )
    setting = found.overrides["ns::a"]["certification_status"]
    assert (setting.span.text, setting.span.line, setting.key) == ("a", 4, "include")
    assert found.overrides["ns::b"]["category_id"].span.line == 6
    assert found.overrides["ns::ab"]["certification_status"].span.line == 8
    assert setting.plan.id == "ns::tp"


def test_a_pattern_means_the_instances_of_templates_too() -> None:
    text = (
        "unit: template\ntemplate-id: tmpl\ntemplate-resource: r\n"
        "id: {id}\nplugin: shell\ncommand: true\n"
    )
    made = instantiate(template(text), [{"id": "one"}, {"id": "two"}], Sink())
    known = Known.of(jobs("tmx", "x")).add(*made)
    known.add(
        *units(
            "unit: test plan\nid: tp\nname: n\ninclude: tmpl certification-status=blocker\n"
            "category_overrides: apply c to tm.*\n"
        )
    )
    found = select(known.plans["ns::tp"], known)
    assert values(found, "certification_status") == {"one": "blocker", "two": "blocker"}
    assert values(found, "category_id") == {"tmx": "ns::c", "one": "ns::c", "two": "ns::c"}
    assert found.override("ns::one", "certification_status") == "blocker"
    assert found.override("ns::x", "certification_status") is None
