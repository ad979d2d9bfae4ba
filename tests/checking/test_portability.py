from __future__ import annotations

import pytest
from tests.checking.checked import RESOURCE, check, codes, fix_of

JOBS = "id: a\nplugin: shell\ncommand: true\n\nid: b\nplugin: shell\ncommand: true\n\n"
PLAN = JOBS + "unit: test plan\nid: p\nname: P\n"
TEMPLATE = RESOURCE + "unit: template\nid: t_{x}\nplugin: shell\ncommand: true\n"
OTHERS = "id: facts\nplugin: resource\ncommand: true\n\nid: more\nplugin: resource\ncommand: true\n"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            "include: a|b",
            ["@a|b: include: Checkbox reads 'a|b' as two halves, put it in parentheses"],
        ),
        ("include: (a|b)", []),
        ("include: [a|b]", []),
        (
            "include: ^a$ certification-status=blocker",
            ["@^a$: include: Checkbox loses the overrides of a line with '^' or '$'"],
        ),
        ("include: ^a$", []),
        (
            "include: a\\.b",
            [
                (
                    "@a\\.b: include: Checkbox takes this for an id, backslashes included, "
                    "and finds none"
                )
            ],
        ),
        (
            "include: a category-id=c",
            ["@a: include: Checkbox reads 'c' as a full id, write 'org.example::c'"],
        ),
        ("include: a category-id=org.example::c", []),
        (
            (
                "include:\n .* certification-status=blocker\n"
                "certification_status_overrides:\n apply non-blocker to .*"
            ),
            [],
        ),
        (
            "include:\n a certification-status=blocker\n .* certification-status=non-blocker",
            [
                (
                    "@.*: include: Checkbox gives 'a' 'blocker', not 'non-blocker': it goes by the"
                    " alphabet"
                )
            ],
        ),
        ("include:\n .* certification-status=non-blocker\n a certification-status=blocker", []),
    ],
)
def test_lines_of_test_plans_that_checkbox_reads_otherwise(
    fields: str, expected: list[str]
) -> None:
    found = [line for line in check(f"{PLAN}{fields}\n") if "portability" in line]
    assert found == [f"warning[portability] {line}" for line in expected]


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ("template-resource: device", []),
        (
            (
                "template-resource: f\ntemplate-imports: from net.other import facts as f\n"
                "template-filter:\n f.x == '1'\n f.y == '2'"
            ),
            ["Checkbox knows an imported name only in the first comparison"],
        ),
        (
            (
                "template-resource: f\ntemplate-imports: from net.other import facts as f\n"
                "template-filter: f.x == '1'"
            ),
            [],
        ),
        (
            (
                "template-resource: f\ntemplate-imports:\n from net.other import facts as f\n"
                " from net.other import more as m"
            ),
            ["Checkbox reads one import statement here"],
        ),
        (
            "template-resource: f\ntemplate-imports: from net.other import facts AS f",
            ["Checkbox knows only a small 'as'"],
        ),
        (
            "template-resource: device\ndescription: D",
            ["Checkbox refuses a template whose description has no parameter"],
        ),
        ("template-resource: device\n_description: D", []),
        (
            "template-resource: device\nrequires:\n  # why\n  device.x == '1'",
            ["Checkbox refuses a line with only a comment"],
        ),
    ],
)
def test_templates_that_checkbox_reads_otherwise(fields: str, messages: list[str]) -> None:
    found = check(f"{TEMPLATE}{fields}\n", OTHERS)
    assert [line.split(": ", 2)[2] for line in found] == messages


def test_siblings_that_checkbox_reads_otherwise() -> None:
    job = (
        'id: a\nplugin: shell\ncommand: true\n_summary: A\nsiblings: [{"id": '
        '"b", "summary": "B"}]\n'
    )
    assert check(job) == [
        (
            'warning[portability] @[{"id": "b", "summary": "B"}]: siblings: Checkbox keeps'
            " '_summary' of the job, write '_summary' here too"
        )
    ]


def test_the_odd_characters_at_which_checkbox_ends_a_line() -> None:
    assert check(JOBS.replace("true", "echo a\x0b b", 1)) == [
        "warning[portability] @\x0b: Checkbox ends the line at the character U+000B"
    ]


def test_a_byte_order_mark_is_removed_by_a_fix() -> None:
    assert codes("\ufeff" + JOBS) == ["portability"]
    assert fix_of("\ufeff" + JOBS) == ("remove the mark", True)


def test_the_unit_of_a_manifest_entry_has_one_spelling_there() -> None:
    text = "unit: manifest entry\nid: n\nname: N\nvalue-type: natural\nvalue-units: GB\n"
    assert codes(text) == ["portability"]
    assert fix_of(text) == ("write 'value-unit'", True)


@pytest.mark.parametrize(
    "field",
    ["estimated_duration: 30", "category_overrides: [apply c to a]"],
)
def test_yaml_values_that_checkbox_dies_of(field: str) -> None:
    text = (
        f"id: a\nplugin: shell\ncommand: ls\n---\nunit: test plan\nid: p\nname: "
        f"P\ninclude: [a]\n{field}\n"
    )
    assert codes(text, name="a.yaml") == ["portability"]
