"""Loads providers, and matches one pattern against their texts, in turns in one process.

`python -m benchmarks.load_units ROUNDS FOLDER...` prints the least seconds of both.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.bench import least_of_pairs
from benchmarks.pattern_pass import fields_in, texts_of
from plainbox.app.setup import set_up

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(rounds: int, folders: list[str]) -> None:
    """Measure, and print both figures."""
    texts = texts_of(folders)
    ours, limit = least_of_pairs(
        rounds,
        lambda: seconds(lambda: set_up(folders, os.environ)),
        lambda: seconds(lambda: fields_in(texts)),
    )
    print(ours, limit)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
