"""What all tests share: the real program, called as people call it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

import plainbox

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAIN: Final = "import sys; from plainbox.cli import main; sys.exit(main())"


class Answer(NamedTuple):
    """What a call of the program came to: its exit code and what it wrote."""

    code: int
    out: str
    err: str


class Program:
    """Calls plainbox in a process of its own; its sessions are in `state`."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(
        self,
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        typed: str = "",
    ) -> Answer:
        """Call it with these words; `env` adds to the environment, `typed` is what it can read."""
        done = subprocess.run(
            [sys.executable, "-c", _MAIN, *map(str, words)],
            env={**os.environ, **self._environment(), **(env or {})},
            cwd=cwd,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def _environment(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(Path(plainbox.__file__).parents[1]),
            "PYTHONIOENCODING": "utf-8",
            "PLAINBOX_STATE_DIR": str(self.state),
            "XDG_CONFIG_HOME": str(self.state.parent / "config"),
            "XDG_CONFIG_DIRS": str(self.state.parent / "config-of-system"),
        }


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """`program("run", "--provider", folder, "smoke")` -> exit code, standard output, errors."""
    return Program(tmp_path / "state")


@pytest.fixture(autouse=True, scope="session")
def _attentive() -> None:
    """Signals reach what tests start, also where the tests run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
