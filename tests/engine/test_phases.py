"""The phases of a session: setup, bootstrap with local jobs, tests, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.app.way import Choices, Way
from plainbox.outcome import Outcome
from plainbox.reports import submission
from plainbox.testing import Bench

if TYPE_CHECKING:
    from pathlib import Path

ONCE = "test -e $PLAINBOX_SESSION_SHARE/{0} || {{ touch $PLAINBOX_SESSION_SHARE/{0}; exit 1; }}"
"""Fails the first time, passes from then on."""


def shell(name: str, command: str, *more: str) -> str:
    return "\n".join((f"id: {name}", "plugin: shell", f"command: {command}", *more, ""))


def local(name: str, text: str, *more: str) -> str:
    lines = "\n".join(f"  {line}" if line else "  ." for line in text.split("\n"))
    command = f"command:\n  cat <<'END'\n{lines}\n  END"
    return "\n".join((f"id: {name}", "plugin: local", command, *more, ""))


def plan(*lines: str, **fields: str) -> str:
    more = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return (
        "unit: test plan\nid: plan\nname: P\n"
        + more
        + "include:\n"
        + "".join(f" {line}\n" for line in lines)
    )


def setup_job(name: str, command: str, *more: str) -> str:
    return "\n".join(
        ("unit: setup job", f"id: {name}", "plugin: shell", f"command: {command}", *more, "")
    )


def bench(folder: Path, *units: str) -> Bench:
    return Bench(folder, {"units/all.pxu": "\n".join(units)})


def retrying(times: int) -> Way:
    return Way(Choices(retry=times))


def test_setup_jobs_run_before_everything_else(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        setup_job("prepare", "true"),
        "id: res\nplugin: resource\ncommand: echo 'x: 1'\n",
        shell("a", "true"),
        plan("a", setup_include="prepare", bootstrap_include="res"),
    ).run("plan")
    assert outcomes.started == ["org.example::prepare", "org.example::res", "org.example::a"]
    assert outcomes["prepare"] is Outcome.PASS


def test_a_setup_job_that_fails_ends_the_run_and_every_other_job_says_so(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        setup_job("first", "exit 4"),
        setup_job("second", "true"),
        "id: res\nplugin: resource\ncommand: echo 'x: 1'\n",
        shell("a", "true"),
        plan("a", setup_include="first second", bootstrap_include="res"),
    ).run("plan")
    assert outcomes.ended
    assert outcomes.started == ["org.example::first"]
    assert outcomes["first"] is Outcome.FAIL
    for name in ("second", "res", "a"):
        assert outcomes[name] is Outcome.NOT_SUPPORTED
        assert outcomes.reason(name) == "the setup failed: org.example::first (exit 4)"


def test_a_setup_job_whose_manifest_entry_is_not_set_is_skipped_and_fails_nothing(
    tmp_path: Path,
) -> None:
    made = bench(
        tmp_path,
        "unit: manifest entry\nid: has_arm\n_name: A robot arm\nvalue-type: bool\n",
        shell("a", "true"),
        plan("a", setup_include="arm"),
    )
    made.write(
        {
            "units/setup.yaml": "unit: setup job\nid: arm\nplugin: shell\ncommand: 'true'\n"
            "requires_manifest: [has_arm]\n"
        }
    )
    outcomes = made.run("plan")
    assert outcomes["arm"] is Outcome.SKIPPED_MANIFEST
    assert "has_arm" in outcomes.reason("arm")
    assert outcomes.job("arm").unmet is not None
    assert outcomes["a"] is Outcome.PASS


@pytest.mark.parametrize("field", ["include", "bootstrap_include"])
def test_a_local_job_adds_the_units_that_it_prints(tmp_path: Path, field: str) -> None:
    made = shell("made-1", "echo made") + "\n" + shell("made-2", "true", "depends: made-1")
    units = [local("maker", made), shell("own", "true")]
    if field == "include":
        units.append(plan("maker", "made-.*", "own"))
    else:
        units.append(plan("made-.*", "own", bootstrap_include="maker"))
    outcomes = bench(tmp_path, *units).run("plan")
    assert outcomes["maker"] is Outcome.PASS
    assert outcomes["made-1"] is Outcome.PASS
    assert outcomes["made-2"] is Outcome.PASS
    assert outcomes.started[0] == "org.example::maker"
    assert outcomes.output("made-1") == "made\n"


def test_only_those_units_of_a_local_job_run_that_the_plan_selects(tmp_path: Path) -> None:
    made = shell("wanted", "true") + "\n" + shell("other", "true")
    outcomes = bench(tmp_path, local("maker", made), plan("maker", "wanted")).run("plan")
    assert outcomes.started == ["org.example::maker", "org.example::wanted"]
    assert "org.example::other" not in outcomes.state.jobs


def test_a_local_job_may_print_templates_resources_and_local_jobs(tmp_path: Path) -> None:
    template = (
        "unit: template\ntemplate-resource: res\ntemplate-id: t\nid: t-{x}\n"
        "plugin: shell\ncommand: true\n"
    )
    deeper = (
        "id: deeper\nplugin: local\ncommand: echo 'id: deepest'; echo 'command: true'; "
        "echo 'plugin: shell'\n"
    )
    outcomes = bench(
        tmp_path,
        "id: res\nplugin: resource\ncommand: printf 'x: 1\\n\\nx: 2\\n'\n",
        local("maker", template + "\n" + deeper),
        plan("maker", "deeper", "deepest", "t", bootstrap_include="res"),
    ).run("plan")
    for name in ("t-1", "t-2", "deepest"):
        assert outcomes[name] is Outcome.PASS


def test_a_mistake_in_what_a_local_job_prints_is_noted_with_job_and_line(tmp_path: Path) -> None:
    printed = "id: good\nplugin: shell\ncommand: true\n\nnonsense\n\nid: bad\nplugin: shel\n"
    outcomes = bench(tmp_path, local("maker", printed), plan("maker", "good")).run("plan")
    assert outcomes["good"] is Outcome.PASS
    notes = [note for note in outcomes.state.notes if "output of org.example::maker" in note]
    assert any(note.startswith("output of org.example::maker:5:") for note in notes), notes
    assert any(":8:" in note and "plugin" in note for note in notes), notes


def test_a_resume_has_the_same_units_without_running_the_local_job_again(tmp_path: Path) -> None:
    import os

    made = shell("b", f"kill -INT {os.getpid()}; sleep 60") + "\n" + shell("c", "true")
    work = bench(tmp_path, local("maker", made), plan("maker", "b", "c"))
    outcomes = work.run("plan")
    assert not outcomes.ended
    resumed = work.resume()
    assert resumed.started == ["org.example::c"]
    assert resumed["c"] is Outcome.PASS


def test_what_failed_runs_again_and_a_pass_after_that_is_flaky(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path, shell("once", ONCE.format("x")), shell("never", "exit 3"), shell("fine", "true")
    ).run("once", "never", "fine", way=retrying(2))
    once, never, fine = (outcomes.job(name) for name in ("once", "never", "fine"))
    assert (once.outcome, len(once.attempts), once.flaky) == (Outcome.PASS, 2, True)
    assert [it.outcome for it in once.attempts] == [Outcome.FAIL, Outcome.PASS]
    assert (never.outcome, len(never.attempts), never.flaky) == (Outcome.FAIL, 3, False)
    assert (fine.outcome, len(fine.attempts), fine.flaky) == (Outcome.PASS, 1, False)
    path = tmp_path / "submission.json"
    with path.open("wb") as out:
        submission.render(outcomes.state, outcomes.folder.logs, out)
    assert '"comments":"flaky: passed after 1 of 2 attempts failed: exit 1"' in path.read_text()


def test_what_failed_runs_again_with_what_it_depends_on_and_what_was_skipped_for_it(
    tmp_path: Path,
) -> None:
    outcomes = bench(
        tmp_path,
        shell("base", "true"),
        shell("other", "true"),
        shell("once", ONCE.format("x"), "depends: base"),
        shell("later", "true", "depends: once"),
    ).run("base", "other", "once", "later", way=retrying(1))
    assert [name.partition("::")[2] for name in outcomes.started] == [
        "base", "other", "once", "base", "once", "later"
    ]  # fmt: skip
    assert outcomes["later"] is Outcome.PASS
    assert not outcomes.job("later").flaky
    assert not outcomes.job("base").flaky


def test_a_job_that_is_not_to_be_retried_is_not_even_for_others(tmp_path: Path) -> None:
    outcomes = bench(
        tmp_path,
        shell("once", ONCE.format("x"), "auto-retry: no"),
        shell("base", "true", "auto-retry: no"),
        shell("needs", ONCE.format("y"), "depends: base"),
        shell("skipped", "true", "depends: once"),
    ).run("once", "base", "needs", "skipped", way=retrying(3))
    assert len(outcomes.job("once").attempts) == 1
    assert len(outcomes.job("base").attempts) == 1
    assert outcomes["skipped"] is Outcome.SKIPPED_DEPENDENCY
    assert outcomes.job("needs").flaky


def test_a_plan_may_say_that_a_job_is_not_to_be_retried(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, shell("a", "false"), plan("a auto-retry=no")).run(
        "plan", way=retrying(2)
    )
    assert len(outcomes.job("a").attempts) == 1


def test_a_resume_goes_on_with_the_retries_that_were_chosen(tmp_path: Path) -> None:
    import os

    made = bench(
        tmp_path, shell("once", ONCE.format("x")), shell("b", f"kill -INT {os.getpid()}; sleep 60")
    )
    assert not made.run("once", "b", way=retrying(1)).ended
    resumed = made.resume(retrying(1))
    assert resumed.job("once").flaky
    assert resumed.state.opened is not None
    assert resumed.state.opened.options == {"retry": "1"}


def test_a_job_without_a_command_is_not_supported_and_never_passes(tmp_path: Path) -> None:
    outcomes = bench(tmp_path, "id: empty\nplugin: shell\n").run("empty")
    assert outcomes["empty"] is Outcome.NOT_SUPPORTED
    assert outcomes.reason("empty") == "nothing to run"
