"""Memory: the most that a run of 10,000 jobs takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.bench import Bench, folder_in
from benchmarks.table import Line, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT: Final = 10_000


def measure(bench: Bench) -> Iterator[Line]:
    """Peak resident memory of the whole process, in the place that is fastest."""
    provider = bench.provider(COUNT)
    place = min(bench.places, key=lambda it: it.kind != "tmpfs")
    with folder_in(place) as state:
        ours = bench.run_jobs(provider, state).megabytes
    with folder_in(place) as state:
        limit = bench.run_jobs(bench.provider(1), state).megabytes
    what = f"memory of a run of {COUNT} jobs"
    yield Row(what, ours, limit, "a run of one job", "MB", ours / limit, Target(100, "MB"))
