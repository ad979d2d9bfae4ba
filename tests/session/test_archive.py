"""An exported session is whole; an archive that is none, or a trap, leaves nothing behind."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
from typing import TYPE_CHECKING

import pytest

from plainbox.clock import SystemClock
from plainbox.errors import InputError, StorageError
from plainbox.outcome import Outcome
from plainbox.session.archive import export_session, import_session
from plainbox.session.events import (
    IMPORTED_FROM,
    Ended,
    JobCard,
    JobFinished,
    JobStarting,
    Opened,
    Planned,
)
from plainbox.session.journal import Journal
from plainbox.session.logs import OUTPUT, LogWriter, read_output
from plainbox.session.store import OpenSession, SessionFolder, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIMIT = 10**8
CARD = JobCard(id="ns::a", checksum="c", kind="shell")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def opened(folder: SessionFolder) -> Opened:
    return Opened(
        1, folder.id, "smoke", "ns::p", ("ns::p",), "0.1", ("/evil",), (), {"host": "far"}
    )


def session(store: Store, *, ended: bool = True) -> OpenSession:
    made = OpenSession(store.create("smoke"), SystemClock())
    made.stage(opened(made.folder), Planned("main", (CARD,)), JobStarting("ns::a", 1))
    if ended:
        made.stage(JobFinished("ns::a", 1, Outcome.PASS, "", 0, 1.0, 3), Ended())
    made.commit()
    log = LogWriter(made.folder.logs, 1)
    log.write(0.5, OUTPUT, b"a\xffb")
    log.close()
    (made.folder.share / "inner").mkdir()
    (made.folder.share / "inner" / "tool").write_bytes(b"#!/bin/sh\n")
    (made.folder.share / "inner" / "tool").chmod(0o755)
    (made.folder.reports / "submission.json").write_text("{}")
    return made


def names(store: Store) -> list[str]:
    return sorted(os.listdir(store.folder)) if store.folder.exists() else []  # noqa: PTH208


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz"])
def test_an_imported_session_has_all_that_the_exported_one_had(
    store: Store, tmp_path: Path, suffix: str
) -> None:
    made = session(store)
    made.close()
    file = tmp_path / f"smoke{suffix}"
    assert export_session(made.folder, file) == []

    folder = import_session(file, Store(tmp_path / "elsewhere"), LIMIT)

    assert folder.id == "1-smoke"
    state = folder.read_state()
    assert state.ended
    assert state.jobs["ns::a"].outcome is Outcome.PASS
    assert read_output(folder.logs, 1) == b"a\xffb"
    assert (folder.share / "inner" / "tool").stat().st_mode & 0o777 == 0o700
    assert (folder.reports / "submission.json").read_text() == "{}"
    assert folder.journal.stat().st_mode & 0o777 == 0o600
    assert folder.logs.stat().st_mode & 0o777 == 0o700
    assert names(Store(tmp_path / "elsewhere")) == ["1-smoke"]


def test_an_imported_session_is_one_of_this_machine_and_says_where_it_was(
    store: Store, tmp_path: Path
) -> None:
    made = session(store)
    made.close()
    export_session(made.folder, tmp_path / "x.tar")
    folder = import_session(tmp_path / "x.tar", store, LIMIT)
    state = folder.read_state()
    assert state.opened
    assert state.opened.session == folder.id == "2-smoke"
    assert state.opened.sources == (), "no provider is loaded from where an archive says"
    assert state.opened.machine == {"host": "far", IMPORTED_FROM: "1-smoke"}
    assert state.notes == ["imported: was 1-smoke on far"]


def test_a_session_in_use_is_exported_as_it_is_and_its_running_job_counts_as_crashed(
    store: Store, tmp_path: Path
) -> None:
    made = session(store, ended=False)
    export_session(made.folder, tmp_path / "x.tar.xz")
    made.stage(JobFinished("ns::a", 1, Outcome.PASS))
    made.commit()
    made.close()
    assert not list(made.folder.path.glob(".export*"))

    folder = import_session(tmp_path / "x.tar.xz", store, LIMIT)

    state = folder.read_state()
    assert folder.unfinished()
    assert not state.running
    assert state.jobs["ns::a"].outcome is Outcome.CRASH
    assert state.jobs["ns::a"].reason == "was running when the session was exported"


def test_what_is_no_plain_file_is_left_out_and_named(store: Store, tmp_path: Path) -> None:
    made = session(store)
    made.close()
    os.mkfifo(made.folder.share / "pipe")
    (made.folder.share / "link").symlink_to("/etc/passwd")
    (made.folder.share / "linked-folder").symlink_to("/etc")
    left_out = export_session(made.folder, tmp_path / "x.tar")
    assert sorted(left_out) == [
        f"CHECKBOX_DATA/{name}" for name in ("link", "linked-folder", "pipe")
    ]
    import_session(tmp_path / "x.tar", store, LIMIT)


def test_who_owned_the_files_is_not_told(store: Store, tmp_path: Path) -> None:
    made = session(store)
    made.close()
    export_session(made.folder, tmp_path / "x.tar")
    with tarfile.open(tmp_path / "x.tar") as archive:
        assert {(m.uid, m.gid, m.uname, m.gname) for m in archive} == {(0, 0, "", "")}
    assert (tmp_path / "x.tar").stat().st_mode & 0o777 == 0o600


def test_an_export_that_fails_leaves_no_file(store: Store, tmp_path: Path) -> None:
    folder = store.create("empty")
    with pytest.raises(StorageError):
        export_session(folder, tmp_path / "x.tar")
    assert not list(tmp_path.glob("*x.tar*"))


def member(name: str, **values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(info, key, value)
    return info


def journal_of(store: Store) -> bytes:
    made = session(store)
    made.close()
    return made.folder.journal.read_bytes()


def packed(path: Path, journal: bytes | None, *extra: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        if journal is not None:
            archive.addfile(member("s/journal.db", size=len(journal)), io.BytesIO(journal))
        for info, content in extra:
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    "info",
    [
        member("s/../../escaped"),
        member("/escaped"),
        member("s/logs/../../escaped"),
        member("../escaped"),
        member("s/lock"),
        member("s/programs/ns/tool"),
        member("s"),
        member("s/logs"),
        member("s/journal.db-wal"),
        member("s/logs/" + "x/" * 70 + "y"),
        member("s/logs/" + "x" * 300),
        member("s/logs/a", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("s/logs/a", type=tarfile.LNKTYPE, linkname="s/journal.db"),
        member("s/logs/a", type=tarfile.CHRTYPE),
        member("s/logs/a", type=tarfile.BLKTYPE),
        member("s/logs/a", type=tarfile.FIFOTYPE),
        member("s/logs", type=tarfile.SYMTYPE, linkname="/tmp"),
    ],
    ids=lambda info: f"{info.name[:24]} {info.type.decode()}",
)
def test_a_member_that_has_no_place_in_a_session_refuses_the_whole(
    store: Store, tmp_path: Path, info: tarfile.TarInfo
) -> None:
    file = packed(tmp_path / "x.tar", journal_of(store), (info, b""))
    target = Store(tmp_path / "target")
    with pytest.raises(InputError, match="is no exported session"):
        import_session(file, target, LIMIT)
    assert names(target) == []
    assert not list(tmp_path.rglob("escaped"))


def test_the_same_file_twice_is_refused(store: Store, tmp_path: Path) -> None:
    twice = member("s/logs/1.log", size=1)
    file = packed(tmp_path / "x.tar", journal_of(store), (twice, b"a"), (twice, b"b"))
    with pytest.raises(StorageError, match="File exists"):
        import_session(file, Store(tmp_path / "target"), LIMIT)
    assert names(Store(tmp_path / "target")) == []


def test_no_more_is_unpacked_than_was_allowed(store: Store, tmp_path: Path) -> None:
    big = (member("s/logs/1.log", size=5000), bytes(5000))
    file = packed(tmp_path / "x.tar", journal_of(store), big, big)
    with pytest.raises(InputError, match="more than may be unpacked"):
        import_session(file, Store(tmp_path / "target"), 4000)


def test_a_header_of_an_impossible_size_is_refused_before_it_is_read(
    store: Store, tmp_path: Path
) -> None:
    long_name = member("././@LongLink", type=tarfile.GNUTYPE_LONGNAME, size=1 << 33)
    content = packed(tmp_path / "x.tar", None).read_bytes()
    (tmp_path / "x.tar").write_bytes(long_name.tobuf(tarfile.GNU_FORMAT) + content)
    with pytest.raises(InputError, match="impossible size"):
        import_session(tmp_path / "x.tar", store, LIMIT)


def test_where_the_disk_has_no_room_nothing_is_unpacked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = packed(tmp_path / "x.tar", journal_of(store))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": 1000}))
    with pytest.raises(StorageError, match="not enough room"):
        import_session(file, Store(tmp_path / "target"), LIMIT)
    assert names(Store(tmp_path / "target")) == []


def with_trigger(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("create trigger t after insert on event begin select 1; end")
    database.close()


def as_view(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("alter table event rename to hidden")
        database.execute("create view event as select * from hidden")
    database.close()


def without_beginning(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("delete from event where kind = 'opened'")
    database.close()


def with_gap(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("delete from event where kind = 'planned'")
    database.close()


def of_the_future(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("update event set kind = 'teleported' where kind = 'ended'")
    database.close()


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def no_database(path: Path) -> None:
    path.write_bytes(b"hello")


@pytest.mark.parametrize(
    "damage", [with_trigger, as_view, without_beginning, with_gap, of_the_future, torn, no_database]
)
def test_a_journal_that_is_damaged_or_holds_anything_but_events_is_refused(
    store: Store, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    made = session(store)
    made.close()
    damage(made.folder.journal)
    file = packed(tmp_path / "x.tar", made.folder.journal.read_bytes())
    target = Store(tmp_path / "target")
    with pytest.raises(InputError, match="journal"):
        import_session(file, target, LIMIT)
    assert names(target) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"hello" * 500, b"\xfd7zXZ\0" + bytes(50), b"\x1f\x8b" + bytes(50)],
    ids=["empty", "text", "xz", "gzip"],
)
def test_a_file_that_is_no_archive_is_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match="is no exported session"):
        import_session(tmp_path / "x", store, LIMIT)
    assert names(store) == []


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz"])
def test_an_archive_that_is_cut_short_is_refused(store: Store, tmp_path: Path, suffix: str) -> None:
    made = session(store)
    made.close()
    file = tmp_path / f"x{suffix}"
    export_session(made.folder, file)
    whole = file.read_bytes()
    for size in range(1, len(whole) * 6 // 10, max(1, len(whole) // 20)):
        file.write_bytes(whole[:size])
        with pytest.raises((InputError, StorageError)):
            import_session(file, Store(tmp_path / "target"), LIMIT)
        assert names(Store(tmp_path / "target")) == []


def test_an_archive_without_a_journal_is_refused(store: Store, tmp_path: Path) -> None:
    file = packed(tmp_path / "x.tar", None, (member("s/logs/1.log", size=1), b"a"))
    with pytest.raises(InputError, match="has no journal"):
        import_session(file, store, LIMIT)
    with pytest.raises(StorageError, match="cannot be imported"):
        import_session(tmp_path / "nothing.tar", store, LIMIT)


def test_a_journal_is_copied_while_its_writer_goes_on(store: Store, tmp_path: Path) -> None:
    made = session(store, ended=False)
    reader = Journal(made.folder.journal)
    reader.copy_to(tmp_path / "copy.db")
    reader.close()
    copy = Journal(tmp_path / "copy.db")
    assert [kind for kind in copy.ends()] == ["opened", "job-starting"]  # noqa: C416
    copy.close()
    made.close()
    assert not (tmp_path / "copy.db-wal").exists()
    broken = Journal(made.folder.journal)
    with pytest.raises(StorageError, match="cannot be copied"):
        broken.copy_to(tmp_path / "no" / "copy.db")
    broken.close()
