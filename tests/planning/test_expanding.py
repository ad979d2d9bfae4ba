"""What a plan selects, before anything has run."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest
from tests.planning.units_of_text import units

from plainbox.app.setup import set_up
from plainbox.catalog import Catalog
from plainbox.diagnostics import Sink
from plainbox.fields import Owner
from plainbox.ids import PLAINBOX
from plainbox.planning import COLLECT_MANIFEST, dead_lines, select
from plainbox.planning.expanding import Expansion, expand, id_of
from plainbox.tui.expand_screen import expansion_json, expansion_lines
from plainbox.tui.words import Marks

REAL = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")


def expanded(text: str, plan: str = "ns::plan") -> Expansion:
    catalog = Catalog.of([Owner("provider", "ns")], units(text), Sink())
    return expand(catalog.plans[plan], catalog)


TEMPLATES = """\
unit: template
template-resource: r
template-id: wifi/scan
id: wifi/scan_{interface}
plugin: shell
command: true

unit: template
template-resource: r
template-id: disk/speed
id: disk/{name}_speed
plugin: shell
command: true

id: wifi/scan_all
plugin: shell
command: true

unit: test plan
id: plan
_name: plan
include:
"""


@pytest.mark.parametrize(
    ("line", "selected"),
    [
        ("wifi/scan", ["wifi/scan"]),
        ("wifi/scan_wlan0", ["wifi/scan"]),
        ("wifi/scan_all", ["wifi/scan_all"]),
        ("wifi/scan_.*", ["wifi/scan_all", "wifi/scan"]),
        ("wifi/scan_[a-z]{4}[0-9]", ["wifi/scan"]),
        ("after-suspend-wifi/scan_wlan0", ["wifi/scan"]),
        ("disk/nvme0n1_speed", ["disk/speed"]),
        ("disk/.*_speed", ["disk/speed"]),
        (".*", ["wifi/scan_all", "wifi/scan", "disk/speed"]),
        ("wifi/scan_", []),
        ("wifi/scan_all/more.*|x", ["wifi/scan"]),
        ("wifi", []),
    ],
)
def test_a_line_selects_jobs_and_the_templates_whose_jobs_it_could_mean(
    line: str, selected: list[str]
) -> None:
    (found,) = expanded(f"{TEMPLATES} {line}\n").root.lines["include"]
    assert [id_of(it.unit).removeprefix("ns::") for it in found.chosen] == selected


def test_what_a_plan_overrides_for_templates_is_told() -> None:
    text = f"{TEMPLATES} wifi/scan certification-status=blocker\n disk/speed\n"
    text += "category_overrides:\n apply c to .*/speed\n apply d to wifi/scan\n"
    settings = expanded(text).settings
    told = {
        (name, field): setting.value
        for name, fields in settings.items()
        for field, setting in fields.items()
    }
    assert told == {
        ("ns::wifi/scan", "certification_status"): "blocker",
        ("ns::wifi/scan", "category_id"): "ns::d",
        ("ns::disk/speed", "category_id"): "ns::c",
    }


def test_lines_that_exclude_take_out_what_they_mean() -> None:
    found = expanded(f"{TEMPLATES} .*\nexclude: wifi/scan\n")
    (line,) = found.root.lines["include"]
    assert [it.out is not None for it in line.chosen] == [False, True, False]
    (exclude,) = found.root.lines["exclude"]
    assert [id_of(it.unit) for it in exclude.chosen] == ["ns::wifi/scan"]
    assert [it.template_id for it in found.templates] == ["ns::disk/speed"]


MANIFEST = """\
id: collect-manifest
plugin: shell
command: true

id: r
plugin: resource
command: true

unit: test plan
id: plan
_name: plan
bootstrap_include: r lost
include:
 .*
 r
nested_part: part nowhere

unit: test plan
id: part
_name: part
include: r
nested_part: plan
"""


def test_what_runs_elsewhere_is_not_selected() -> None:
    catalog = Catalog.of([Owner("provider", PLAINBOX)], units(MANIFEST, PLAINBOX), Sink())
    found = expand(catalog.plans[f"{PLAINBOX}::plan"], catalog)
    assert found.root.unknown == (f"{PLAINBOX}::nowhere",)
    assert [len(it.chosen) for it in found.root.lines["bootstrap_include"]] == [1, 0]
    out = {
        id_of(it.unit): it.out.key
        for line in found.root.lines["include"]
        for it in line.chosen
        if it.out
    }
    assert out == {f"{PLAINBOX}::r": "bootstrap_include", COLLECT_MANIFEST: "include"}
    (part,) = found.root.parts
    assert [it.repeated for it in part.parts] == [True]
    text = ["".join(word for word, _ in line) for line in expansion_lines(found, Marks("ascii"))]
    assert any("plainbox asks for the manifest itself" in line for line in text)
    assert found.selection.jobs == ()


def test_a_long_chain_of_plans_is_expanded() -> None:
    chain = "".join(
        f"unit: test plan\nid: p{n}\n_name: p\ninclude: x\nnested_part: p{n + 1}\n\n"
        for n in range(2000)
    )
    found = expanded(chain, "ns::p0")
    assert sum(not part.repeated for part in found.root.walk()) == 2000
    assert len(list(expansion_lines(found, Marks("ascii")))) > 4000
    assert expansion_json(found)["plan"]["id"] == "ns::p0"


@pytest.mark.skipif(not REAL, reason="PLAINBOX_TEST_PROVIDERS names no folder of providers")
def test_every_real_plan_can_be_expanded() -> None:
    """And the lines that select nothing are those that checking calls dead."""
    folders = sorted(
        {it.parent for root in REAL.split(":") for it in Path(root).rglob("manage.py")}
    )
    catalog = set_up([str(it) for it in folders], {}).session
    assert catalog.plans
    for plan in islice(catalog.plans.values(), 0, None, 9):
        found = expand(plan, catalog)
        assert list(expansion_lines(found, Marks("utf-8")))
        assert expansion_json(found)["jobs"] == list(select(plan, catalog).jobs)
        if len(found.selection.plans) == 1:
            nothing = {
                line.reason.span.start
                for key in ("include", "mandatory_include", "exclude")
                for line in found.root.lines.get(key, ())
                if not line.chosen
            }
            dead = {it.span.start for it in dead_lines([plan], catalog) if it.span}
            assert nothing == dead, plan.id
