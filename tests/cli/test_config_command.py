"""`plainbox config` says what is set, where, and what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from plainbox.config import OPTIONS
from plainbox.session.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


def write(program: Program, text: str) -> Path:
    file = program.state.parent / "config" / "plainbox" / "plainbox.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_show_lists_every_option_with_its_value_and_its_place(program: Program) -> None:
    file = write(program, "[run]\nretry = 2\n[environment]\nAPI_TOKEN = x\nLAB = north\n")
    done = program("config", "show", "--json", env={"PLAINBOX_JOBS": "3"})
    rows = {f"{row['section']}.{row['key']}": row for row in json.loads(done.out)}
    assert set(rows) >= {option.key for option in OPTIONS.values()}
    assert (rows["run.retry"]["value"], rows["run.retry"]["from"]) == ("2", f"{file}:2")
    assert rows["run.jobs"]["from"] == "PLAINBOX_JOBS"
    assert rows["run.timeout"]["from"] == "default"
    assert rows["environment.LAB"]["value"] == "north"
    assert rows["environment.API_TOKEN"]["value"] == "(not shown)"
    assert "north" in program("config", "show").out


def test_explain_tells_all_statements_and_which_one_counts(program: Program) -> None:
    file = write(program, "[run]\nretry = 2\n")
    done = program("config", "explain", "run.retry", env={"PLAINBOX_RETRY": "5"})
    assert done.code == 0
    lines = [line.strip() for line in done.out.splitlines()]
    assert "is        5" in lines
    assert lines[-3:] == ["0  (default)", f"2  (file {file}:2)", "5  (environment PLAINBOX_RETRY)"]


def test_explaining_what_is_no_option_offers_the_nearest(program: Program) -> None:
    done = program("config", "explain", "run.retyr")
    assert done.code == 2
    assert "did you mean run.retry?" in done.err


def test_check_shows_each_mistake_in_its_line_and_answers_one(program: Program) -> None:
    file = write(program, "[run]\nretyr = 2\ntimeout = soon\n")
    done = program("config", "check")
    assert done.code == 1
    assert "did you mean 'retry'?" in done.out
    assert f"{file}:3:1" in done.out
    assert f"2 found in {file}" in done.out
    write(program, "[run]\nretry = 2\n")
    assert program("config", "check").code == 0


def test_init_writes_a_file_that_states_nothing_and_is_without_mistakes(program: Program) -> None:
    done = program("config", "init")
    assert done.code == 0
    file = program.state.parent / "config" / "plainbox" / "plainbox.conf"
    text = file.read_text()
    assert text == program("config", "init", "-").out
    assert program("config", "check").code == 0
    wanted = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    assert all(f"{option.name} = " in wanted for option in OPTIONS.values())
    again = program("config", "init")
    assert again.code == 2
    assert "is there already" in again.err


def test_what_init_offers_is_valid_when_it_is_uncommented(program: Program, tmp_path: Path) -> None:
    lines = program("config", "init", "-").out.splitlines()
    file = tmp_path / "all.conf"
    file.write_text(
        "\n".join(line.removeprefix("# ") if " = " in line else line for line in lines) + "\n"
    )
    done = program("config", "check", file)
    assert (done.code, done.out) == (0, f"0 found in {file}\n")


def test_variables_of_the_configuration_reach_jobs_but_replace_none(
    program: Program, tmp_path: Path
) -> None:
    units = tmp_path / "provider" / "units"
    units.mkdir(parents=True)
    (units / "a.pxu").write_text(
        'id: a\nplugin: shell\ncommand: test "$LAB" = north && test "$OWN" = caller\n'
    )
    write(program, "[environment]\nLAB = north\nOWN = file\nPATH = /nowhere\n")
    done = program("run", "--provider", units.parent, "a", env={"OWN": "caller"})
    assert done.code == 0


def test_the_configuration_names_the_state_folder_and_the_providers(
    program: Program, tmp_path: Path
) -> None:
    units = tmp_path / "provider" / "units"
    units.mkdir(parents=True)
    (units / "a.pxu").write_text("id: a\nplugin: shell\ncommand: true\n")
    write(
        program,
        f"[storage]\nstate_dir = {tmp_path}/kept\n[run]\nprovider = {units.parent}\n"
        f"output = {tmp_path}/out\n",
    )
    done = program("run", "provider::a", env={"PLAINBOX_STATE_DIR": ""})
    assert done.code == 0
    assert [session.id for session in Store(tmp_path / "kept").sessions()] == ["1-provider-a"]
    assert (tmp_path / "out" / "submission.json").exists()


def test_a_mistake_in_the_configuration_is_said_and_the_run_goes_on(program: Program) -> None:
    write(program, "[run]\nretyr = 2\n")
    done = program("list", "providers")
    assert done.code == 0
    assert "plainbox.conf:2:1: warning[unknown-key]" in done.err
