"""What the store makes of a world that does not do what it should."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plainbox.clock import Stamp, SystemClock
from plainbox.errors import StorageError
from plainbox.outcome import Outcome
from plainbox.session.events import (
    Ended,
    JobCard,
    JobFinished,
    JobSkipped,
    JobStarting,
    Noted,
    Planned,
    Unmet,
)
from plainbox.session.journal import Journal
from plainbox.session.logs import LogWriter, output_size
from plainbox.session.store import OpenSession, Store
from plainbox.session.upcast import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from plainbox.session.events import Event

AT = Stamp("b", 0.0, 0.0)
PLANNED = Planned("main", (JobCard("ns::a", "", "shell"),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def refusing(code: int) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def test_text_that_is_none_is_replaced_and_the_event_is_kept() -> None:
    kind, body = encode(JobSkipped("ns::\udcff", Outcome.FAIL, "x\udc80", Unmet(("\udcff",))))
    assert decode(kind, body) == JobSkipped("ns::?", Outcome.FAIL, "x?", Unmet(("?",)))
    assert decode(*encode(JobFinished("\udcff", 1, Outcome.PASS, return_code=3))) == JobFinished(
        "?", 1, Outcome.PASS, return_code=3
    )


@pytest.mark.parametrize("body", [b'{"text":"\xff"}', b"{", b'{"text":1}', None])
def test_a_body_that_cannot_be_read_is_an_error_of_storage(body: Any) -> None:
    with pytest.raises(StorageError, match="'noted' cannot be read"):
        decode("noted", body)


def test_a_journal_that_nothing_was_written_to_has_no_events(store: Store) -> None:
    folder = store.create("x")
    folder.journal.touch()
    assert folder.read_state().opened is None
    assert not folder.unfinished()
    OpenSession(folder, SystemClock()).close()
    assert not folder.unfinished()


def test_a_moment_that_is_none_is_an_error_of_storage(store: Store) -> None:
    folder = store.create("x")
    OpenSession(folder, SystemClock()).close()
    database = sqlite3.connect(folder.journal)
    database.execute("insert into event (at, kind, body) values (?, 'ended', '{}')", (b"\xff",))
    database.commit()
    database.close()
    with pytest.raises(StorageError, match="cannot be read"):
        folder.read_state()


def test_the_ends_of_a_damaged_journal_are_an_error_of_storage(store: Store) -> None:
    folder = store.create("x")
    folder.journal.write_bytes(b"no database" * 500)
    with pytest.raises(StorageError, match="cannot be read"):
        folder.unfinished()


def test_a_journal_that_is_a_folder_cannot_be_opened(store: Store) -> None:
    folder = store.create("x")
    folder.journal.mkdir()
    with pytest.raises(StorageError, match="cannot be opened"):
        OpenSession(folder, SystemClock())


def test_what_does_not_follow_is_damage(store: Store) -> None:
    folder = store.create("x")
    journal = Journal(folder.journal, write=True)
    journal.append([(AT, PLANNED), (AT, JobFinished("ns::a", 1, Outcome.PASS))])
    journal.close()
    with pytest.raises(StorageError, match="is damaged: event 2 does not follow"):
        folder.read_state()
    with pytest.raises(StorageError, match="is damaged"):
        OpenSession(folder, SystemClock())


def test_what_could_not_be_committed_stays_staged_but_no_job_starts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.create("x")
    session = OpenSession(folder, SystemClock())
    session.stage(PLANNED, Noted("kept"), JobStarting("ns::a", 1))

    def full(_journal: Journal, _events: object) -> None:
        raise StorageError("full")

    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(StorageError):
        session.commit()
    monkeypatch.undo()
    written: list[Event] = [event for _, event in session.commit()]
    assert written == [PLANNED, Noted("kept")]
    session.close()
    assert not folder.read_state().running


@pytest.mark.parametrize("begun", [True, False])
def test_a_rollback_that_fails_hides_nothing(*, begun: bool, store: Store) -> None:
    folder = store.create("x")
    journal = Journal(folder.journal, write=True)
    real = journal._database

    class Failing:
        in_transaction = begun

        def execute(self, statement: str, *_: object) -> None:
            raise sqlite3.OperationalError(statement)

    journal._database = Failing()  # type: ignore[assignment]
    with pytest.raises(StorageError, match="cannot be written: begin immediate"):
        journal.append([(AT, Ended())])
    journal._database = real
    journal.close()


def test_a_session_that_somebody_reads_can_be_closed(store: Store) -> None:
    folder = store.create("x")
    session = OpenSession(folder, SystemClock())
    session.stage(PLANNED, Ended())
    session.commit()
    reader = Journal(folder.journal)
    following = reader.read()
    next(following)
    session.close()
    following.close()  # type: ignore[attr-defined]
    reader.close()
    assert folder.read_state().ended


def test_attempts_are_counted_by_what_they_left(store: Store) -> None:
    folder = store.create("x")
    assert folder.last_attempt() == 0
    (folder.logs / "7.log").touch()
    (folder.logs / "notes.txt").touch()
    (folder.work / "12").mkdir()
    assert folder.last_attempt() == 12
    folder.logs.joinpath("7.log").unlink()
    folder.work.joinpath("12").rmdir()
    folder.work.rmdir()
    assert folder.last_attempt() == 0


def test_a_long_title_makes_a_short_name(store: Store) -> None:
    assert len(store.create("job " * 500).id) < 70


def test_a_store_that_cannot_be_listed_is_an_error_of_storage(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create("x")
    monkeypatch.setattr(Path, "iterdir", refusing(errno.EACCES))
    with pytest.raises(StorageError, match="Permission denied"):
        store.sessions()


def test_a_lock_that_cannot_be_had_is_an_error_of_storage(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.create("x")
    monkeypatch.setattr("fcntl.flock", refusing(errno.ENOLCK))
    with pytest.raises(StorageError, match="No locks available"):
        OpenSession(folder, SystemClock())
    monkeypatch.undo()
    (folder.path / "lock").unlink()
    (folder.path / "lock").mkdir()
    with pytest.raises(StorageError, match="cannot be locked"):
        OpenSession(folder, SystemClock())


def test_a_lock_that_cannot_tell_who_holds_it_is_still_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.pwrite", refusing(errno.ENOSPC))
    OpenSession(store.create("x"), SystemClock()).close()


def test_a_log_is_closed_also_where_it_cannot_be_made_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogWriter(tmp_path, 1)
    log.write(0.0, 1, b"x")
    monkeypatch.setattr("os.fdatasync", refusing(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        log.close()
    log.close()


def test_a_log_without_its_index_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.idx").touch()
    log = LogWriter(tmp_path, 1)
    with pytest.raises(FileExistsError):
        log.write(0.0, 1, b"x")
    log.close()


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr("os.write", lambda descriptor, content: write(descriptor, content[:3]))
    log = LogWriter(tmp_path, 1)
    log.write(0.0, 1, b"0123456789")
    log.close()
    assert (tmp_path / "1.log").read_bytes() == b"0123456789"
    assert output_size(tmp_path, 1) == 10
    assert output_size(tmp_path, 2) == 0
