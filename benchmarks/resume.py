"""Resuming: from the call to the start of the next job, with 5000 results in the journal."""

from __future__ import annotations

import shutil
import signal
import time
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Bench, folder_in, least_of_pairs
from benchmarks.table import Line, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.places import Place

DONE: Final = 5000
_READ: Final = """
import json, sqlite3, sys
for at, body in sqlite3.connect(sys.argv[1]).execute("select at, body from event order by seq"):
    json.loads(at), json.loads(body)
"""


def measure(bench: Bench) -> Iterator[Line]:
    """A session whose process is killed after 5000 jobs is resumed again and again."""
    started = bench.scratch / "started"
    last = ["kill -9 $PPID; sleep 60", f"echo $EPOCHREALTIME > {started}"]
    provider = bench.provider(DONE, last)
    for place in bench.places:
        with folder_in(place) as folder:
            interrupted = folder / "interrupted"
            bench.run_jobs(provider, interrupted, code=-signal.SIGKILL)
            yield _row(bench, place, interrupted, started)


def _row(bench: Bench, place: Place, interrupted: Path, started: Path) -> Row:
    state = interrupted.with_name("resumed")
    (journal,) = interrupted.glob("sessions/*/journal.db")

    def resume() -> float:
        shutil.copytree(interrupted, state, symlinks=True)
        called = time.time()
        bench.plainbox("resume", state=state, code=1)
        shutil.rmtree(state)
        return float(started.read_text()) - called

    def read() -> float:
        return bench.python("-c", _READ, str(journal)).seconds

    ours, limit = least_of_pairs(bench.rounds, resume, read)
    what = f"resume with {DONE} results, {place.kind}"
    limit_is = "a process that reads the journal as rows of JSON"
    return Row(what, ours, limit, limit_is, "s", ours / limit, Target(0.6, "s"))
