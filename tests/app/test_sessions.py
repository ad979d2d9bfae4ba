"""Which sessions go when old ones are cleared away: never one that could still be resumed."""

from __future__ import annotations

from pathlib import Path

from plainbox.app.sessions import Limits, Overview, Status, to_prune
from plainbox.session.store import SessionFolder

NOW = 1_800_000_000.0
DAY = 86400.0


def session(number: int, status: Status = Status.ENDED, days: float | None = 0) -> Overview:
    last = None if days is None else NOW - days * DAY
    held = "process 1" if status is Status.RUNNING else ""
    return Overview(SessionFolder(Path(f"/s/{number}-x")), status, last=last, holder=held)


def pruned(sessions: list[Overview], limits: Limits) -> list[int]:
    return [each.folder.number for each in to_prune(sessions, limits, NOW)]


def test_the_newest_stay_and_what_is_beyond_the_number_goes() -> None:
    sessions = [session(number) for number in (3, 10, 1, 2)]
    assert pruned(sessions, Limits(keep=2)) == [2, 1]
    assert pruned(sessions, Limits(keep=0)) == [10, 3, 2, 1]
    assert pruned(sessions, Limits(keep=9)) == []


def test_what_is_too_old_goes_and_what_has_no_known_age_stays() -> None:
    sessions = [session(1, days=31), session(2, days=29), session(3, days=None)]
    assert pruned(sessions, Limits(age=30 * DAY)) == [1]


def test_each_limit_takes_what_is_beyond_it() -> None:
    sessions = [session(1, days=1), session(2, days=1), session(3, days=40)]
    assert pruned(sessions, Limits(keep=2, age=30 * DAY)) == [3, 1]


def test_sessions_that_have_not_ended_neither_go_nor_count() -> None:
    sessions = [
        session(5, Status.PAUSED, 99),
        session(4, Status.EMPTY, 99),
        session(3, Status.DAMAGED, 99),
        session(2),
        session(1),
    ]
    assert pruned(sessions, Limits(keep=1, age=30 * DAY)) == [1]
    assert pruned(sessions, Limits(age=30 * DAY, unfinished=True)) == [5, 4, 3]


def test_a_session_that_a_process_has_never_goes() -> None:
    running = session(2, Status.RUNNING, 99)
    damaged = Overview(SessionFolder(Path("/s/1-x")), Status.DAMAGED, holder="process 7")
    assert pruned([running, damaged], Limits(keep=0, unfinished=True)) == []
