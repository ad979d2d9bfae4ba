"""Seeds C1 to C6: what a template is made of, what it makes, and the resource that feeds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.seeds.devices import (
    DEVICE,
    JOB,
    PLAN,
    bench,
    instances,
    made,
    run,
    template,
    template_of,
)

from plainbox.diagnostics import Code, Severity
from plainbox.outcome import Outcome
from plainbox.units import (
    Category,
    Exporter,
    ManifestEntry,
    PackagingMetaData,
    TestPlan,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

    from plainbox.fields import Unit


def test_c1_fields_that_start_with_template_belong_to_the_template_all_others_to_the_instances(
    tmp_path: Path,
) -> None:
    unit, _ = instances(
        tmp_path,
        "template-resource: device",
        "template-filter: device.physical == 'yes'",
        "template-summary: About the template",
        "id: test-{path}",
        "_summary: About {path}",
        "plugin: shell",
        "command: true",
        "extra: Of nobody's {path}",
    )

    own = {key for key in unit.record.entries if not key.startswith("template-")}
    assert own == {"unit", "id", "_summary", "plugin", "command", "extra"}
    assert unit.text("summary") == "About /dev/sda"
    assert unit.text("extra") == "Of nobody's /dev/sda"
    assert unit.text("template-filter") is unit.text("template-resource") is None
    assert unit.text("template-summary") is None


def test_c2_a_template_makes_jobs_unless_it_says_otherwise(tmp_path: Path) -> None:
    outcomes = run(
        tmp_path, "template-resource: device", "id: t-{path}", "plugin: shell", "command: true"
    )

    assert made(outcomes) == ["t-/dev/sda", "t-/dev/cdrom", "t-/dev/loop0"]
    assert outcomes["t-/dev/loop0"] is Outcome.PASS


def test_c2_a_template_makes_categories(tmp_path: Path) -> None:
    category = template(
        "template-unit: category",
        "template-resource: device",
        "id: of-{path}",
        "name: Tests of {path}",
    )
    job = "id: a\nplugin: shell\ncategory_id: of-/dev/sda\ncommand: true\n"

    outcomes = bench(tmp_path, DEVICE, category, job).run("plan")

    assert outcomes.job("a").card.category_name == "Tests of /dev/sda"


def test_c2_a_template_makes_test_plans_and_a_plan_nests_them(
    tmp_path: Path, program: Program
) -> None:
    inner = template(
        "template-unit: test plan",
        "template-resource: device",
        "template-filter: device.path == '/dev/sda'",
        "id: of-{path}",
        "name: Tests of {path}",
        "include: inner",
    )
    jobs = "id: inner\nplugin: shell\ncommand: true\n\nid: other\nplugin: shell\ncommand: true\n"
    outer = (
        "unit: test plan\nid: plan\nname: A plan\ninclude:\n"
        "nested_part: of-/dev/sda\nbootstrap_include: device\n"
    )

    provider = bench(tmp_path, DEVICE, inner, jobs, plan=outer)
    answer = program("run", "--provider", provider.provider, "plan")

    assert answer.code == 0, answer
    state = provider.store.sessions()[0].read_state()
    assert state.outcome_of("org.example::inner") is Outcome.PASS
    assert "org.example::other" not in state.jobs
    assert "of-/dev/sda" not in answer.out + answer.err


def test_c2_a_template_makes_templates_and_these_make_jobs(tmp_path: Path) -> None:
    outer = template(
        "template-unit: template",
        "template-resource: device",
        "template-filter: device.physical == 'yes'",
        "template-id: parts",
        "template-template-resource: part",
        "template-template-filter: part.of == '{path}'",
        "template-template-id: parts-of-{path}",
        "id: {path}/{{number}}",
        "plugin: shell",
        "command: echo {path} {{number}}",
    )
    part = (
        "id: part\nplugin: resource\ncommand:\n"
        " for each in sda1 sda2 cdrom1; do\n"
        '   printf "of: /dev/%s\\nnumber: %s\\n\\n" ${each%?} ${each#${each%?}}\n'
        " done\n"
    )
    plan = PLAN.format(resource="device part")

    outcomes = bench(tmp_path, DEVICE, part, outer, plan=plan).run("plan")

    assert made(outcomes) == ["/dev/sda/1", "/dev/sda/2", "/dev/cdrom/1"]
    assert outcomes.job("/dev/sda/2").card.template == "org.example::parts-of-/dev/sda"
    assert outcomes.output("/dev/sda/2") == "/dev/sda 2\n"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["template-unit: category", "id: {path}", "name: {path}"], Category),
        (["template-unit: test plan", "id: {path}", "name: {path}", "include: .*"], TestPlan),
        (
            ["template-unit: manifest entry", "id: {path}", "name: {path}", "value-type: bool"],
            ManifestEntry,
        ),
        (
            [
                "template-unit: exporter",
                "id: {path}",
                "summary: {path}",
                "entry_point: jinja2",
                "file_extension: txt",
            ],
            Exporter,
        ),
    ],
)
def test_c2_a_template_makes_units_of_any_kind(
    tmp_path: Path, lines: list[str], kind: type[Unit]
) -> None:
    units = instances(tmp_path, "template-resource: device", *lines)

    assert [type(unit) for unit in units] == [kind, kind]
    assert [unit.partial_id for unit in units] == ["/dev/sda", "/dev/sdb"]
    assert [unit.kind for unit in units] == [lines[0].partition(": ")[2]] * 2


def test_c2_a_template_makes_packaging_meta_data(tmp_path: Path) -> None:
    units = instances(
        tmp_path,
        "template-unit: packaging meta-data",
        "template-resource: device",
        "template-id: packages",
        "os-id: debian",
        "Depends: tools-of-{path}",
    )

    assert [type(unit) for unit in units] == [PackagingMetaData, PackagingMetaData]
    assert [unit.text("Depends") for unit in units] == ["tools-of-/dev/sda", "tools-of-/dev/sdb"]


def test_c3_a_template_without_a_resource_is_an_error(tmp_path: Path) -> None:
    (found,) = template_of(tmp_path, *JOB).problems()

    assert (found.code, found.severity) == (Code.MISSING_FIELD, Severity.ERROR)
    assert "'template-resource'" in found.message


def test_c3_the_resource_is_one_of_the_own_namespace_or_one_that_is_imported(
    tmp_path: Path,
) -> None:
    imported = "template-imports: from com.other import device"

    own = template_of(tmp_path / "own", "template-resource: device", *JOB)
    other = template_of(tmp_path / "other", "template-resource: device", imported, *JOB)

    assert own.template_resource == "org.example::device"
    assert other.template_resource == "com.other::device"


@pytest.mark.parametrize("keyword", ["as", "AS"])
def test_c4_an_import_gives_a_resource_a_name_on_each_of_several_lines(
    tmp_path: Path, keyword: str
) -> None:
    odd = DEVICE.replace("id: device", "id: block/device-2")
    lines = (
        "template-resource: disk",
        "template-imports:",
        f" from com.other import device {keyword} other",
        f" from org.example import block/device-2 {keyword} disk",
        "template-filter: disk.path == '/dev/sda'",
        *JOB,
    )
    plan = PLAN.format(resource="block/device-2")

    assert template_of(tmp_path / "check", *lines).problems() == []
    outcomes = bench(tmp_path, odd, template(*lines), plan=plan).run("plan")

    assert made(outcomes) == ["t-/dev/sda"]


def test_c5_the_short_form_exposes_the_partial_id_as_the_name(tmp_path: Path) -> None:
    lines = (
        "template-resource: device",
        "template-imports: from org.example import device",
        "template-filter: device.physical == 'no'",
        *JOB,
    )

    assert made(run(tmp_path, *lines)) == ["t-/dev/loop0"]


def test_c5_a_partial_id_that_is_no_name_needs_the_second_form(tmp_path: Path) -> None:
    (found,) = template_of(
        tmp_path,
        "template-resource: com.other::block-device",
        "template-imports: from com.other import block-device",
        *JOB,
    ).problems()

    assert (found.code, found.severity) == (Code.BAD_IMPORT, Severity.ERROR)
    assert "'block-device' is no name" in found.message
    assert "add 'as NAME'" in found.message


@pytest.mark.parametrize(
    "lines",
    [
        ["template-resource: disk", "template-imports: from com.other import device as disk"],
        ["template-resource: device", "template-imports: from com.other import device"],
        ["template-resource: com.other::device"],
    ],
)
def test_c6_a_resource_of_another_namespace_is_imported_or_named_in_full(
    tmp_path: Path, lines: list[str], program: Program
) -> None:
    other = tmp_path / "other"
    (other / "units").mkdir(parents=True)
    (other / "units" / "a.pxu").write_text(DEVICE, "utf-8")
    (other / "manage.py").write_text(
        "from plainbox.provider_manager import setup\n"
        'setup(name="other", namespace="com.other", version="1.0", description="Another")\n',
        "utf-8",
    )
    plan = PLAN.format(resource="com.other::device")
    own = bench(tmp_path, template(*lines, *JOB), plan=plan)

    answer = program("run", "--provider", own.provider, "--provider", other, "plan")

    assert answer.code == 0, answer
    jobs = own.store.sessions()[0].read_state().jobs
    assert "org.example::t-/dev/sda" in jobs


def test_c6_without_an_import_a_name_means_the_own_namespace(tmp_path: Path) -> None:
    found = template_of(tmp_path, "template-resource: block-device", *JOB)

    assert found.template_resource == "org.example::block-device"
