"""The history says what earlier runs came to, and can always be made anew."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from plainbox.clock import Stamp
from plainbox.errors import StorageError
from plainbox.history import History, News, news_of
from plainbox.outcome import Outcome
from plainbox.session.events import (
    IMPORTED_FROM,
    Ended,
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    Opened,
    Planned,
)
from plainbox.session.state import State, fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plainbox.session.events import Event

PASS, FAIL, CRASH = Outcome.PASS, Outcome.FAIL, Outcome.CRASH
SKIPPED = Outcome.SKIPPED_RESOURCE
WALL = 1_800_000_000.0


def state(
    outcomes: dict[str, tuple[Outcome, ...]],
    *,
    plan: str | None = "ns::p",
    machine: dict[str, str] | None = None,
    ended: bool = True,
) -> State:
    """A session with some jobs, each with the outcomes of its attempts."""
    made = State()
    events: list[Event] = [
        Opened(1, "s", "p", plan, ("a", "b"), "0.1", (), (), machine or {"host": "here"}),
        Planned("main", tuple(JobCard(job, "c", "shell") for job in outcomes)),
    ]
    for job, attempts in outcomes.items():
        for outcome in attempts:
            if outcome.ran:
                events += [JobStarting(job, 1), JobFinished(job, 1, outcome, "why", 0, 2.0)]
            else:
                events.append(JobSkipped(job, outcome, "why"))
    for number, event in enumerate([*events, *([Ended()] if ended else [])]):
        fold(made, Stamp("b", number, WALL + number), event)
    return made


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with closing(History(tmp_path)) as opened:
        yield opened


def test_what_was_recorded_is_read_back(history: History) -> None:
    history.record("1-p", state({"a": (PASS,), "b": (FAIL, PASS), "c": (SKIPPED,)}))
    (run,) = history.runs("ns::p")
    assert (run.number, run.session, run.title, run.plan) == (1, "1-p", "p", "ns::p")
    assert (run.machine, run.began) == ("here", WALL)
    results = history.results("1-p")
    assert {job: result.outcome for job, result in results.items()} == {
        "a": PASS,
        "b": PASS,
        "c": SKIPPED,
    }
    assert results["a"].seconds == 2.0
    assert [job for job, result in results.items() if result.flaky] == ["b"]


def test_recording_a_session_again_is_the_same(history: History) -> None:
    history.record("1-p", state({"a": (PASS,), "b": (PASS,)}))
    history.record("1-p", state({"a": (FAIL,)}))
    assert len(history.runs()) == 1
    assert list(history.results("1-p")) == ["a"]


def test_runs_are_those_of_a_plan_and_a_machine_the_newest_first(history: History) -> None:
    history.record("9-p", state({}))
    history.record("10-p", state({}, machine={"host": "there"}))
    history.record("11-q", state({}, plan=None))
    assert [run.session for run in history.runs()] == ["11-q", "10-p", "9-p"]
    assert [run.session for run in history.runs("ns::p")] == ["10-p", "9-p"]
    assert [run.session for run in history.runs("ns::p", "here")] == ["9-p"]
    assert [run.session for run in history.runs("a b")] == ["11-q"]
    assert [run.session for run in history.runs(limit=1)] == ["11-q"]


def test_the_outcomes_of_a_job_over_its_runs(history: History) -> None:
    history.record("1-p", state({"a": (PASS,)}))
    history.record("2-p", state({"b": (PASS,)}))
    history.record("3-p", state({"a": (CRASH,)}))
    found = history.outcomes_of("a")
    assert [(run.session, result.outcome) for run, result in found] == [
        ("3-p", CRASH),
        ("1-p", PASS),
    ]
    assert len(history.outcomes_of("a", limit=1)) == 1


def test_a_session_that_has_not_ended_or_was_imported_is_left_out(history: History) -> None:
    imported = {"host": "here", IMPORTED_FROM: "7-p"}
    sessions = [
        ("1-p", state({}, ended=False)),
        ("2-p", State()),
        ("3-p", state({}, machine=imported)),
        ("4-p", state({})),
    ]
    assert history.record_all(sessions) == 1
    assert [run.session for run in history.runs()] == ["4-p"]


def test_a_file_that_is_missing_is_made_of_the_journals(tmp_path: Path) -> None:
    with closing(History(tmp_path, lambda: [("1-p", state({"a": (PASS,)}))])) as history:
        assert [run.session for run in history.runs()] == ["1-p"]
    with closing(History(tmp_path, lambda: pytest.fail("it is there"))) as history:
        assert len(history.runs()) == 1
    assert (tmp_path / "history.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"hello" * 1000, b"", b"SQLite format 3\0" + bytes(5000)])
def test_a_file_that_is_damaged_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "history.db").write_bytes(content)
    with closing(History(tmp_path, lambda: [("1-p", state({}))])) as history:
        assert len(history.runs()) == 1


def test_a_file_of_another_format_is_made_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "history.db")) as database:
        database.execute("create table run (a)")
        database.execute("pragma user_version = 99")
        database.commit()
    with closing(History(tmp_path, lambda: [("1-p", state({}))])) as history:
        assert len(history.runs()) == 1


def test_a_file_that_somebody_writes_to_is_not_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(History(tmp_path)) as history:
        history.record("1-p", state({}))
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda path: connect(path, timeout=0.01))
    with closing(connect(tmp_path / "history.db", isolation_level=None)) as writer:
        writer.execute("begin exclusive")
        with pytest.raises(StorageError, match="locked"):
            History(tmp_path)
        writer.execute("rollback")
    with closing(History(tmp_path)) as history:
        assert len(history.runs()) == 1


def test_where_no_file_can_be_made_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        History(tmp_path / "no" / "folder")


def test_the_first_run_has_no_news(history: History) -> None:
    history.record("1-p", state({"a": (FAIL,)}))
    assert news_of(history, "1-p") is None
    assert news_of(history, "2-p") is None


def news(history: History, *runs: dict[str, tuple[Outcome, ...]]) -> News:
    for number, outcomes in enumerate(runs, 1):
        history.record(f"{number}-p", state(outcomes))
    found = news_of(history, f"{len(runs)}-p")
    assert found
    return found


def test_a_failure_is_new_where_the_last_run_passed_or_did_not_have_it(history: History) -> None:
    found = news(
        history,
        {"a": (PASS,), "old": (FAIL,)},
        {"a": (FAIL,), "old": (CRASH,), "fresh": (FAIL,), "good": (PASS,)},
    )
    assert found.since == {"a": 1, "old": 2, "fresh": 1}
    assert found.passed_before == {"a"}
    assert found.last.session == "1-p"
    assert found.more == 2


def test_failures_in_a_row_are_counted_over_runs_that_skipped_the_job(history: History) -> None:
    found = news(
        history,
        {"a": (FAIL,)},
        {"a": (PASS,)},
        {"a": (FAIL,)},
        {"a": (SKIPPED,)},
        {},
        {"a": (FAIL,)},
    )
    assert found.since == {"a": 2}
    assert found.more == 1


def test_only_runs_of_the_same_plan_on_the_same_machine_before_it_are_compared(
    history: History,
) -> None:
    history.record("1-p", state({"a": (PASS,)}, machine={"host": "there"}))
    history.record("2-q", state({"a": (PASS,)}, plan="ns::q"))
    history.record("3-p", state({"a": (FAIL,)}))
    history.record("4-p", state({"a": (PASS,)}))
    assert news_of(history, "3-p") is None
