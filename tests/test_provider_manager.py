"""A provider's manage.py still runs, and says which command of plainbox took its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.catalog.provider_files import write_files

import plainbox

SCRIPT = """
from plainbox.provider_manager import (
    N_, _, _logger, InstallCommand, SourceDistributionCommand, manage_py_extension, setup
)

@manage_py_extension
class Install(InstallCommand):
    name = "install"

class Source(SourceDistributionCommand):
    _INCLUDED_ITEMS = SourceDistributionCommand._INCLUDED_ITEMS + ["launcher"]

setup(name="a", namespace="org.example", version="1.0", description=N_("A provider"))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    unit = "id: a\nplugin: shell\ncommand: true\n"
    return write_files(tmp_path, {"manage.py": SCRIPT, "units/a.pxu": unit})


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, folder / "manage.py", *words],
        env={"PYTHONPATH": str(Path(plainbox.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sub_command_with_a_successor_is_passed_on(folder: Path) -> None:
    done = call(folder, "info")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[:2] == ["job", "a"]


@pytest.mark.parametrize(("words", "code"), [((), 0), (("build",), 2)])
def test_anything_else_names_the_commands_of_plainbox(
    folder: Path, words: tuple[str, ...], code: int
) -> None:
    done = call(folder, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert f"plainbox list units --provider {folder}" in done.stderr
