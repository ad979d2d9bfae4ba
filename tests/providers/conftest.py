"""Machines recorded in text files, unpacked for the programs of the shipped provider."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import plainbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
SMOKE = Path(plainbox.__file__).parent / "providers" / "smoke"

Record = dict[str, str]


class Recorded:
    """A machine below a folder, which a test may change, and the programs that look at it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def unpack(self, description: str) -> None:
        for part in description.split("== ")[1:]:
            head, _, body = part.partition("\n")
            path, arrow, destination = head.partition(" -> ")
            if arrow:
                link = self.root / path.lstrip("/")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(destination)
            else:
                self.write(path, body)

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, f"{SMOKE}/bin/{program}", *words, "--root", str(self.root)]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", check=False, timeout=60
        )

    def facts(self, program: str, name: str) -> list[Record]:
        done = self.run(program, name)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return parsed(done.stdout)

    def verdict(self, program: str, *words: str) -> tuple[int, str]:
        """Exit status and last line."""
        done = self.run(program, *words)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()[-1]


def parsed(text: str) -> list[Record]:
    """The records of a resource's output."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.strip()]
    return [dict(line.split(": ", 1) for line in block) for block in blocks]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[str], Recorded]:
    """Unpack a machine by its name: laptop, container, board; any other is empty."""

    def unpack(name: str) -> Recorded:
        root = tmp_path / name
        root.mkdir()
        recorded = Recorded(root)
        path = HERE / "machines" / f"{name}.txt"
        if path.exists():
            recorded.unpack(path.read_text(encoding="utf-8"))
        return recorded

    return unpack


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Import a program of the provider by its name, to call its functions."""
    monkeypatch.syspath_prepend(str(SMOKE / "bin"))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if name.startswith(("facts_", "check_", "smoke_")):
            del sys.modules[name]


@pytest.fixture
def smoke() -> Path:
    """The folder of the provider."""
    return SMOKE
