from __future__ import annotations

import pytest
from tests.checking.checked import RESOURCE, check, check_files, codes, fix_of

OTHERS = """\
id: detect
plugin: shell
command: true

id: facts
plugin: resource
command: print-facts
"""
OK = "id: ok\nplugin: shell\ncommand: true\n\n"
JOB = OK + "id: j\nplugin: shell\ncommand: true\n"
PLAN = OK + "unit: test plan\nid: p\nname: P\ninclude:\n"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("depends: ok", []),
        ("depends: nosuch", ["error[unknown-job] @nosuch: depends names no job: 'nosuch'"]),
        ("after: ok, nosuch", ["error[unknown-job] @nosuch: after names no job: 'nosuch'"]),
        ("salvages: nosuch", ["error[unknown-job] @nosuch: salvages names no job: 'nosuch'"]),
        ("before: nosuch", ["warning[unknown-job] @nosuch: before names no job: 'nosuch'"]),
        ("depends: net.other::detect", []),
        (
            "depends: net.other::gone",
            ["error[unknown-job] @net.other::gone: depends names no job: 'net.other::gone'"],
        ),
        (
            "category_id: nosuch",
            ["warning[unknown-category] @nosuch: category_id names no category: 'nosuch'"],
        ),
        ("category_id: com.canonical.plainbox::audio", []),
    ],
)
def test_an_id_that_names_nothing_is_found_where_it_is_written(
    field: str, expected: list[str]
) -> None:
    found = check(f"{JOB}{field}\n", OTHERS)
    if field.endswith("::audio"):
        assert [it.split("]")[0] for it in found] == ["advice[not-loaded"]
    else:
        assert found == expected


def test_of_a_namespace_that_is_not_loaded_one_advice_counts_all_ids() -> None:
    found = check_files({"a.pxu": JOB + "depends: org.far::a org.far::b\nafter: org.far::c\n"})
    assert [str(it.diagnostic.code) for it in found] == ["not-loaded"]
    assert found[0].diagnostic.notes == ("2 more ids are of this namespace",)


def test_other_providers_are_loaded_only_when_an_id_is_not_found_without_them() -> None:
    assert codes(JOB + "depends: ok\n", "this is no unit file") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("requires: device.x == '1'", []),
        (
            "requires: ok.x == '1'",
            ["error[wrong-kind] @ok.x: requires names a job that is not a resource job: 'ok'"],
        ),
        ("requires: gone.x == '1'", ["error[unknown-job] @gone.x: requires names no job: 'gone'"]),
        (
            "imports: from net.other import gone\nrequires: gone.x == '1'",
            ["error[unknown-job] @gone: imports names no job: 'gone'"],
        ),
        ("imports: from net.other import facts as f\nrequires: f.x == '1'", []),
    ],
)
def test_names_in_requires_are_resource_jobs_and_told_once_where_they_are_written(
    fields: str, expected: list[str]
) -> None:
    assert check(f"{RESOURCE}{JOB}{fields}\n", OTHERS) == expected


def test_the_manifest_needs_an_import_which_is_said() -> None:
    (found,) = check_files({"a.pxu": JOB + "requires: manifest.has_x == 'True'\n"})
    assert found.diagnostic.notes[0].startswith("add 'imports: from com.canonical.plainbox import")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("bootstrap_include: ok", []),
        ("setup_include: ok", ["error[wrong-kind] @ok: setup_include names a job: 'ok'"]),
        (
            "bootstrap_include: s",
            ["error[wrong-kind] @s: bootstrap_include names a setup job: 's'"],
        ),
        ("setup_include: s", []),
        (
            "bootstrap_include: m",
            ["error[wrong-kind] @m: bootstrap_include names a job that needs a person: 'm'"],
        ),
        (
            "bootstrap_include: nosuch",
            ["warning[unknown-job] @nosuch: bootstrap_include names no job: 'nosuch'"],
        ),
        ("nested_part: q", ["warning[unknown-plan] @q: nested_part names no test plan: 'q'"]),
        (
            "bootstrap_include: ok=1",
            ["error[bad-value] @=: bootstrap_include: expected an id, found '='"],
        ),
    ],
)
def test_the_ids_of_test_plans_name_jobs_of_the_right_kind(
    fields: str, expected: list[str]
) -> None:
    jobs = (
        "unit: setup job\nid: s\nplugin: shell\ncommand: true\n\nid: m\n"
        "plugin: manual\npurpose: p\n\n"
    )
    assert check(f"{jobs}{PLAN}{fields}\n") == expected


TEMPLATE = """\
unit: template
template-id: t
template-resource: device
id: t_{x}
plugin: shell
command: true
"""


def test_a_template_is_no_job_to_depend_on() -> None:
    found = check(RESOURCE + TEMPLATE + "\n" + JOB + "depends: t\n")
    assert found == ["error[wrong-kind] @t: depends names a template: 't'"]


@pytest.mark.parametrize(
    ("depends", "found"),
    [("t_1", []), ("t_{x}", []), ("ok", []), ("u_{x}", ["u_{x}"]), ("after-suspend-t_1", [])],
)
def test_an_id_that_a_template_could_make_is_no_mistake(depends: str, found: list[str]) -> None:
    text = RESOURCE + OK + TEMPLATE + f"depends: {depends}\n"
    wrong = [it.diagnostic.span.text for it in check_files({"a.pxu": text}) if it.diagnostic.span]
    assert wrong == found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("template-resource: device", []),
        (
            "template-resource: gone",
            ["error[unknown-job] @gone: template-resource names no job: 'gone'"],
        ),
        (
            "template-resource: f\ntemplate-imports: from net.other import detect as f",
            [
                (
                    "error[wrong-kind] @detect: template-imports names a job that is not a "
                    "resource job: 'detect'"
                )
            ],
        ),
        ("template-resource: f\ntemplate-imports: from net.other import facts as f", []),
    ],
)
def test_the_resource_of_a_template_is_a_resource_job(line: str, expected: list[str]) -> None:
    text = RESOURCE + TEMPLATE.replace("template-resource: device", line)
    assert check(text, OTHERS) == expected


def test_a_slip_of_the_finger_is_mended_and_a_guess_is_not() -> None:
    jobs = "id: audio/detect\nplugin: shell\ncommand: true\n\nid: j\nplugin: shell\ncommand: true\n"
    assert fix_of(f"{jobs}depends: audio/detcet\n") == (
        "did you mean 'audio/detect' (units/a.pxu:1)?",
        True,
    )
    assert fix_of(f"{jobs}depends: audio/deect2\n")[1] is False


def test_an_id_of_another_namespace_is_suggested_with_it() -> None:
    (found,) = check_files({"a.pxu": JOB + "depends: detect\n"}, OTHERS)
    assert found.diagnostic.fix is not None
    assert found.diagnostic.fix.title == "did you mean 'net.other::detect' (o.pxu:1)?"


def test_manifest_entries_that_a_setup_job_requires_exist() -> None:
    text = "unit: setup job\nid: s\nplugin: shell\ncommand: ls\nrequires_manifest:\n- has_x\n"
    assert "unknown-manifest" in codes(text, name="a.yaml")
