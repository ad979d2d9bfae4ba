"""`plainbox run` as people call it: what words mean, what is said, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import plainbox
from plainbox.app.request import understand
from plainbox.session.store import Store
from plainbox.testing import Bench

if TYPE_CHECKING:
    from tests.conftest import Program

UNITS = """\
id: good
plugin: shell
command: echo fine

id: bad
plugin: shell
command: echo broken; exit 3

id: disk/one
plugin: shell
command: true

id: disk/two
plugin: shell
command: true

unit: test plan
id: plan
_name: A plan
include: good

unit: test plan
id: failing
_name: A plan that fails
include:
 good
 bad

unit: test plan
id: hollow
_name: Selects nothing
include: nothing.*
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, {"units/all.pxu": UNITS})


def provider(folder: Path, namespace: str, units: str) -> Path:
    (folder / "units").mkdir(parents=True)
    (folder / "units" / "all.pxu").write_text(units)
    (folder / "manage.py").write_text(
        f"from plainbox.provider_manager import setup\n"
        f"setup(name={folder.name!r}, namespace={namespace!r}, version='1')\n"
    )
    return folder


def results(session: Path) -> dict[str, str]:
    report = json.loads((session / "reports" / "submission.json").read_text())
    return {result["full_id"]: result["outcome"] for result in report["results"]}


@pytest.mark.parametrize("word", ["org.example::plan", "plan"])
def test_a_plan_is_meant_by_its_full_id_or_by_the_one_provider_that_has_it(
    word: str, bench: Bench, program: Program
) -> None:
    answer = program("run", "--provider", bench.provider, word)
    assert answer.code == 0, answer
    (session,) = bench.store.sessions()
    assert session.id == "1-plan"
    assert results(session.path) == {"org.example::good": "pass"}


def test_the_own_plan_comes_before_that_of_a_provider(bench: Bench) -> None:
    bench.write({"units/smoke.pxu": "unit: test plan\nid: smoke\nname: Mine\ninclude: good\n"})
    request = understand(["smoke"], bench.setup().session)
    assert request.plan is not None
    assert request.plan.id == "org.plainbox::smoke"


def test_what_several_providers_have_is_not_guessed(tmp_path: Path, program: Program) -> None:
    plan = (
        "unit: test plan\nid: plan\nname: P\ninclude: x\n\nid: job\ncommand: true\nflags: simple\n"
    )
    one = provider(tmp_path / "one", "org.one", plan)
    two = provider(tmp_path / "two", "org.two", plan)
    for word, what in (("plan", "plan"), ("job", "job")):
        answer = program("run", "--provider", one, "--provider", two, word)
        assert answer.code == 2
        assert answer.err == (
            f"plainbox: more than one {what} is called '{word}'\n"
            f"  org.one::{word}\n  org.two::{word}\n"
        )
    assert not (tmp_path / "state").exists()


def test_jobs_are_meant_by_ids_and_patterns_in_the_order_given(
    bench: Bench, program: Program
) -> None:
    answer = program("run", "--provider", bench.provider, "org.example::disk/.*", "good")
    assert answer.code == 0
    state = bench.store.sessions()[0].read_state()
    assert list(state.jobs) == [
        "org.example::disk/one",
        "org.example::disk/two",
        "org.example::good",
    ]


def test_without_a_word_the_plans_are_listed(bench: Bench, program: Program) -> None:
    answer = program("run", "--provider", bench.provider)
    assert answer.code == 2
    assert "which plan?" in answer.err
    assert "  org.example::plan  A plan\n" in answer.err
    assert answer.out == ""


def test_an_unknown_word_is_an_error_of_use_with_the_nearest_one(
    bench: Bench, program: Program
) -> None:
    answer = program("run", "--provider", bench.provider, "disk/tow")
    assert answer.code == 2
    assert "no plan and no job is called 'disk/tow'" in answer.err
    assert "did you mean org.example::disk/two?" in answer.err
    assert program("run", "--provider", bench.provider, "org.example::nothing").code == 2


def test_what_is_no_pattern_is_an_error_of_use(bench: Bench, program: Program) -> None:
    answer = program("run", "--provider", bench.provider, "disk/(")
    assert answer.code == 2
    assert "'disk/(' is no pattern" in answer.err


def test_a_failed_job_makes_the_exit_code_one(bench: Bench, program: Program) -> None:
    answer = program("run", "--provider", bench.provider, "failing")
    assert answer.code == 1
    assert "exit 3: broken" in answer.out


def test_a_plan_that_selects_nothing_is_an_error_of_use(bench: Bench, program: Program) -> None:
    answer = program("run", "--provider", bench.provider, "hollow")
    assert answer.code == 2
    assert "nothing is selected" in answer.err
    assert program("resume").code == 2, "nothing is left of it"


def test_a_plan_of_which_nothing_can_run_is_an_error_of_input(
    bench: Bench, program: Program
) -> None:
    knot = (
        "id: a\nplugin: shell\ncommand: true\ndepends: b\n\nid: b\nplugin: shell\ncommand: true\n"
    )
    bench.write({"units/knot.pxu": knot + "depends: a\n"})
    answer = program("run", "--provider", bench.provider, "a", "b")
    assert answer.code == 3
    assert "dependency cycle" in answer.out


def test_a_broken_unit_is_shown_and_the_rest_runs(bench: Bench, program: Program) -> None:
    whole = "id: whole\nflags: simple\ncommand: true\n"
    bench.write({"units/broken.pxu": f"id: odd\nthis is no field\n\n{whole}"})
    answer = program("run", "--provider", bench.provider, "whole", cwd=bench.provider)
    assert answer.code == 0
    assert "--> units/broken.pxu:2:1" in answer.err
    assert "2 | this is no field" in answer.err
    assert "| ^" in answer.err


def test_a_provider_that_does_not_exist_is_an_error_of_use(program: Program) -> None:
    answer = program("run", "--provider", "/nowhere", "smoke")
    assert answer.code == 2
    assert "there is no provider /nowhere" in answer.err


def test_a_provider_that_cannot_be_loaded_is_an_error_of_input(
    tmp_path: Path, program: Program
) -> None:
    broken = tmp_path / "broken"
    (broken / "units").mkdir(parents=True)
    (broken / "manage.py").write_text("setup(name=\n")
    answer = program("run", "--provider", broken, "smoke")
    assert answer.code == 3
    assert "none of the named providers can be loaded" in answer.err


def test_reports_go_where_they_are_asked_for(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    output = tmp_path / "a" / "b"
    answer = program("run", "--provider", bench.provider, "plan", "--output", output)
    assert answer.code == 0
    assert f"Report   {output}/submission.json" in answer.out
    assert (
        json.loads((output / "submission.json").read_text())["testplan_id"] == "org.example::plan"
    )


def test_where_no_report_can_be_written_nothing_is_begun(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    answer = program(
        "run", "--provider", bench.provider, "plan", "--output", tmp_path / "file" / "x"
    )
    assert answer.code == 4
    assert answer.err.startswith("plainbox: no report can be written to")
    assert "Traceback" not in answer.err
    assert bench.store.sessions() == []


def test_a_report_that_fails_leaves_the_summary_and_the_session(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    spoil = f"rm -r {output}; touch {output}"
    bench.write({"units/spoil.pxu": f"id: spoil\nplugin: shell\ncommand: {spoil}\n"})
    answer = program("run", "--provider", bench.provider, "spoil", "--output", output)
    assert answer.code == 4
    assert "1 passed" in answer.out
    assert "cannot be written" in answer.err
    assert "Traceback" not in answer.err
    assert bench.store.sessions()[0].read_state().ended


def test_a_state_folder_that_cannot_be_made_is_a_failure_of_plainbox(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    environ = {"PLAINBOX_STATE_DIR": f"{tmp_path}/file/state"}
    answer = program("run", "--provider", bench.provider, "plan", env=environ)
    assert answer.code == 4
    assert answer.err.startswith("plainbox: ")
    assert "Traceback" not in answer.err


def test_a_state_folder_may_be_named_from_here(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    bench.write(
        {"units/share.pxu": "id: s\nflags: simple\ncommand: touch $PLAINBOX_SESSION_SHARE/x\n"}
    )
    environ = {"PLAINBOX_STATE_DIR": "here"}
    answer = program("run", "--provider", bench.provider, "s", env=environ, cwd=tmp_path)
    assert answer.code == 0, answer
    assert (Store(tmp_path / "here").sessions()[0].share / "x").exists()


def started(bench: Bench, *words: str | Path, **more: object) -> subprocess.Popen[str]:
    """Start the program, and go on."""
    main = "import sys; from plainbox.cli import main; sys.exit(main())"
    environ = {
        **os.environ,
        "PYTHONPATH": str(Path(plainbox.__file__).parents[1]),
        "PLAINBOX_STATE_DIR": str(bench.store.folder.parent),
    }
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    words = ("run", "--provider", bench.provider, *words)
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", main, *map(str, words)], env=environ, text=True, **options
    )


def test_an_interrupted_run_is_paused_and_can_be_resumed(bench: Bench, program: Program) -> None:
    fifo = bench.provider / "fifo"
    os.mkfifo(fifo)
    waits = f"id: waits\nplugin: shell\ncommand: echo up > {fifo}; sleep 60\n"
    bench.write({"units/waits.pxu": waits})
    with started(bench, "waits", "good") as process:
        assert fifo.read_text() == "up\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "plainbox resume 1-waits-good" in out
    assert "1 job left" in out
    answer = program("resume")
    assert answer.code == 1
    assert "ended by SIGINT" in answer.out
    outcomes = results(bench.store.sessions()[0].path)
    assert outcomes == {"org.example::good": "pass", "org.example::waits": "crash"}


def test_a_reader_that_goes_away_does_not_end_the_run(bench: Bench) -> None:
    read, write = os.pipe()
    with started(bench, "good", "bad", stdout=write) as process:
        os.close(write)
        os.close(read)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1, err
    assert err == ""
    assert bench.store.sessions()[0].read_state().ended


def test_a_full_disk_behind_standard_output_does_not_end_the_run(bench: Bench) -> None:
    with Path("/dev/full").open("w") as full, started(bench, "good", stdout=full) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert bench.store.sessions()[0].read_state().ended


def test_closed_standard_streams_do_not_end_the_run(bench: Bench) -> None:
    def close_all() -> None:
        for number in range(3):
            os.close(number)

    with started(bench, "good", "bad", preexec_fn=close_all) as process:
        process.wait(20)
    assert process.returncode == 1
    assert bench.store.sessions()[0].read_state().ended


BLOCKED = (
    "import sys\nfor name in ('rich', 'jinja2', 'xlsxwriter'):\n    sys.modules[name] = None\n"
)


def test_a_run_needs_neither_rich_nor_jinja2_nor_xlsxwriter(
    bench: Bench, program: Program, tmp_path: Path
) -> None:
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "sitecustomize.py").write_text(BLOCKED)
    template = (
        "id: res\nplugin: resource\ncommand: echo 'x: 1'\n\n"
        "unit: template\ntemplate-resource: res\ntemplate-engine: jinja2\nid: j-{{ x }}\n"
        "flags: simple\ncommand: true\n\n"
        "unit: template\ntemplate-resource: res\nid: f-{x}\nflags: simple\ncommand: true\n\n"
        "unit: test plan\nid: both\nname: Both\nbootstrap_include: res\n"
        "include:\n f-.*\n j-.*\n good\n"
    )
    bench.write({"units/both.pxu": template})
    source = str(Path(plainbox.__file__).parents[1])
    environ = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "block"), source))}
    answer = program("run", "--provider", bench.provider, "both", env=environ)
    assert "Traceback" not in answer.err
    outcomes = results(bench.store.sessions()[0].path)
    assert outcomes["org.example::f-1"] == "pass"
    assert outcomes["org.example::good"] == "pass"
    assert "jinja2" in (answer.out + answer.err).lower(), "what is missing is said"
