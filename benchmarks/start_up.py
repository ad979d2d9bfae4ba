"""Starting: what every call pays before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import Bench, least_of_pairs
from benchmarks.table import Line, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator


def measure(bench: Bench) -> Iterator[Line]:
    """`plainbox --version` against the interpreter that does nothing."""
    ours, limit = least_of_pairs(
        bench.rounds * 5,
        lambda: bench.plainbox("--version").seconds * 1000,
        lambda: bench.python("-c", "pass").seconds * 1000,
    )
    yield Row("plainbox --version", ours, limit, "python -c pass", "ms", ours / limit, Target(3))
