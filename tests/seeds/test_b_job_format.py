"""Seeds B1 to B26: the format of unit files and what the fields of a job mean when it runs."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from plainbox.diagnostics import Code, Severity
from plainbox.outcome import Outcome
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

    from plainbox.diagnostics import Diagnostic
    from plainbox.testing.bench import Outcomes

FACTS = """\
id: machine
plugin: resource
command:
 echo 'name: first'
 echo 'cores: 4'
 echo
 echo 'name: second'
 echo 'cores: 8'

"""


def bench(folder: Path, text: str) -> Bench:
    return Bench(folder, {"units/a.pxu": text})


def job(*lines: str) -> str:
    return "\n".join(("id: a", *lines)) + "\n"


def problems(folder: Path, text: str, job_id: str = "a") -> list[Diagnostic]:
    return bench(folder, text).setup().catalog.jobs[f"org.example::{job_id}"].problems()


def required(folder: Path, *lines: str) -> Outcomes:
    """What comes of a job with these requirements on two records."""
    requires = "".join(f"\n {line}" for line in lines)
    text = FACTS + job("plugin: shell", f"requires:{requires}", "command: true")
    return bench(folder, text).run("a")


def submission(program: Program) -> dict[str, Any]:
    """The newest submission that the program wrote."""
    path = max(program.state.glob("sessions/*/reports/submission.json"))
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def test_b1_an_empty_line_ends_a_job_and_indented_lines_belong_to_the_field(
    tmp_path: Path,
) -> None:
    text = "id: a\nplugin: shell\ncommand:\n echo one\n   echo two\n\nid: b\nplugin: shell\n"

    outcomes = bench(tmp_path, text + "command: echo three\n").run("a", "b")

    assert outcomes.output("a") == "one\ntwo\n"
    assert outcomes.output("b") == "three\n"


def test_b2_a_duplicate_is_an_error_that_names_both_places_and_costs_only_the_second(
    tmp_path: Path, program: Program
) -> None:
    files = {
        "units/a.pxu": "id: a\nplugin: shell\ncommand: echo first\n",
        "units/b.pxu": "id: b\nplugin: shell\ncommand: true\n\n"
        "id: a\nplugin: shell\ncommand: echo second\n",
    }
    provider = Bench(tmp_path, files).provider

    answer = program("run", "--provider", provider, "a", "b")

    assert answer.code == 0, answer
    assert "error[duplicate-id]: job 'org.example::a'" in answer.err
    assert "units/b.pxu:5:5" in answer.err
    assert "units/a.pxu:1:5" in answer.err
    results = submission(program)["results"]
    assert [(result["id"], result["io_log"]) for result in results] == [("a", "first\n"), ("b", "")]


def test_b2_other_characters_in_a_name_are_a_warning_and_the_job_runs(tmp_path: Path) -> None:
    text = "name: Disk_1\nplugin: shell\ncommand: true\n"

    found = next(it for it in problems(tmp_path, text, "Disk_1") if it.code is Code.ID_CHARACTERS)

    assert found.severity is Severity.WARNING
    assert "'D'" in found.message
    assert bench(tmp_path, text).run("Disk_1")["Disk_1"] is Outcome.PASS


def test_b2_blanks_and_quotes_in_an_id_are_a_warning_and_signs_of_today_a_hint(
    tmp_path: Path,
) -> None:
    rest = "plugin: shell\ncommand: true\n"

    (blank,) = problems(tmp_path / "blank", f"id: a b\n{rest}", "a b")
    (sign,) = problems(tmp_path / "sign", f"id: Disk_1.x\n{rest}", "Disk_1.x")

    assert (blank.code, blank.severity) == (Code.ID_CHARACTERS, Severity.WARNING)
    assert (sign.code, sign.severity) == (Code.ID_CHARACTERS, Severity.HINT)


def test_b2_every_character_of_the_rule_is_allowed_in_a_name(tmp_path: Path) -> None:
    text = "id: disk/read-09\nplugin: shell\ncommand: true\n"

    assert problems(tmp_path, text, "disk/read-09") == []


def test_b2_the_old_word_name_names_a_job(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, "name: old\nplugin: shell\ncommand: true\n").run("old")

    assert outcomes["old"] is Outcome.PASS


def test_b2_a_job_without_a_name_is_an_error(tmp_path: Path) -> None:
    catalog = bench(tmp_path, "plugin: shell\ncommand: true\n").setup().catalog
    (nameless,) = [unit for unit in catalog.units if unit.namespace == "org.example"]

    (found,) = nameless.problems()

    assert (found.code, found.severity) == (Code.MISSING_FIELD, Severity.ERROR)


def test_b5_a_shell_job_runs_without_a_person_and_sets_its_outcome(
    tmp_path: Path, program: Program
) -> None:
    text = "id: a\nplugin: shell\ncommand: cat\n\nid: b\nplugin: shell\ncommand: cat; exit 3\n"

    provider = bench(tmp_path, text).provider
    answer = program("run", "--provider", provider, "a", "b", typed="what a person typed\n")

    assert answer.code == 1, answer
    results = [
        (result["id"], result["outcome"], result["io_log"])
        for result in submission(program)["results"]
    ]
    assert results == [("a", "pass", ""), ("b", "fail", "")]


def test_b9_the_output_of_an_attachment_is_attached_to_the_submission(
    tmp_path: Path, program: Program
) -> None:
    text = job("plugin: attachment", "command: echo error >&2; printf 'kept\\n\\nwhole'")
    other = "\nid: b\nplugin: shell\ncommand: true\n"

    answer = program("run", "--provider", bench(tmp_path, text + other).provider, "a", "b")

    assert answer.code == 0, answer
    document = submission(program)
    (attached,) = document["attachment-results"]
    assert (attached["full_id"], attached["outcome"]) == ("org.example::a", "pass")
    assert attached["io_log"] == "kept\n\nwhole"
    assert [result["id"] for result in document["results"]] == ["b"]


def test_b11_the_output_of_a_resource_job_is_a_set_of_records_for_requires(
    tmp_path: Path,
) -> None:
    outcomes = required(tmp_path, "machine.name == 'second'")

    assert outcomes["a"] is Outcome.PASS
    assert outcomes.started == ["org.example::machine", "org.example::a"]
    records = outcomes.state.resources["org.example::machine"]
    assert list(records) == [{"name": "first", "cores": "4"}, {"name": "second", "cores": "8"}]


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("machine.name == 'first'", True),
        ("machine.name == 'third'", False),
        ("machine.name != 'first'", True),
        ("machine.name != ''", True),
        ("machine.nothing != ''", False),
        ("machine.name in ('third', 'second')", True),
        ("machine.name in ['third', 'second']", True),
        ("machine.name in ('third', 'fourth')", False),
        ("machine.name in ['third', 'fourth']", False),
        ("'eco' in machine.name", True),
        ("machine.name == 'third' or machine.cores == '8'", True),
        ("machine.name == 'third' or machine.cores == '9'", False),
        ("machine.name == 'first' and machine.cores == '8'", True),
        ("machine.name == 'first' and machine.cores == '9'", False),
        ("machine.name == 'third' and machine.cores == '9' or machine.name == 'first'", True),
    ],
)
def test_b12_a_job_runs_only_where_its_condition_holds(
    tmp_path: Path, expression: str, *, holds: bool
) -> None:
    outcomes = required(tmp_path, expression)

    assert outcomes["a"] is (Outcome.PASS if holds else Outcome.SKIPPED_RESOURCE)
    assert ("org.example::a" in outcomes.started) is holds
    assert holds or outcomes.reason("a").startswith(f"requires {expression}")


def test_b12_all_of_several_lines_must_hold(tmp_path: Path) -> None:
    both = required(tmp_path / "both", "machine.name == 'first'", "machine.cores == '8'")
    first = required(tmp_path / "first", "machine.name == 'first'", "machine.cores == '9'")
    second = required(tmp_path / "second", "machine.name == 'third'", "machine.cores == '8'")

    assert both["a"] is Outcome.PASS
    assert first["a"] is Outcome.SKIPPED_RESOURCE
    assert second["a"] is Outcome.SKIPPED_RESOURCE


@pytest.mark.parametrize(
    ("expression", "outcome"),
    [
        ("machine.name not in ('first', 'third')", Outcome.PASS),
        ("machine.name not in ['first', 'second']", Outcome.SKIPPED_RESOURCE),
    ],
)
def test_b13_not_in_is_accepted(tmp_path: Path, expression: str, outcome: Outcome) -> None:
    assert required(tmp_path, expression)["a"] is outcome


@pytest.mark.parametrize(
    ("one", "two", "runs"),
    [("true", "true", True), ("true", "false", False), ("false", "true", False)],
)
def test_b14_a_job_runs_only_if_all_that_it_depends_on_have_run_and_passed(
    tmp_path: Path, one: str, two: str, *, runs: bool
) -> None:
    text = (
        job("plugin: shell", "depends: one two", "command: true")
        + f"\nid: one\nplugin: shell\ncommand: {one}\n\nid: two\nplugin: shell\ncommand: {two}\n"
    )

    outcomes = bench(tmp_path, text).run("a")

    assert set(outcomes.started[:2]) == {"org.example::one", "org.example::two"}
    assert (outcomes.started[2:] == ["org.example::a"]) is runs
    assert outcomes["a"] is (Outcome.PASS if runs else Outcome.SKIPPED_DEPENDENCY)


def test_b14_a_job_that_was_not_started_has_not_passed(tmp_path: Path) -> None:
    text = FACTS + job("plugin: shell", "depends: one", "command: true")
    text += "\nid: one\nplugin: shell\nrequires: machine.name == 'third'\ncommand: true\n"

    outcomes = bench(tmp_path, text).run("a")

    assert outcomes["a"] is Outcome.SKIPPED_DEPENDENCY
    assert "org.example::one (skipped)" in outcomes.reason("a")


@pytest.mark.parametrize("kind", ["manual", "user-interact", "user-interact-verify", "user-verify"])
def test_b15_the_command_of_a_job_for_people_does_not_run_while_nobody_is_there_to_start_it(
    tmp_path: Path, kind: str
) -> None:
    text = job(f"plugin: {kind}", "description: look", "command: echo ran")

    outcomes = bench(tmp_path, text).run("a")

    assert outcomes.started == []
    assert outcomes["a"] is Outcome.SKIP
    assert outcomes.reason("a") == f"needs a person ({kind}), and none is here"


def test_b15_a_command_is_no_mistake_in_a_manual_job(tmp_path: Path) -> None:
    assert problems(tmp_path, job("plugin: manual", "description: look", "command: true")) == []


@pytest.mark.parametrize(
    ("command", "outcome"),
    [("exit 0", Outcome.PASS), ("exit 1", Outcome.FAIL), ("exit 255", Outcome.FAIL)],
)
def test_b16_a_shell_job_passes_with_exit_code_0_and_fails_with_any_other(
    tmp_path: Path, command: str, outcome: Outcome
) -> None:
    outcomes = bench(tmp_path, job("plugin: shell", f"command: {command}")).run("a")

    assert outcomes["a"] is outcome


def called_shell(folder: Path, *fields: str, search: Path | None = None) -> str:
    """The name under which a job finds its shell called."""
    environ = None if search is None else {"PATH": str(search)}
    outcomes = bench(folder, job("plugin: shell", *fields, "command: echo $0")).run(
        "a", environ=environ
    )
    assert outcomes["a"] is Outcome.PASS, outcomes.reason("a")
    return outcomes.output("a").strip().rpartition("/")[2]


def test_b18_a_command_runs_in_bash_where_there_is_one(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("this machine has no bash")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "bash").symlink_to(bash)

    assert called_shell(tmp_path, search=programs) == "bash"


def test_b18_a_command_runs_in_sh_where_there_is_no_bash(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()

    assert called_shell(tmp_path, search=programs) == "sh"


def test_b18_the_shell_field_decides(tmp_path: Path) -> None:
    assert called_shell(tmp_path, "shell: /bin/sh") == "sh"


def test_b18_a_shell_or_another_language_is_instantiated_in_the_command(tmp_path: Path) -> None:
    text = job(
        "plugin: shell",
        "command:",
        " for each in 1 2; do",
        "   echo $each",
        " done",
        " sh -c 'echo $0' other",
        " cat << 'END'",
        " as it is: $0",
        " END",
    )

    outcomes = bench(tmp_path, text).run("a")

    assert outcomes.output("a") == "1\n2\nother\nas it is: $0\n"


@pytest.mark.parametrize("lines", [[], ["command:"], ["command:", "  .", "  ."]])
def test_b19_a_shell_job_without_a_command_has_nothing_to_run_and_never_passes(
    tmp_path: Path, lines: list[str]
) -> None:
    text = job("plugin: shell", *lines) + "\nid: b\nplugin: shell\ndepends: a\ncommand: true\n"

    outcomes = bench(tmp_path, text).run("a", "b")

    assert outcomes.started == []
    assert (outcomes["a"], outcomes.reason("a")) == (Outcome.NOT_SUPPORTED, "nothing to run")
    assert outcomes["b"] is Outcome.SKIPPED_DEPENDENCY


@pytest.mark.parametrize("lines", [[], ["command:"], ["command:", "  .", "  ."]])
def test_b19_a_shell_job_without_a_command_is_a_mistake_that_checking_finds(
    tmp_path: Path, lines: list[str]
) -> None:
    (found,) = problems(tmp_path, job("plugin: shell", *lines))

    assert (found.code, found.severity) == (Code.MISSING_FIELD, Severity.ERROR)
    assert "'command'" in found.message


@pytest.mark.parametrize(
    ("written", "seconds", "told"),
    [
        ("90", 90, "1 min 30 s"),
        ("1.5", 1.5, "1.5 s"),
        ("1h 2m 3s", 3723, "1 h 2 min"),
        ("2m", 120, "2 min"),
    ],
)
def test_b26_the_estimated_duration_in_seconds_is_told_before_the_run(
    tmp_path: Path, program: Program, written: str, seconds: float, told: str
) -> None:
    text = job("plugin: shell", f"estimated_duration: {written}", "command: true")

    assert problems(tmp_path, text) == []
    answer = program("run", "--provider", bench(tmp_path, text).provider, "a")

    assert f"1 job to run · about {told}\n" in answer.out
    state = bench(tmp_path, text).store.sessions()[0].read_state()
    assert state.jobs["org.example::a"].card.duration == seconds


@pytest.mark.parametrize("written", ["0", "-1", "soon", "3s 1h", "inf", "nan"])
def test_b26_what_is_no_positive_time_is_a_mistake_and_the_job_runs_without_an_estimate(
    tmp_path: Path, written: str
) -> None:
    text = job("plugin: shell", f"estimated_duration: {written}", "command: true")

    (found,) = problems(tmp_path, text)
    outcomes = bench(tmp_path, text).run("a")

    assert (found.code, found.severity) == (Code.BAD_VALUE, Severity.ERROR)
    assert outcomes["a"] is Outcome.PASS
    assert outcomes.job("a").card.duration is None
