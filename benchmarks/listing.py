"""Listing the jobs of a folder of real providers, the whole process, without a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import Bench, least_of_pairs
from benchmarks.table import Line, Row, Skipped, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHAT = "plainbox list jobs, real providers"


def measure(bench: Bench) -> Iterator[Line]:
    """`plainbox list jobs` against reading the same files in a process that does no more."""
    if bench.providers is None:
        yield Skipped(_WHAT, "PLAINBOX_TEST_PROVIDERS names no folder of providers")
        return
    folders = sorted(path.parent for path in bench.providers.glob("*/manage.py"))
    words = [word for folder in folders for word in ("--provider", str(folder))]
    ours, limit = least_of_pairs(
        bench.rounds * 3,
        lambda: bench.plainbox("list", "jobs", *words).seconds,
        lambda: bench.python("-m", "benchmarks.pattern_pass", *map(str, folders)).seconds,
    )
    what = f"{_WHAT} ({len(folders)})"
    limit_is = "a process that matches the fields of the same files with one pattern"
    yield Row(what, ours, limit, limit_is, "s", ours / limit, Target(0.35, "s"))
