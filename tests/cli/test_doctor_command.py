"""`plainbox doctor` tells what stands in the way of a run, and runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program

UNITS = """\
id: good
plugin: shell
command: echo hello > /dev/null

id: bad
plugin: shell
command: touch-nothing-at-all {marker}
"""


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    folder = tmp_path / "provider"
    (folder / "units").mkdir(parents=True)
    (folder / "units/a.pxu").write_text(UNITS.format(marker=tmp_path / "marker"))
    return folder


def test_what_is_missing_is_named_and_decides_the_exit_code(
    program: Program, provider: Path
) -> None:
    answer = program("doctor", "--provider", provider, "bad")
    assert answer.code == 1
    assert "bad needs the program touch-nothing-at-all, which is not here" in answer.out
    assert "1 job before templates, at least" in answer.out
    assert not program.state.exists()


def test_without_a_plan_the_machine_itself_is_looked_at(program: Program) -> None:
    answer = program("doctor")
    assert answer.code in (0, 1)
    for word in ("GB free", "restart", "sleep", "kernel"):
        assert word in answer.out


def test_a_plan_that_does_not_exist_is_an_error_of_use(program: Program, provider: Path) -> None:
    answer = program("doctor", "--provider", provider, "no-such-plan")
    assert answer.code == 2
