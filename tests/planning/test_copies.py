from __future__ import annotations

from typing import TYPE_CHECKING

from tests.planning.units_of_text import units as units_of

from plainbox.catalog import Catalog
from plainbox.diagnostics import Sink
from plainbox.fields import Owner
from plainbox.ids import Pattern
from plainbox.planning import (
    arrange,
    dead_lines,
    family,
    instantiate,
    pick,
    select,
    with_copies,
)
from plainbox.units import Job, Template, TestPlan

if TYPE_CHECKING:
    from plainbox.fields import Unit

SUSPEND = "com.canonical.certification::suspend/suspend_advanced_auto"
BY_HAND = "com.canonical.certification::suspend/suspend_advanced"


def jobs(text: str) -> list[Job]:
    return [unit for unit in units_of(text) if isinstance(unit, Job)]


def family_of(text: str) -> list[Job]:
    return list(family(jobs(text)[0]))


def catalog_of(text: str) -> Catalog:
    return Catalog.of([Owner("provider", "ns")], units_of(text), Sink())


def test_a_job_without_copies_is_its_whole_family() -> None:
    (job,) = jobs("id: a\nplugin: shell\ncommand: true\n")
    assert list(family(job)) == [job]


def test_a_job_that_runs_again_after_a_suspend_has_a_copy_that_waits_for_both() -> None:
    base, copy = family_of(
        "id: net/ping\n_summary: Ping\nflags: simple also-after-suspend\n"
        "depends: net/up\ngroup: net\ncommand: ping\n"
    )
    assert copy.id == "ns::after-suspend-net/ping"
    assert copy.summary == "Ping after suspend (S3)"
    assert copy.depends == ("ns::net/up", "ns::net/ping", SUSPEND)
    assert copy.group == "after-suspend-net"
    assert copy.flags == {"simple"}
    assert copy.command == "ping"
    assert base.before == (SUSPEND,)
    assert base.id == "ns::net/ping"


def test_a_copy_for_a_suspend_by_hand_has_a_name_of_its_own() -> None:
    _, copy, other = family_of(
        "id: a\nplugin: shell\ncommand: true\nflags: also-after-suspend-manual also-after-suspend\n"
    )
    assert copy.id == "ns::after-suspend-a"
    assert other.id == "ns::after-suspend-manual-a"
    assert other.depends == ("ns::a", BY_HAND)


def test_a_job_that_waits_for_the_suspend_itself_is_not_put_before_it() -> None:
    base, _ = family_of(
        f"id: a\nplugin: shell\ncommand: true\nflags: also-after-suspend\nafter: {SUSPEND}\n"
    )
    assert base.before == ()


def test_siblings_are_copies_with_some_fields_replaced_in_either_form() -> None:
    _, one, two = family_of(
        "id: a\n_summary: Base\nplugin: shell\ncommand: true\n"
        'siblings:\n [{"id": "b", "summary": "One"},\n  {"id": "c", "_command": "false"}]\n'
    )
    assert (one.id, one.summary, one.command) == ("ns::b", "One", "true")
    assert (two.id, two.summary, two.command) == ("ns::c", "Base", "false")
    assert one.siblings == ()


def test_siblings_inherit_flags_and_have_copies_of_their_own() -> None:
    ids = [
        job.id
        for job in family_of(
            "id: a\nplugin: shell\ncommand: true\nflags: also-after-suspend\n"
            'siblings: [{"id": "b"}]\n'
        )
    ]
    assert ids == ["ns::a", "ns::after-suspend-a", "ns::b", "ns::after-suspend-b"]


def test_copies_of_an_instance_belong_to_a_template_of_their_own_name() -> None:
    sink = Sink()
    (template,) = units_of(
        "unit: template\ntemplate-resource: r\ntemplate-id: t\nid: t_{x}\nplugin: shell\n"
        'command: echo {x}\nflags: also-after-suspend\nsiblings: [{{"id": "s_{x}"}}]\n'
    )
    assert isinstance(template, Template)
    (made,) = instantiate(template, [{"x": "1"}], sink)
    assert isinstance(made, Job)
    copies = {job.id: job.instance.template_id for job in family(made) if job.instance}
    assert copies == {
        "ns::t_1": "ns::t",
        "ns::after-suspend-t_1": "ns::after-suspend-t",
        "ns::s_1": "ns::t",
        "ns::after-suspend-s_1": "ns::after-suspend-t",
    }
    assert len({job.checksum for job in family(made)}) == 4


def test_in_a_session_copies_follow_their_job_and_never_replace_a_written_one() -> None:
    catalog = with_copies(
        catalog_of(
            "id: a\nplugin: shell\ncommand: one\nflags: also-after-suspend\n"
            'siblings: [{"id": "b"}]\n\n'
            "id: b\nplugin: shell\ncommand: two\n"
        )
    )
    assert list(catalog.jobs) == ["ns::a", "ns::after-suspend-a", "ns::after-suspend-b", "ns::b"]
    assert catalog.jobs["ns::b"].command == "two"


def test_a_job_runs_before_the_suspend_that_its_copy_waits_for() -> None:
    catalog = with_copies(
        catalog_of("id: a\nplugin: shell\ncommand: true\nflags: also-after-suspend\n")
    )
    text = "id: suspend/suspend_advanced_auto\nplugin: shell\ncommand: sleep\n"
    (suspend,) = units_of(text, "com.canonical.certification")
    assert isinstance(suspend, Job)
    known: dict[str, Job] = {SUSPEND: suspend, **catalog.jobs}
    run_list = arrange(known, [SUSPEND, "ns::after-suspend-a"])
    assert [job.id for job in run_list.jobs] == ["ns::a", SUSPEND, "ns::after-suspend-a"]


PLAN = """\
unit: test plan
id: p
name: P
include:
 a
 gone
 after-suspend-a
 t
 t_7
 after-suspend-t_7
 x.*
mandatory_include: missing
exclude: nothing

id: a
plugin: shell
command: true
flags: also-after-suspend

unit: template
template-resource: r
template-id: t
id: t_{x}
plugin: shell
command: true
"""


def test_a_line_that_selects_no_job_is_found_unless_a_template_could_make_one() -> None:
    catalog = with_copies(catalog_of(PLAN))
    found = list(dead_lines([catalog.plans["ns::p"]], catalog))
    assert [diagnostic.span.text for diagnostic in found if diagnostic.span] == [
        "missing",
        "gone",
        "x.*",
        "nothing",
    ]


def test_jobs_picked_by_hand_bring_the_resources_of_their_templates() -> None:
    catalog = with_copies(catalog_of(PLAN))
    picked = pick([Pattern("ns::a", ""), Pattern("ns::t", ""), Pattern("ns::a", "")], catalog)
    assert picked.jobs == ("ns::a",)
    assert picked.bootstrap == ("ns::r",)


def test_a_plan_selects_copies_by_their_ids() -> None:
    catalog = with_copies(catalog_of(PLAN))
    plan: Unit = catalog.plans["ns::p"]
    assert isinstance(plan, TestPlan)
    assert select(plan, catalog).jobs == ("ns::a", "ns::after-suspend-a")
