from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.clock import Stamp
from plainbox.errors import SessionBusy, StorageError, UsageError
from plainbox.outcome import Outcome
from plainbox.session.events import (
    Ended,
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    LeftOutCard,
    Noted,
    Opened,
    Planned,
    ProviderCard,
    ResourceRead,
    Resumed,
    Unmet,
)
from plainbox.session.journal import Journal
from plainbox.session.state import State, fold
from plainbox.session.store import OpenSession, Store
from plainbox.session.upcast import decode, encode

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.session.events import Event

CARD = JobCard(id="ns::a", checksum="c1", kind="shell", summary="A job")
OPENED = Opened(1, "1-x", "x", "ns::x", ("ns::x",), "0.1", (), (ProviderCard("p", "ns"),), {})
EVENTS: list[Event] = [
    OPENED,
    Planned(
        "main",
        (CARD, JobCard(id="ns::b", checksum="c2", kind="resource")),
        (LeftOutCard(JobCard(id="ns::c", checksum="c3", kind="shell"), "in a cycle"),),
    ),
    JobSkipped("ns::c", Outcome.NOT_SUPPORTED, "in a cycle"),
    JobStarting("ns::a", 1),
    JobFinished("ns::a", 1, Outcome.FAIL, "exit 3", 3, 1.5, 12),
    JobStarting("ns::b", 2),
    JobFinished("ns::b", 2, Outcome.PASS, "", 0, 0.5),
    ResourceRead("ns::b", ({"x": "1"}, {"x": "2"}), "line 3: broken"),
    Noted("left a file", "ns::a"),
    Noted("the clock jumped"),
    Resumed("0.1"),
    Ended(),
]


class Clock:
    """A clock that only ever moves by itself, one second a look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Stamp:
        self.seconds += 1
        return Stamp("boot-1", self.seconds, 1_000_000 + self.seconds)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def folded(events: list[Event]) -> State:
    state = State()
    for number, event in enumerate(events):
        fold(state, Stamp("b", float(number), 0.0), event)
    return state


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_reads_back_as_it_was_written(event: Event) -> None:
    assert decode(*encode(event)) == event


def test_an_event_of_a_newer_plainbox_is_said_not_guessed() -> None:
    with pytest.raises(StorageError, match="unknown here: 'teleported'"):
        decode("teleported", b"{}")


def test_a_damaged_event_is_said() -> None:
    with pytest.raises(StorageError, match="'ended' cannot be read"):
        decode("ended", b"[")


def test_the_state_holds_what_the_events_told() -> None:
    state = folded(EVENTS)
    assert state.opened == OPENED
    assert state.ended
    assert state.resumes == 1
    assert state.phases == {"main": ("ns::a", "ns::b")}
    assert state.left_out == {"ns::c": "in a cycle"}
    assert state.outcome_of("ns::a") is Outcome.FAIL
    assert state.outcome_of("ns::c") is Outcome.NOT_SUPPORTED
    assert state.outcome_of("ns::nothing") is None
    assert state.jobs["ns::a"].attempts[0].return_code == 3
    assert state.jobs["ns::a"].seconds == 1.5
    assert state.jobs["ns::a"].notes == ["left a file"]
    assert state.jobs["ns::c"].seconds == 0.0
    assert state.notes == ["the clock jumped"]
    assert state.resources["ns::b"] == ({"x": "1"}, {"x": "2"})
    assert not state.running
    assert state.last_attempt == 2
    assert state.seconds == len(EVENTS) - 1


def test_a_started_job_has_no_outcome_until_it_finishes() -> None:
    state = folded(EVENTS[:4])
    assert state.running == {"ns::a": 1}
    assert state.outcome_of("ns::a") is None


def test_planning_again_keeps_outcomes() -> None:
    again = Planned("main", (JobCard(id="ns::a", checksum="c9", kind="shell"),))
    state = folded([*EVENTS[:5], again])
    assert state.outcome_of("ns::a") is Outcome.FAIL
    assert state.jobs["ns::a"].card.checksum == "c9"


def test_time_across_a_reboot_is_wall_time_and_never_negative() -> None:
    state = State()
    assert state.seconds == 0.0
    fold(state, Stamp("b1", 50.0, 1000.0), OPENED)
    fold(state, Stamp("b2", 5.0, 1060.0), Resumed("0.1"))
    assert state.seconds == 60.0
    fold(state, Stamp("b2", 6.0, 3.0), Ended())
    assert state.seconds == 0.0


def test_unmet_conditions_are_kept() -> None:
    skip = JobSkipped("ns::a", Outcome.SKIPPED_RESOURCE, "why", Unmet(resources=("a.b",)))
    state = folded([*EVENTS[:2], skip])
    assert state.jobs["ns::a"].unmet == Unmet(resources=("a.b",))


def test_a_session_reads_back_what_was_committed(store: Store) -> None:
    folder = store.create("smoke")
    session = OpenSession(folder, Clock())
    session.stage(*EVENTS[:4])
    assert [event for _, event in session.commit()] == EVENTS[:4]
    session.stage(EVENTS[4])
    session.close()
    state = folder.read_state()
    assert state.running == {"ns::a": 1}, "what was staged and not committed is not there"


def test_nothing_staged_makes_no_durable_write(store: Store) -> None:
    session = OpenSession(store.create("smoke"), Clock())
    assert session.commit() == []
    assert session.commits == 0
    session.close()


def test_a_journal_that_ended_is_one_file(store: Store) -> None:
    folder = store.create("smoke")
    session = OpenSession(folder, Clock())
    session.stage(*EVENTS)
    session.commit()
    session.close()
    assert not list(folder.path.glob("journal.db-*"))
    assert folder.read_state().ended


def test_events_can_be_followed_from_any_number(store: Store) -> None:
    folder = store.create("smoke")
    session = OpenSession(folder, Clock())
    session.stage(*EVENTS[:3])
    session.commit()
    reader = Journal(folder.journal)
    assert [event for _, _, event in reader.read(after=2)] == [EVENTS[2]]
    reader.close()
    session.close()


def test_a_second_process_is_told_who_holds_the_session(store: Store) -> None:
    folder = store.create("smoke")
    session = OpenSession(folder, Clock())
    with pytest.raises(SessionBusy, match=r"is held by process \d+"):
        OpenSession(folder, Clock())
    session.close()
    OpenSession(folder, Clock()).close()


def test_a_journal_that_is_none_is_an_error_of_storage(store: Store) -> None:
    folder = store.create("smoke")
    folder.journal.write_bytes(b"this is no database, by no stretch of the imagination" * 9)
    with pytest.raises(StorageError):
        folder.read_state()
    with pytest.raises(StorageError):
        OpenSession(folder, Clock())


def test_a_journal_that_does_not_exist_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        Journal(tmp_path / "nothing.db")


def test_a_write_that_fails_changes_nothing(store: Store) -> None:
    folder = store.create("smoke")
    session = OpenSession(folder, Clock())
    session.stage(OPENED)
    session.commit()
    reader = Journal(folder.journal)
    with pytest.raises(StorageError, match="cannot be written"):
        reader.append([(Stamp("b", 0.0, 0.0), Ended())])
    assert [event for _, _, event in reader.read()] == [OPENED]
    reader.close()
    session.close()


def test_sessions_are_numbered_and_found_by_number_and_id(store: Store) -> None:
    assert store.sessions() == []
    for word in ("smoke", "disk/read *", "..."):
        OpenSession(store.create(word), Clock()).close()
    (store.folder / "not-a-session").mkdir()
    assert [s.id for s in store.sessions()] == ["3-session", "2-disk-read", "1-smoke"]
    assert store.find("2").id == "2-disk-read"
    assert store.find("1-smoke").number == 1
    with pytest.raises(UsageError, match="no session '9'") as caught:
        store.find("9")
    assert "3-session" in caught.value.hints[0]


def test_the_newest_session_that_has_something_left_is_the_one_to_resume(store: Store) -> None:
    assert store.newest_unfinished() is None
    for word in ("a", "b", "c"):
        session = OpenSession(store.create(word), Clock())
        session.stage(OPENED)
        if word == "c":
            session.stage(Ended())
        session.commit()
        session.close()
    newest = store.newest_unfinished()
    assert newest is not None
    assert newest.id == "2-b"


def test_where_no_folder_can_be_made_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="no session can be made") as caught:
        Store(tmp_path / "file").create("x")
    assert "PLAINBOX_STATE_DIR" in caught.value.hints[0]


def test_others_can_enter_but_not_list_a_session(store: Store) -> None:
    folder = store.create("smoke")
    assert folder.path.stat().st_mode & 0o777 == 0o711
    assert folder.logs.stat().st_mode & 0o077 == 0
    OpenSession(folder, Clock()).close()
    assert folder.journal.stat().st_mode & 0o077 == 0
