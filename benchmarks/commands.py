"""The commands of the unit language on real providers, each the whole process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import Bench, least_of_pairs
from benchmarks.table import Line, Row, Skipped, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LIMIT = "a process that matches the fields of the same files with one pattern"
_PLAN = "client-cert-iot-desktop-26-04"


def measure(bench: Bench) -> Iterator[Line]:
    """`check` and `fmt` of one large provider, `expand` of a large plan over all of them."""
    if bench.providers is None:
        yield Skipped("check, fmt, expand", "PLAINBOX_TEST_PROVIDERS names no folder of providers")
        return
    base = bench.providers / "base"
    folders = sorted(path.parent for path in bench.providers.glob("*/manage.py"))
    named = [word for folder in folders for word in ("--provider", str(folder))]
    yield _row(bench, ("check", str(base)), [base], code=1, most=0.7)
    yield _row(bench, ("fmt", "--check", str(base)), [base], code=1, most=0.5)
    yield _row(bench, ("expand", _PLAN, *named), folders, code=0, most=0.45)


def _row(bench: Bench, words: tuple[str, ...], folders: list[Path], code: int, most: float) -> Row:
    ours, limit = least_of_pairs(
        bench.rounds * 3,
        lambda: bench.plainbox(*words, code=code).seconds,
        lambda: bench.python("-m", "benchmarks.pattern_pass", *map(str, folders)).seconds,
    )
    what = f"plainbox {words[0]}, {len(folders)} real provider{'s'[: len(folders) - 1]}"
    return Row(what, ours, limit, _LIMIT, "s", ours / limit, Target(most, "s"))
