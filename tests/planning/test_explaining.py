"""Why jobs run or not, and the smallest change that would make them run."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import pytest
from tests.planning.worlds import Maker, World, known_of, load

from plainbox.expressions import Verdict
from plainbox.outcome import Outcome
from plainbox.planning.copies import original_of
from plainbox.planning.explaining import Explanation, explain_job, explain_template
from plainbox.planning.including import all_around, lines_about
from plainbox.planning.outlook import Knowledge, Outlook
from plainbox.planning.shapes import origins, parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLANS: Final = 1000
GROUPS: Final = 20


@pytest.mark.parametrize("group", range(GROUPS))
def test_the_change_that_is_told_makes_the_job_run(group: int) -> None:
    """In random plans, planned and decided for real, with what the change says made so."""
    changes = 0
    for seed in range(group * PLANS // GROUPS, (group + 1) * PLANS // GROUPS):
        world = Maker(Random(seed)).world()  # noqa: S311 - random plans, no secrets
        changes += _check(world, seed)
    assert changes


def _check(world: World, seed: int) -> int:
    state, started = world.run()
    knowledge = known_of(state)
    outlook = Outlook(world.situation(knowledge))
    changes = 0
    wanted = [*outlook.prospects, *outlook.left_out, "ns::t0_7", "ns::t1_foo"]
    for job_id in wanted:
        explained = explain_job(outlook, job_id)
        assert (explained.runs is Verdict.TRUE) is (job_id in started), (seed, job_id)
        if explained.change is not None:
            changes += 1
            then = explained.change.applied(knowledge)
            ends = {k: v for k, v in world.outcomes.items() if k not in explained.change.runs}
            ends.update(explained.change.outcomes)
            changed = World(world.catalog, {**world.records, **then.records}, ends)
            assert job_id in changed.run()[1], (seed, job_id, explained.change)
        elif explained.runs is not Verdict.TRUE:
            assert explained.why_not or explained.excluded, (seed, job_id)
    return changes


UNITS = """\
id: r
plugin: resource
command: true

id: q
plugin: resource
command: true

unit: template
template-resource: r
template-filter: r.kind == 'disk'
id: t_{name}
plugin: shell
flags: also-after-suspend
command: true {size}

unit: template
template-resource: r
id: all_{{ name }}_{{ name }}
template-id: all
template-engine: jinja2
plugin: shell
command: true

unit: template
template-resource: q
id: unread_{name}
plugin: shell
command: true

unit: template
template-resource: r
template-filter: r.kind == 'x' and r.kind == 1
id: never_{name}
plugin: shell
command: true

unit: template
template-resource: r
id: counted_{__index__}
plugin: shell
command: true

id: twin
plugin: shell
siblings: [{"id": "other", "template-id": "strange"}]
flags: also-after-suspend
command: true

id: after-suspend-stranger
plugin: shell
command: true

id: stranger
plugin: shell
command: true

id: needs-made
plugin: shell
depends: t_b
command: true

id: contradiction
plugin: shell
depends: twin
salvages: twin
command: true

id: broken
plugin: nonsense
command: true

id: out
plugin: shell
command: true

unit: test plan
id: plan
_name: plan
bootstrap_include: r
include: .*
exclude: out
nested_part: part

unit: test plan
id: part
_name: part
include: t_k
nested_part: plan inner

unit: test plan
id: inner
_name: inner
include: .*
"""


def outlook(records: Mapping[str, Sequence[Mapping[str, str]]], **outcomes: Outcome) -> Outlook:
    known = {f"ns::{name}": list(found) for name, found in records.items()}
    ended = {f"ns::{name}": outcome for name, outcome in outcomes.items()}
    return Outlook(World(load(UNITS), {}).situation(Knowledge(known, ended)))


def explained(name: str, found: Outlook) -> Explanation:
    return explain_job(found, f"ns::{name}")


def edits_of(explanation: Explanation) -> list[str] | None:
    if explanation.change is None:
        return None
    return [f"{it.cell.record}.{it.cell.attribute}={it.value}" for it in explanation.change.edits]


def test_a_template_without_jobs_says_what_its_filter_wants() -> None:
    found = outlook({"r": [{"name": "a", "kind": "tape"}, {"name": "b", "kind": "tape"}]})
    template = found.catalog.templates["ns::t_name"]
    explanation = explain_template(found, template)
    assert [met.report.verdict for met in explanation.requires] == [Verdict.FALSE]
    assert explanation.requires[0].numbers == {"r": 1}
    assert edits_of(explanation) == ["0.kind=disk"]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("never_name", "no record can pass its filter"),
        ("unread_name", "the plan does not read ns::q in its bootstrap"),
        ("all", ""),
    ],
)
def test_a_template_that_nothing_helps_says_why(template: str, why: str) -> None:
    found = outlook({})
    explanation = explain_template(found, found.catalog.templates[f"ns::{template}"])
    assert explanation.change is None
    assert explanation.why_not == why


@pytest.mark.parametrize(
    ("records", "edits"),
    [
        ([], ["0.kind=disk", "0.name=b", "0.size=x"]),
        ([{"name": "b", "kind": "tape", "size": "1"}], ["0.kind=disk"]),
        (
            [{"name": "a", "kind": "tape", "size": "1"}],
            ["1.kind=disk", "1.name=b", "1.size=1"],
        ),
    ],
)
def test_a_job_that_is_not_there_would_run_if_a_record_made_it(
    records: list[dict[str, str]], edits: list[str]
) -> None:
    found = outlook({"r": records or [{}]})
    assert edits_of(explained("t_b", found)) == edits
    assert edits_of(explained("needs-made", found)) == edits
    assert explained("t_b", found).could_make[0].values == {"name": "b"}


def test_a_job_that_no_record_can_make_says_why() -> None:
    found = outlook({})
    assert "does not read that resource" in explained("unread_x", found).why_not.replace(
        "the plan does not read", "does not read"
    )
    assert (
        explained("never_x", found).why_not
        == "there is no job ns::never_x, and no template makes it"
    )


def test_a_job_that_has_to_pass_and_to_fail_never_runs() -> None:
    found = outlook({}, twin=Outcome.PASS)
    assert explained("contradiction", found).why_not == "ns::twin cannot both pass and fail"


def test_a_resource_that_was_not_read_leaves_it_open() -> None:
    world = World(load(UNITS.replace("id: stranger\n", "id: stranger\nrequires: q.x == '1'\n")), {})
    explanation = explained("stranger", Outlook(world.situation(Knowledge())))
    assert explanation.runs is Verdict.UNKNOWN
    assert explanation.change is not None
    assert explanation.change.reads == ("ns::q",)


def test_what_keeps_a_job_from_starting_is_told() -> None:
    explanation = explained("broken", outlook({}))
    assert "plugin cannot be read" in explanation.hindrance
    assert "plugin cannot be read" in explanation.why_not


def test_who_takes_a_job_out_is_told() -> None:
    explanation = explained("out", outlook({}))
    assert explanation.excluded is not None
    assert explanation.excluded.line is not None
    assert explanation.excluded.line.text == "out"
    assert explanation.change is None


@pytest.mark.parametrize(
    ("job", "original"),
    [
        ("other", "twin"),
        ("after-suspend-twin", "twin"),
        ("after-suspend-other", "other"),
        ("after-suspend-t_a", "t_a"),
        ("after-suspend-stranger", ""),
        ("twin", ""),
    ],
)
def test_a_copy_knows_its_original(job: str, original: str) -> None:
    found = outlook({"r": [{"name": "a", "kind": "disk", "size": "1"}]})
    jobs = found.catalog.jobs
    assert original_of(jobs[f"ns::{job}"], jobs).removeprefix("ns::") == original


def test_a_parameter_that_is_used_twice_has_one_value() -> None:
    templates = load(UNITS).templates
    assert [it.values for it in origins("ns::all_a_a", templates.values())] == [{"name": "a"}]
    assert not list(origins("ns::all_a_b", templates.values()))
    assert not list(origins("ns::counted_1", templates.values()))
    assert parameters_of(templates["ns::t_name"]) == ["name", "size"]


def test_plans_that_nest_each_other_are_around_each_other() -> None:
    catalog = load(UNITS)
    about = list(lines_about(catalog.templates["ns::t_name"], catalog.plans.values()))
    assert [(it.plan.partial_id, it.key) for it in about] == [
        ("plan", "include"),
        ("part", "include"),
        ("inner", "include"),
    ]
    listed = list(lines_about(catalog.jobs["ns::r"], catalog.plans.values()))
    assert [it.key for it in listed] == ["include", "bootstrap_include", "include"]
    around = all_around([catalog.plans["ns::part"]], catalog.plans)
    assert [it.partial_id for it in around] == ["part", "plan"]


def test_the_way_to_a_plan_goes_through_all_that_nest_it() -> None:
    text = UNITS.replace("include: .*\nexclude: out", "include: x")
    world = World(load(text), {})
    explanation = explained("stranger", Outlook(world.situation(Knowledge())))
    assert [plan.partial_id for plan in explanation.way] == ["plan", "part", "inner"]


def test_a_line_that_no_plan_has_is_no_reason() -> None:
    text = UNITS.replace("include: .*", "include: twin").replace("include: t_k", "include: out")
    world = World(load(text), {})
    explanation = explained("t_zz", Outlook(world.situation(Knowledge())))
    assert explanation.reason is None
    assert explanation.could_make


def test_a_copy_of_what_a_template_made_keeps_its_record() -> None:
    found = outlook({"r": [{"name": "a", "kind": "disk", "size": "1"}]}, t_a=Outcome.FAIL)
    explanation = explained("after-suspend-t_a", found)
    assert explanation.made is not None
    assert explanation.made.template is found.catalog.templates["ns::t_name"]
    assert "suspend" in explanation.why_not


def test_what_was_read_needs_no_leave() -> None:
    """A resource whose `requires` is no longer met was read all the same."""
    text = UNITS.replace("id: q\n", "id: q\nrequires: r.kind == 'x'\n")
    text = text.replace("id: stranger\n", "id: stranger\nrequires: q.x == '1'\n")
    known = {"ns::r": [{"kind": "disk", "name": "a", "size": "1"}], "ns::q": [{"x": "2"}]}
    explanation = explained("stranger", Outlook(World(load(text), {}).situation(Knowledge(known))))
    assert edits_of(explanation) == ["0.x=1"]


def test_units_of_different_files_are_no_copies() -> None:
    here, there = load(UNITS).jobs, load(UNITS).jobs
    jobs = {**here, "ns::after-suspend-twin": there["ns::after-suspend-twin"]}
    assert original_of(jobs["ns::after-suspend-twin"], jobs) == ""
