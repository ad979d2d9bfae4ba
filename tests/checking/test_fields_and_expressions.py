from __future__ import annotations

import pytest
from tests.checking.checked import RESOURCE, check, check_files, codes, fix_of

JOB = "id: j\nplugin: shell\ncommand: true\n"
IMPORT = "imports: from com.canonical.plainbox import manifest\n"
ENTRY = "unit: manifest entry\nid: has_x\nname: X\nvalue-type: bool\n\n"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("sumary: x", ["warning[unknown-field] @sumary: unknown field 'sumary'"]),
        ("_sumary: x", ["warning[unknown-field] @_sumary: unknown field '_sumary'"]),
        ("environment: X", ["warning[unknown-field] @environment: unknown field 'environment'"]),
        ("auto_retry: no", ["warning[unknown-field] @auto_retry: unknown field 'auto_retry'"]),
        ("owner: me", ["advice[unknown-field] @owner: unknown field 'owner'"]),
        ("_summary: x", []),
        ("flags: simple simple", ["advice[repeated-item] @simple: flags: 'simple' is given twice"]),
        ("flags: simpel", ["warning[unknown-flag] @simpel: flags: unknown flag 'simpel'"]),
        (
            "group: a\n\tb: c",
            [
                (
                    "warning[indented-field] @\t: a tab does not continue a value: this is "
                    "read as a field 'b'"
                )
            ],
        ),
    ],
)
def test_fields_that_nothing_reads_and_words_given_twice_are_found(
    field: str, expected: list[str]
) -> None:
    assert check(f"{JOB}{field}\n") == expected


def test_a_misspelt_field_and_the_one_missing_for_it_are_one_error() -> None:
    found = check_files({"a.pxu": "id: j\nplugin: shell\ncommmand: true\n"})
    assert [(str(it.diagnostic.code), it.diagnostic.severity.word) for it in found] == [
        ("unknown-field", "error")
    ]
    assert found[0].diagnostic.notes == ("missing field 'command': shell jobs run one",)


def test_a_field_that_is_there_already_is_not_written_twice_by_a_fix() -> None:
    (found,) = check_files({"a.pxu": JOB + "comand: false\n"})
    assert found.diagnostic.fix is None
    assert found.diagnostic.notes == ("did you mean 'command', which is there already?",)


def test_a_misspelt_field_is_renamed_and_its_mark_of_translation_kept() -> None:
    assert fix_of(JOB + "_sumary: x\n") == ("did you mean '_summary'?", True)


def test_a_field_of_another_type_is_told_to_be_one() -> None:
    (found,) = check_files({"a.pxu": JOB + "setup_include: a\n"})
    assert "a test plan has" in found.diagnostic.label


def test_templates_have_the_fields_of_what_they_make() -> None:
    text = RESOURCE + (
        "unit: template\ntemplate-resource: device\nid: t_{x}\nplugin: shell\ncommand: true\n"
        "template-sumary: x\nsumary: y\n"
    )
    assert check(text) == [
        "warning[unknown-field] @template-sumary: unknown field 'template-sumary'",
        "warning[unknown-field] @sumary: unknown field 'sumary'",
    ]


def test_lists_are_written_as_lists_in_yaml() -> None:
    text = "id: j\nplugin: shell\ncommand: ls\nflags: simple\nenviron: [A]\n"
    assert check(text, name="a.yaml") == [
        "advice[deprecated] @simple: flags: in YAML this is a list, text is the old way to write it"
    ]


def test_lines_of_a_plan_given_twice_contradict_each_other_where_their_overrides_differ() -> None:
    plan = JOB + "\nunit: test plan\nid: p\nname: P\ninclude:\n j\n j{}\n"
    assert check(plan.format("")) == ["advice[repeated-item] @j: include: 'j' is given twice"]
    assert check(plan.format(" certification-status=blocker")) == [
        "warning[repeated-item] @j: include: 'j' is given twice, with different overrides"
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("device.x == '1' and device.y == '2'", ["ambiguous-and"]),
        ("(device.x == '1' and device.y == '2')", []),
        ("device.x == '1' and device.x == '2'", []),
        ("int(device.x) > 1 and (device.y == '1' or device.y == '2')", []),
        ("device.x == 1", ["never-true"]),
        ("(device.x == '1' and device.x == '2')", ["never-true"]),
        ("not device.x", ["portability"]),
        ("device.x == '1' or device.y == -1", ["portability", "never-true"]),
    ],
)
def test_expressions_that_do_not_mean_what_they_seem_to_are_found(
    line: str, expected: list[str]
) -> None:
    assert sorted(codes(f"{RESOURCE}{JOB}requires: {line}\n")) == sorted(expected)


def test_the_record_of_an_instance_is_one_record_so_nothing_is_ambiguous() -> None:
    text = RESOURCE + (
        "unit: template\ntemplate-resource: device\nid: t_{x}\nplugin: shell\ncommand: true\n"
        "template-filter: device.x == '1' and device.y == '2'\n"
        "requires: device.x == '1' and device.y == '2'\n"
    )
    assert codes(text) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("manifest.has_x == 'True'", []),
        (
            "manifest.has_y == 'True'",
            ["warning[unknown-manifest] @has_y: requires names no manifest entry: 'has_y'"],
        ),
        (
            "manifest.has_x == 'true'",
            [
                (
                    "warning[never-true] @'true': requires: this can never be true: the "
                    "entry is 'True' or 'False'"
                )
            ],
        ),
        ("manifest.name == 'x'", []),
    ],
)
def test_manifest_entries_exist_and_are_compared_with_what_they_can_be(
    line: str, expected: list[str]
) -> None:
    assert check(f"{ENTRY}{JOB}{IMPORT}requires: {line}\n") == expected


def test_a_program_that_many_jobs_have_is_told_of_for_each() -> None:
    line = "requires: device.x == 1\n\n"
    assert codes(RESOURCE + JOB + line + JOB.replace("j", "k") + line) == ["never-true"] * 2


@pytest.mark.parametrize(
    ("siblings", "expected"),
    [
        ('[{"id": "k"}]', []),
        ('[{"id": "k"}, {"id": "k"}]', ["duplicate-id"]),
        ('[{"id": "j"}]', ["duplicate-id"]),
        ('[{"id": "other"}]', ["duplicate-id"]),
        ('[{"group": "g"}]', ["missing-field"]),
    ],
)
def test_a_sibling_has_an_id_that_no_other_job_has(siblings: str, expected: list[str]) -> None:
    other = JOB.replace("j", "other", 1)
    assert codes(f"{other}\n{JOB}siblings: {siblings}\n") == expected


def test_units_of_two_kinds_with_one_id_are_refused_by_checkbox() -> None:
    assert check(f"{JOB}\nunit: category\nid: j\nname: J\n") == [
        "warning[portability] @j: id: Checkbox refuses 'org.example::j' for a job and a category"
    ]
