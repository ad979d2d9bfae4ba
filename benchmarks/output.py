"""Output: a job that prints 100 MB, one that prints a million lines, and their memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.bench import Bench, folder_in, least_of_pairs
from benchmarks.table import Line, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.places import Place

_BYTES: Final = 100_000_000
_LINES: Final = 1_000_000
_PRINT: Final = f"head -c {_BYTES} /dev/zero"
_COUNT: Final = f"seq {_LINES}"
_COPY: Final = """
import os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(["bash", "-c", sys.argv[1]], stdout=subprocess.PIPE)
with open(sys.argv[2], "wb", buffering=0) as file:
    while content := os.read(process.stdout.fileno(), 65536):
        file.write(content)
process.wait()
print(time.perf_counter() - started)
"""
_LIMIT: Final = "read from a pipe and written to a file"


def measure(bench: Bench) -> Iterator[Line]:
    """What a job that prints costs more than one that does not, in every place."""
    silent, loud, lines = (
        bench.provider(1),
        bench.provider(0, [_PRINT]),
        bench.provider(0, [_COUNT]),
    )
    for place in bench.places:
        for what, provider, command, target in (
            ("100 MB of output", loud, _PRINT, Target(3)),
            ("1,000,000 lines", lines, _COUNT, Target(0.3, "s")),
        ):
            yield from _rows(bench, place, (silent, provider), command, (what, target))


def _rows(
    bench: Bench, place: Place, providers: tuple[str, str], command: str, named: tuple[str, Target]
) -> Iterator[Row]:
    megabytes: list[float] = []

    def run(provider: str) -> float:
        with folder_in(place) as state:
            ended = bench.run_jobs(provider, state)
        megabytes.append(ended.megabytes)
        return ended.seconds

    def ours() -> float:
        before = run(providers[0])
        return run(providers[1]) - before

    def copy() -> float:
        with folder_in(place) as folder:
            return float(bench.python("-c", _COPY, command, str(folder / "copy")).output)

    what, target = named
    seconds, limit = least_of_pairs(bench.rounds, ours, copy)
    yield Row(f"{what}, {place.kind}", seconds, limit, _LIMIT, "s", seconds / limit, target)
    most = max(megabytes)
    yield Row(
        f"memory of {what}, {place.kind}",
        most,
        min(megabytes),
        "the least of all runs",
        "MB",
        most / min(megabytes),
        Target(64, "MB"),
    )
