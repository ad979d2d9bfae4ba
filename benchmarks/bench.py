"""What all benchmarks share: the program that is measured, child processes, inputs.

Everything that is measured runs in a process of its own, and what is compared takes turns, so
that other work on the machine slows both alike.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.places import Place

ROOT: Final = Path(__file__).resolve().parents[1]
NAMESPACE: Final = "org.example"
_ENTRY: Final = "import sys; from plainbox.cli import main; sys.exit(main())"
_MOST_SECONDS: Final = 180


@dataclass(frozen=True)
class Ended:
    """How a process went: its code, seconds of wall time, peak resident megabytes, output."""

    code: int
    seconds: float
    megabytes: float
    output: str


class Bench:
    """Runs what benchmarks measure.

    `places` are where sessions are kept, `rounds` is how many pairs make a figure, `scratch` a
    folder for inputs that its owner removes, `providers` a folder of real providers.
    """

    def __init__(
        self, places: Sequence[Place], rounds: int, scratch: Path, providers: Path | None
    ) -> None:
        self.places = places
        self.rounds = rounds
        self.scratch = scratch
        self.providers = providers
        self.environment = {
            key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
        }
        script = Path(sys.executable).with_name("plainbox")
        self.program = [str(script)]
        if not script.exists():
            self.program = [sys.executable, "-c", _ENTRY]
            self.environment["PYTHONPATH"] = str(ROOT / "src")

    def plainbox(
        self, *words: str, state: Path | None = None, code: int = 0, terminal: bool = False
    ) -> Ended:
        """Run plainbox and expect this exit code; its output goes to a file or a terminal."""
        environment = {**self.environment, "PLAINBOX_STATE_DIR": str(state or self.scratch)}
        ended = _run([*self.program, *words], environment, terminal=terminal)
        if ended.code != code:
            raise SystemExit(f"plainbox {' '.join(words)}: {ended.code}\n{ended.output[-2000:]}")
        return ended

    def python(self, *words: str) -> Ended:
        """Run the interpreter that plainbox runs with."""
        ended = _run([sys.executable, *words], self.environment)
        if ended.code:
            raise SystemExit(f"python {' '.join(words)}: {ended.code}\n{ended.output[-2000:]}")
        return ended

    def provider(self, jobs: int, last: Sequence[str] = ()) -> str:
        """The folder of a provider with so many trivial jobs, then one for each more command."""
        folder = Path(tempfile.mkdtemp(prefix="provider-", dir=self.scratch))
        (folder / "units").mkdir()
        (folder / "manage.py").write_text(
            "from plainbox.provider_manager import setup\n"
            f'setup(name="bench", namespace="{NAMESPACE}", version="1.0", description="Bench")\n'
        )
        (folder / "units" / "jobs.pxu").write_text(
            "\n".join(
                f"id: job-{number:05}\n_summary: The job of number {number}\nplugin: shell\n"
                f"command: {command}\nestimated_duration: 0.001\n"
                for number, command in enumerate([*["true"] * jobs, *last], 1)
            )
        )
        return str(folder)

    def run_jobs(
        self, provider: str, state: Path, *, code: int = 0, terminal: bool = False
    ) -> Ended:
        """Run all jobs of a provider that `provider` made, in a session of their own."""
        words = ("run", "--provider", provider, f"{NAMESPACE}::job-.*")
        return self.plainbox(*words, state=state, code=code, terminal=terminal)


@contextmanager
def folder_in(place: Place) -> Iterator[Path]:
    """A folder that goes away again."""
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=place.folder) as name:
        yield Path(name)


def least_of_pairs(
    rounds: int, ours: Callable[[], float], limit: Callable[[], float]
) -> tuple[float, float]:
    """The least of each of two figures that take turns; a first turn only warms up."""
    pairs = [(ours(), limit()) for _ in range(rounds + 1)][1:]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def _run(
    command: Sequence[str], environment: Mapping[str, str], *, terminal: bool = False
) -> Ended:
    with tempfile.TemporaryFile() as output:
        master, slave = pty.openpty() if terminal else (-1, -1)
        if terminal:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
            environment = {**environment, "TERM": "xterm-256color"}
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=slave if terminal else output,
            stderr=subprocess.STDOUT,
        )
        megabytes = _wait(process, master)
        seconds = time.perf_counter() - started
        if terminal:
            os.close(master)
            os.close(slave)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    return Ended(process.returncode, seconds, megabytes, text)


def _wait(process: subprocess.Popen[bytes], screen: int) -> float:
    """Wait for the end of a process, reading its screen; its peak memory in megabytes."""
    deadline = time.monotonic() + _MOST_SECONDS
    watch = os.pidfd_open(process.pid)
    watched = [watch, screen] if screen >= 0 else [watch]
    ready: list[int] = []
    while watch not in ready:
        ready, _, _ = select.select(watched, [], [], max(0.0, deadline - time.monotonic()))
        if screen in ready:
            os.read(screen, 65536)
        if not ready:
            process.kill()
    os.close(watch)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / 1024
