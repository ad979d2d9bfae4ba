"""Loading units, without the start of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.table import Line, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bench import Bench


def measure(bench: Bench) -> Iterator[Line]:
    """Loading against one regular-expression pass over the same text."""
    if bench.providers is None:
        folders, whose = [bench.provider(3000)], "3000 made jobs"
    else:
        folders = sorted(str(path.parent) for path in bench.providers.glob("*/manage.py"))
        whose = f"{len(folders)} real providers"
    ended = bench.python("-m", "benchmarks.load_units", str(bench.rounds * 3), *folders)
    ours, limit = (float(word) * 1000 for word in ended.output.split())
    limit_is = "one pattern matched against the same text"
    yield Row(f"loading the units of {whose}", ours, limit, limit_is, "ms", ours / limit)
