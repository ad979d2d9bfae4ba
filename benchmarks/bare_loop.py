"""The least that running jobs can cost: start, read both streams, make one row durable.

`python -m benchmarks.bare_loop COUNT FOLDER` prints the seconds of one round.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path


def loop(count: int, database: sqlite3.Connection) -> float:
    """Run `bash -c true` so many times; the seconds of one."""
    shell = shutil.which("bash") or "/bin/sh"
    started = time.perf_counter()
    for number in range(count):
        process = subprocess.Popen(
            [shell, "-c", "true"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=False,
        )
        output, errors = process.communicate()
        row = (number, len(output), len(errors), process.returncode)
        database.execute("insert into event values (?, ?, ?, ?)", row)
    return (time.perf_counter() - started) / count


def main(count: int, folder: Path) -> None:
    """Make the database and print the seconds of one round."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("create table event (seq integer primary key, output, errors, code)")
    print(loop(count, database))
    database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
