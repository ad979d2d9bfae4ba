"""What Checkbox does badly when it reads and checks units, and plainbox does not.

Each test is named after the number of the weakness in section 9 of the specification.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.catalog.provider_files import write_files
from tests.checking.checked import OWNER, RESOURCE, catalog_of, check, check_files, codes

from plainbox.app.check import inspect
from plainbox.catalog import find_providers, load_catalog
from plainbox.checking.finding import fingerprints
from plainbox.diagnostics import Severity, Sink
from plainbox.expressions import Verdict, evaluate, parse_program
from plainbox.planning import select
from plainbox.records import format_record, read_pxu, read_records_until_error
from plainbox.text import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

MANAGE = "from plainbox.provider_manager import setup\nsetup(name='org.example:x'{})\n"
NOWHERE = {"PROVIDERPATH": "/nonexistent"}
JOB = "id: j\nplugin: shell\ncommand: true\n"
PLAN = "\nunit: test plan\nid: p\nname: P\n"
TEMPLATE = RESOURCE + "unit: template\ntemplate-resource: device\nid: t_{x}\nplugin: shell\n"


def inspected(folder: Path) -> list[str]:
    return [str(each.diagnostic.code) for each in inspect([str(folder)], NOWHERE).findings]


def run(lines: str) -> Verdict:
    program, errors = parse_program(lines)
    assert not errors
    records = [{"x": "1", "n": "foo"}, {"x": "2", "n": "bar or baz"}]
    return evaluate(program, {"a": records}).verdict


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (JOB + "sumary: x\n", "unknown-field"),
        (JOB + "flags: preserve-cdw\n", "unknown-flag"),
        (JOB + PLAN + "include: j certification-status=blocking\n", "bad-value"),
        (JOB + PLAN + "include: j certification-state=blocker\n", "bad-value"),
    ],
)
def test_1_misspelt_fields_flags_and_overrides_are_found(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_1_misspelt_keywords_of_setup_and_keys_of_provider_files_are_found(tmp_path: Path) -> None:
    write_files(
        tmp_path / "a", {"manage.py": MANAGE.format(", descripton='d'"), "units/a.pxu": JOB}
    )
    assert inspected(tmp_path / "a") == ["unknown-key"]
    text = "[PlainBox Provider]\nname = org.example:x\nversion = 1\nlocatoin = /\n"
    write_files(tmp_path, {"x.provider": text})
    assert inspected(tmp_path / "x.provider") == ["unknown-key"]


def test_2_a_syntax_error_costs_its_record_and_nothing_else() -> None:
    catalog = catalog_of({"a.pxu": "nonsense\n\n" + JOB + PLAN + "include: j\n"}, OWNER, Sink())
    assert list(catalog.jobs) == ["org.example::j"]
    assert list(catalog.plans) == ["org.example::p"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id: j\nplugin: shell\ncommand:\n\techo a\n", "syntax"),
        ("id: j\nplugin: shell\ncommand: x\n\techo: a\n", "indented-field"),
        (JOB + ": empty\n", "syntax"),
        ("\ufeff" + JOB, "portability"),
        (JOB + "group: a\x0cb\n", "portability"),
    ],
)
def test_3_tabs_marks_and_odd_characters_are_told_and_read_as_they_are_meant(
    text: str, code: str
) -> None:
    assert codes(text) == [code]
    records = read_pxu(Source("a.pxu", text), Sink())
    assert all(not key.startswith("\ufeff") for record in records for key in record.entries)


def test_4_what_is_written_reads_back_as_it_was() -> None:
    record = {"k": "one\n..\ntwo"}
    (read,) = read_pxu(Source("a.pxu", format_record(record)), Sink())
    assert read.data() == record
    with pytest.raises(ValueError, match="cannot be written"):
        format_record({"k": "one\n.\ntwo"})


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("id: j\ncommand: !!python/object/apply:os.getcwd []\n", "syntax", 2),
        ("id: j\nplugin: shell\ncommand: true\n", "bad-value", 3),
        ("id: j\nid: k\n", "duplicate-field", 2),
        ("- a\n- b\n", "syntax", 1),
        ("id: j\ncommand: [\n", "syntax", 3),
        ("id: j\nplugin: shell\ncommand: ls\nenviron: [1]\n", "bad-value", 4),
        ("unit: test plan\nid: p\nname: P\ninclude:\n- a: {}\n  b: {}\n", "bad-value", 5),
        ("unit: test plan\nid: p\nname: P\ninclude:\n- a:\n", "bad-value", 5),
        ("unit: test plan\nid: p\nname: P\ninclude: []\nnested_part:\n- {a: b}\n", "bad-value", 6),
    ],
)
def test_5_yaml_is_safe_and_each_mistake_has_its_line(text: str, code: str, line: int) -> None:
    found = [it.diagnostic for it in check_files({"units/a.yaml": text})]
    assert [(str(it.code), it.span.line, it.span.source.name) for it in found if it.span] == [
        (code, line, "units/a.yaml")
    ]


def test_6_folders_that_are_only_called_alike_are_not_read(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"manage.py": MANAGE.format(""), "units/a.pxu": JOB, "units-extra/b.pxu": "x"}
    )
    assert inspected(tmp_path) == []


def test_7_units_given_twice_are_told_with_both_places_and_the_first_one_stays() -> None:
    found = check_files({"a.pxu": f"{JOB}\n{JOB.replace('true', 'false')}\n{JOB}"})
    assert [(str(it.diagnostic.code), len(it.diagnostic.others)) for it in found] == [
        ("duplicate-id", 1),
        ("repeated-unit", 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[PlainBox Provider]\nversion = 1\n",
        "[PlainBox]\nname = org.example:x\n",
        "not ini at all\n",
        "[PlainBox Provider]\nname = org.example:x\nname = org.example:y\nversion = 1\n",
        "[PlainBox Provider]\nname = org.example:x\nversion = 1\nrelocatable = perhaps\n",
    ],
)
def test_8_mistakes_of_provider_files_are_findings_with_a_line(tmp_path: Path, text: str) -> None:
    write_files(tmp_path, {"x.provider": text})
    found = inspect([str(tmp_path / "x.provider")], NOWHERE).findings
    assert found
    assert all(each.diagnostic.span for each in found)


def test_8_a_percent_sign_in_a_provider_file_is_text(tmp_path: Path) -> None:
    text = "[PlainBox Provider]\nname = org.example:x\nversion = 1\ndescription = 100 %\n"
    write_files(tmp_path, {"x.provider": text})
    assert inspected(tmp_path / "x.provider") == []


def test_9_no_program_of_a_provider_is_run_to_check_it(tmp_path: Path) -> None:
    made = tmp_path / "made"
    script = f"open({str(made)!r}, 'w')\n" + MANAGE.format("")
    write_files(tmp_path / "x", {"manage.py": script, "units/a.pxu": JOB})
    assert inspected(tmp_path / "x") == []
    assert not made.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JOB + "siblings: [{]\n", ["bad-value"]),
        (TEMPLATE + "command: echo {\n", ["bad-template"]),
        (TEMPLATE + "command: echo {0}\n", ["bad-template"]),
        (TEMPLATE + "command: echo {device.a.b}\n", ["bad-template"]),
        (TEMPLATE + "command: true\ntemplate-engine: x\n", ["bad-value"]),
        (JOB + PLAN + "include: (\n", ["bad-pattern"]),
        (JOB + PLAN + "include: j x\n", ["bad-value"]),
    ],
)
def test_10_bad_input_is_a_finding_and_hides_nothing_after_it(
    text: str, expected: list[str]
) -> None:
    found = codes(text + "\n" + JOB.replace("j", "k", 1) + "sumary: K\n")
    assert found == [*expected, "unknown-field"]


def test_11_an_unknown_type_of_what_a_template_makes_is_told() -> None:
    assert codes(TEMPLATE + "command: true\ntemplate-unit: jib\n") == ["unknown-unit-type"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("include: gone", "dead-line"),
        ("include: gone.*", "dead-line"),
        ("include: j\nexclude: gone", "dead-line"),
        ("include: j\nnested_part: gone", "unknown-plan"),
        ("include: j\nestimated_duration: soon", "bad-value"),
        ("include: j\ncertification_status_overrides: apply block to j", "bad-value"),
        ("include: j\ncategory_overrides: aply c to j", "bad-value"),
    ],
)
def test_12_everything_in_a_test_plan_is_checked(fields: str, code: str) -> None:
    assert codes(f"{JOB}{PLAN}{fields}\n") == [code]


def test_12_salvages_is_checked() -> None:
    assert codes(JOB + "salvages: gone\n") == ["unknown-job"]


@pytest.mark.parametrize(
    "text",
    [
        JOB + "requires: (\n",
        JOB + "imports: from a import\n",
        JOB + "siblings: {}\n",
        "nonsense\n",
        "id: j\nplugin: shel\ncommand: 'x\n",
    ],
)
def test_13_one_mistake_gives_one_message_with_its_place(text: str) -> None:
    found = check_files({"a.pxu": text})
    assert len(found) == text.count("shel\n") + 1
    assert all(it.diagnostic.span for it in found)


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("_summary: " + "x" * 90, 91),
        ("certification-status: maybe", 23),
        ("auto-retry: perhaps", 13),
    ],
)
def test_14_translated_and_hyphenated_fields_have_their_line_and_column(
    field: str, column: int
) -> None:
    (found,) = check_files({"a.pxu": JOB + field + "\n"})
    assert found.diagnostic.span is not None
    assert (found.diagnostic.span.line, found.diagnostic.span.column) == (4, column)


def test_15_a_setup_job_with_a_summary_is_as_it_should_be() -> None:
    assert codes("unit: setup job\nid: s\nplugin: shell\ncommand: true\nsummary: S\n") == []


def test_16_packages_may_be_alike_on_two_systems() -> None:
    unit = "unit: packaging meta-data\nos-id: {}\nDepends: lsb\n\n"
    assert codes(unit.format("debian") + unit.format("ubuntu")) == []


def test_16_both_spellings_of_the_unit_of_a_value_are_read() -> None:
    entry = "unit: manifest entry\nid: n\nname: N\nvalue-type: natural\nvalue-{}: GB\n"
    for spelling in ("unit", "units"):
        catalog = catalog_of({"a.pxu": entry.format(spelling)}, OWNER, Sink())
        assert catalog.manifests["org.example::n"].value_unit == "GB"


def test_17_braces_of_awk_in_a_template_are_found() -> None:
    assert check(TEMPLATE + "command: awk '{print $1}'\n") == [
        "error[bad-template] @{print $1}: command: 'print $1' is no name of a parameter"
    ]


@pytest.mark.parametrize(
    ("include", "selected"),
    [("a|b", ["a", "b"]), (r"c\.d", ["c.d"]), ("(?i)A", ["a"]), ("^a$", ["a"])],
)
def test_20_patterns_select_what_they_say(include: str, selected: list[str]) -> None:
    jobs = "".join(JOB.replace("j", name, 1) + "\n" for name in ("a", "b", "c.d"))
    catalog = catalog_of({"a.pxu": f"{jobs}{PLAN}include: {include}\n"}, OWNER, Sink())
    found = select(catalog.plans["org.example::p"], catalog)
    assert list(found.jobs) == [f"org.example::{name}" for name in selected]


def test_20_plans_that_nest_each_other_are_a_finding_and_no_endless_loop() -> None:
    assert codes(PLAN.lstrip() + "include:\nnested_part: p\n") == ["plan-cycle"]


def test_20_overrides_in_a_list_of_ids_are_told_and_name_no_bogus_jobs() -> None:
    text = f"{JOB}{PLAN}include:\nbootstrap_include: j certification-status=blocker\n"
    assert codes(text) == ["bad-value"]


def test_21_a_line_that_names_a_missing_job_is_told() -> None:
    assert codes(f"{JOB}{PLAN}include: k\n") == ["dead-line"]


def test_22_no_expression_can_run_anything(tmp_path: Path) -> None:
    made = tmp_path / "made"
    line = f"int(__import__('os').system('touch {made}')) == a.x"
    assert codes(f"{RESOURCE}{JOB}requires: {line}\n") == ["bad-expression"]
    assert not made.exists()


def test_23_words_inside_texts_split_nothing_and_not_and_signs_work() -> None:
    assert run("a.n == 'bar or baz'") is Verdict.TRUE
    assert run("not a.gone") is Verdict.TRUE
    assert run("int(a.x) > -1") is Verdict.TRUE


def test_23_an_and_that_means_something_else_with_a_parenthesis_is_told() -> None:
    assert run("a.x == '1' and a.n == 'bar or baz'") is Verdict.TRUE
    assert run("(a.x == '1' and a.n == 'bar or baz')") is Verdict.FALSE
    line = "requires: device.x == '1' and device.n == 'bar'\n"
    assert codes(RESOURCE + JOB + line) == ["ambiguous-and"]


def test_24_mistakes_in_expressions_have_a_place_and_words_and_end_nothing() -> None:
    (found,) = check_files(
        {"a.pxu": f"{RESOURCE}{JOB}requires:\n  device.x == '1'\n  device.x = 2\n"}
    )
    diagnostic = found.diagnostic
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.text) == (10, "=")
    assert "`=` does not compare" in diagnostic.message


def test_24_comments_between_expressions_are_comments() -> None:
    program, errors = parse_program("# why\na.x == '1'")
    assert (len(program.expressions), errors) == (1, [])


def test_25_the_line_of_bad_output_of_a_resource_is_told() -> None:
    sink = Sink()
    records = read_records_until_error(Source("output of r", "a: 1\n\nb: 2\nnonsense\n"), sink)
    assert [record.data() for record in records] == [{"a": "1"}]
    (found,) = sink
    assert str(found.span) == "output of r:4:1"


def test_28_a_summary_that_is_not_marked_for_translation_is_a_summary(
    tmp_path: Path, program: Program
) -> None:
    folder = write_files(
        tmp_path / "x", {"manage.py": MANAGE.format(""), "units/a.pxu": JOB + "summary: The job\n"}
    )
    answer = program("list", "jobs", "--provider", folder, "--json", env=NOWHERE)
    (job,) = [each for each in json.loads(answer.out) if each["id"].endswith("::j")]
    assert job["summary"] == "The job"


def test_all_findings_of_all_weaknesses_can_be_told_apart() -> None:
    found = check_files({"a.pxu": JOB + "sumary: x\nflags: a\ndepends: gone\n"})
    assert len(set(fingerprints(found))) == len(found) == 3
    assert all(it.diagnostic.severity > Severity.HINT for it in found)


def test_providers_of_a_session_are_found_though_one_of_them_is_broken(tmp_path: Path) -> None:
    write_files(tmp_path / "a", {"manage.py": "this is no Python\n", "units/a.pxu": JOB})
    write_files(tmp_path / "b", {"manage.py": MANAGE.format(""), "units/a.pxu": JOB})
    sink = Sink()
    catalog = load_catalog(find_providers([str(tmp_path)], {}, sink), sink)
    assert "org.example::j" in catalog.jobs
    assert [str(found.code) for found in sink] == ["bad-provider"]
