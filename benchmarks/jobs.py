"""Trivial jobs: run, journaled and shown, against a bare loop that does no more than it must.

What a job costs is the whole process with N jobs less the whole process with one, so that
loading, planning and reporting of every further job count, and starting does not. Other work on
the machine comes in bursts, hence medians, and small numbers of jobs more often than large ones.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Bench, folder_in
from benchmarks.table import Line, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.places import Place

    Pairs = list[tuple[float, float]]

COUNTS: Final = {100: 6, 1000: 2, 3000: 1}
"""Numbers of jobs, and how often each is run in a round."""
_FEW, _MANY = min(COUNTS), max(COUNTS)
_LIMIT: Final = "bash -c true, both streams read, one row committed"


def measure(bench: Bench) -> Iterator[Line]:
    """What one job costs, in every place and at every number of jobs."""
    providers = {count: bench.provider(count) for count in (1, *COUNTS)}
    for place in bench.places:
        costs = _Costs(bench, place, providers)
        for _ in range(bench.rounds):
            costs.measure_round()
        yield from _rows(place, costs)


class _Costs:
    """Milliseconds a job, of plainbox and of the bare loop, by the number of jobs."""

    def __init__(self, bench: Bench, place: Place, providers: dict[int, str]) -> None:
        self._bench = bench
        self._place = place
        self._providers = providers
        self._start = 0.0
        self.pairs: dict[int, Pairs] = {count: [] for count in COUNTS}
        self.on_terminal: Pairs = []

    def measure_round(self) -> None:
        """Run everything, plainbox and the bare loop in turns."""
        self._start = median(self._seconds(1) for _ in range(5))
        for count, times in COUNTS.items():
            self.pairs[count] += [(self._cost(count), self._bare(count)) for _ in range(times)]
        self.on_terminal.append((self._cost(1000, terminal=True), self._bare(1000)))

    def _seconds(self, count: int, *, terminal: bool = False) -> float:
        with folder_in(self._place) as state:
            provider = self._providers[count]
            return self._bench.run_jobs(provider, state, terminal=terminal).seconds

    def _cost(self, count: int, *, terminal: bool = False) -> float:
        return (self._seconds(count, terminal=terminal) - self._start) / (count - 1) * 1000

    def _bare(self, count: int) -> float:
        with folder_in(self._place) as folder:
            ended = self._bench.python("-m", "benchmarks.bare_loop", str(count), str(folder))
        return float(ended.output) * 1000


def _rows(place: Place, costs: _Costs) -> Iterator[Row]:
    def row(what: str, pairs: Pairs) -> Row:
        ours, limit = (median(pair[side] for pair in pairs) for side in (0, 1))
        ratio = median(pair[0] / pair[1] for pair in pairs)
        return Row(f"{what}, {place.kind}", ours, limit, _LIMIT, "ms", ratio, Target(2))

    rows = {count: row(f"one of {count} jobs", pairs) for count, pairs in costs.pairs.items()}
    yield from rows.values()
    yield row("one of 1000 jobs, on a terminal", costs.on_terminal)
    many, few = rows[_MANY].measured, rows[_FEW].measured
    what = f"one of {_MANY} jobs against one of {_FEW}, {place.kind}"
    yield Row(
        what, many, few, f"plainbox itself, one of {_FEW} jobs", "ms", many / few, Target(1.1)
    )
