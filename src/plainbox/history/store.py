"""The outcomes of sessions that have ended, in an SQLite file beside the sessions.

    run(number, session, title, plan, machine, began, seconds)
    result(session, job, outcome, reason, seconds, attempts)

All of it stands in journals too: a file that is missing, damaged or of another format is made
anew from them. A session that was removed stays in the history as long as the file is whole.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.events import IMPORTED_FROM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from plainbox.session.state import State

NAME: Final = "history.db"
FORMAT: Final = 1
_SIDES: Final = ("", "-wal", "-shm", "-journal")
_SCHEMA: Final = f"""
begin immediate;
create table if not exists run (
    number integer not null, session text primary key, title text not null, plan text not null,
    machine text not null, began real not null, seconds real not null
) without rowid;
create index if not exists run_by_plan on run (plan, machine, number);
create table if not exists result (
    session text not null, job text not null, outcome text not null, reason text not null,
    seconds real not null, attempts integer not null, primary key (session, job)
) without rowid;
create index if not exists result_by_job on result (job);
pragma user_version = {FORMAT};
commit;
"""
_RUN: Final = "select number, session, title, plan, machine, began, seconds from run"


class RunRow(NamedTuple):
    """A session that ended.

    `plan` is the full id of its plan, or the patterns that were asked for; `began` are seconds
    since 1970.
    """

    number: int
    session: str
    title: str
    plan: str
    machine: str
    began: float
    seconds: float


class Result(NamedTuple):
    """What came of a job in a session."""

    session: str
    job: str
    outcome: Outcome
    reason: str
    seconds: float
    attempts: int

    @property
    def flaky(self) -> bool:
        """Whether it passed after it had failed."""
        return self.outcome is Outcome.PASS and self.attempts > 1


class History:
    """The history of one state folder."""

    def __init__(
        self, folder: Path, journals: Callable[[], Iterable[tuple[str, State]]] | None = None
    ) -> None:
        """Open it; `journals` gives the ids and states of sessions where it has to be made anew.

        Raise `StorageError`.
        """
        self.path = folder / NAME
        self._database, fresh = _open(self.path)
        if fresh and journals is not None:
            self.record_all(journals())

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def record(self, session: str, state: State) -> None:
        """Keep what came of a session that has ended; again is the same.

        One that was imported says nothing of this machine and is left out. Raise `StorageError`.
        """
        self.record_all([(session, state)])

    def record_all(self, sessions: Iterable[tuple[str, State]]) -> int:
        """Keep those of several that belong here; return how many. Raise `StorageError`."""
        number = 0
        try:
            with self._database as database:
                for session, state in sessions:
                    if _belongs(state):
                        _record(database, session, state)
                        number += 1
        except sqlite3.Error as error:
            raise StorageError(f"the history {self.path} cannot be written: {error}") from error
        return number

    def runs(self, plan: str = "", machine: str = "", *, limit: int = -1) -> list[RunRow]:
        """Runs, the newest first: of a plan, on a machine, or of any where these are empty."""
        rows = self._rows(
            f"{_RUN} where ? in ('', plan) and ? in ('', machine) order by number desc limit ?",
            (plan, machine, limit),
        )
        return [RunRow(*row) for row in rows]

    def outcomes_of(self, job: str, *, limit: int = -1) -> list[tuple[RunRow, Result]]:
        """What came of a job in each run that had it, the newest first."""
        rows = self._rows(
            "select run.number, run.session, run.title, run.plan, run.machine, run.began,"
            " run.seconds, result.* from result join run using (session)"
            " where job = ? order by run.number desc limit ?",
            (job, limit),
        )
        width = len(RunRow._fields)
        return [(RunRow(*row[:width]), _result(row[width:])) for row in rows]

    def executed(self, session: str) -> int:
        """How many jobs a run executed."""
        return len(self._with_outcome(session, [each for each in Outcome if each.ran]))

    def failed(self, session: str) -> list[str]:
        """The jobs that failed in a run."""
        return self._with_outcome(session, [each for each in Outcome if each.bad])

    def _with_outcome(self, session: str, outcomes: Iterable[Outcome]) -> list[str]:
        wanted = [outcome.value for outcome in outcomes]
        marks = ", ".join("?" * len(wanted))
        query = f"select job from result where session = ? and outcome in ({marks})"  # noqa: S608
        return [job for (job,) in self._rows(query, (session, *wanted))]

    def results(self, session: str) -> dict[str, Result]:
        """What came of every job of a run, by id."""
        rows = self._rows("select * from result where session = ?", (session,))
        return {result.job: result for result in map(_result, rows)}

    def _rows(self, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(query, tuple(values))
        except sqlite3.Error as error:
            raise StorageError(
                f"the history {self.path} cannot be read: {error}",
                hints=["plainbox sessions rebuild-history makes it anew"],
            ) from error


def _result(row: Sequence[Any]) -> Result:
    session, job, outcome, *rest = row
    return Result(session, job, Outcome(outcome), *rest)


def _open(path: Path) -> tuple[sqlite3.Connection, bool]:
    """The database, and whether it is a new one. Raise `StorageError`."""
    try:
        if path.exists() and _is_whole(path):
            return sqlite3.connect(path), False
        for side in _SIDES:
            path.with_name(path.name + side).unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.executescript(_SCHEMA)
        path.chmod(0o600)
        return sqlite3.connect(path), True
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"the history {path} cannot be opened: {error}") from error


def _is_whole(path: Path) -> bool:
    """Whether a file is a history of the present format, as far as a quick look can tell."""
    tables = "select name from sqlite_master where type = 'table'"
    try:
        with closing(sqlite3.connect(path)) as database:
            (version,) = database.execute("pragma user_version").fetchone()
            there = database.execute(tables).fetchall()
    except sqlite3.OperationalError:
        raise  # it may be whole: somebody writes to it, or this user may not read it
    except sqlite3.DatabaseError:
        return False
    return version == FORMAT and {("run",), ("result",)} <= set(there)


def _belongs(state: State) -> bool:
    return state.ended and state.opened is not None and IMPORTED_FROM not in state.opened.machine


def _record(database: sqlite3.Connection, session: str, state: State) -> None:
    opened = state.opened
    assert opened is not None  # noqa: S101 - the caller made sure
    began = state.opened_at.wall if state.opened_at else 0.0
    number = int(session.partition("-")[0])
    plan = opened.plan or " ".join(opened.request)
    machine = opened.machine.get("host", "")
    row = RunRow(number, session, opened.title, plan, machine, began, state.seconds)
    database.execute("delete from result where session = ?", (session,))
    database.execute("insert or replace into run values (?, ?, ?, ?, ?, ?, ?)", row)
    database.executemany(
        "insert into result values (?, ?, ?, ?, ?, ?)",
        (
            (session, job_id, job.outcome.value, job.reason, job.seconds, len(job.attempts))
            for job_id, job in state.jobs.items()
            if job.outcome is not None
        ),
    )
