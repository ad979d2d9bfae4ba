"""One run a machine at a time, and what is said of who has it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plainbox.app.turn import holder, lock_file, take_turn
from plainbox.app.way import Choices, resume_command
from plainbox.config import read_settings
from plainbox.diagnostics import Sink
from plainbox.errors import ExitCode, MachineBusy, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


def test_a_second_run_is_refused_and_told_who_has_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "state" / "plainbox.lock"
    first = take_turn(path)
    with pytest.raises(MachineBusy, match=f"process {os.getpid()} of .*, since ..:..: "):
        take_turn(path)
    os.close(first)
    os.close(take_turn(path))


def test_who_holds_a_lock_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    assert holder(descriptor) == "of another process"
    assert holder(descriptor, tmp_path) == "of another process"
    os.close(descriptor)


def test_a_lock_that_nobody_can_take_is_a_failure_of_storage(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be opened"):
        take_turn(tmp_path / "file" / "lock")


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    (tmp_path / "lock").symlink_to(tmp_path / "other")
    with pytest.raises(StorageError, match="cannot be opened"):
        take_turn(tmp_path / "lock")


def test_the_lock_is_of_the_machine_unless_a_state_folder_is_named(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert lock_file(state, {}, tmp_path) == tmp_path / "plainbox.lock"
    assert lock_file(state, {}, tmp_path / "none") == state / "plainbox.lock"
    named = {"PLAINBOX_STATE_DIR": str(state)}
    assert lock_file(state, named, tmp_path) == state / "plainbox.lock"


def test_a_run_beside_another_one_has_to_be_wanted(tmp_path: Path, program: Program) -> None:
    provider = tmp_path / "provider"
    (provider / "units").mkdir(parents=True)
    (provider / "manage.py").write_text(
        "from plainbox.provider_manager import setup\n"
        "setup(name='p', namespace='org.example', version='1', description='d')\n"
    )
    (provider / "units" / "a.pxu").write_text("id: a\nplugin: shell\ncommand: true\n")
    held = take_turn(program.state / "plainbox.lock")
    refused = program("run", "--provider", provider, "a")
    assert refused.code == ExitCode.BROKEN
    assert f"another run is on this machine: process {os.getpid()}" in refused.err
    assert "--beside" in refused.err
    assert program("run", "--provider", provider, "--beside", "a").code == 0
    os.close(held)
    assert program("run", "--provider", provider, "a").code == 0


def test_a_resume_goes_on_with_what_was_chosen_unless_it_is_chosen_anew() -> None:
    chosen = Choices(retry=2, timeout=90.0, jobs=3, normal_user="alice")
    environ = {"PLAINBOX_STATE_DIR": "/nowhere"}
    plain = read_settings(environ, Sink(), {})
    assert Choices.again(chosen.recorded, plain) == chosen
    anew = read_settings(environ, Sink(), {"retry": "5"})
    assert Choices.again(chosen.recorded, anew).retry == 5
    assert Choices.again({}, plain) == Choices()
    assert Choices().recorded == {}
    assert Choices().places >= 1


def test_the_command_that_resumes_has_an_absolute_program_and_the_state_folder() -> None:
    command = resume_command({"PATH": "/nowhere", "PLAINBOX_STATE_DIR": "/var/x"})
    assert command[0].startswith("/")
    assert command[1] == "PLAINBOX_STATE_DIR=/var/x"
    assert command[-1] == "resume"
