"""The command line: `python -m benchmarks [--quick] [NAME...]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks import (
    commands,
    jobs,
    language,
    listing,
    loading,
    memory,
    output,
    resume,
    start_up,
)
from benchmarks.bench import Bench
from benchmarks.places import find_places
from benchmarks.table import Line, Row, render

BENCHMARKS: Final = {
    "start-up": start_up.measure,
    "list": listing.measure,
    "loading": loading.measure,
    "commands": commands.measure,
    "language": language.measure,
    "jobs": jobs.measure,
    "resume": resume.measure,
    "memory": memory.measure,
    "output": output.measure,
}


def main() -> int:
    """Measure and print the table; 1 where a target is missed."""
    options = _options()
    places = find_places()[: 1 if options.quick else None]
    for place in places:
        print(f"sessions are kept in {place.folder}: {place.kind} ({place.file_system})")
    print(f"load before: {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors", flush=True)
    given = os.environ.get("PLAINBOX_TEST_PROVIDERS")
    started = time.monotonic()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch:
        bench = Bench(
            places=places,
            rounds=1 if options.quick else 3,
            scratch=Path(scratch),
            providers=Path(given) if given else None,
        )
        for name in options.names or BENCHMARKS:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            lines += BENCHMARKS[name](bench)
    print(f"\n{render(lines)}\n\nmeasured in {time.monotonic() - started:.0f} s")
    return int(any(isinstance(line, Row) and line.holds is False for line in lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="one round, in one place")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark is called {name!r}: there are {', '.join(BENCHMARKS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
