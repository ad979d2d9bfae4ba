"""A session that a process has is never removed; one that goes leaves nothing half done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from plainbox.clock import SystemClock
from plainbox.errors import SessionBusy, StorageError
from plainbox.session import keeping
from plainbox.session.keeping import holder, remove, sweep
from plainbox.session.store import OpenSession, Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_who_has_a_session_is_told_and_asking_changes_nothing(store: Store) -> None:
    folder = store.create("x")
    assert holder(folder) == ""
    assert not (folder.path / "lock").exists()
    held = OpenSession(folder, SystemClock())
    assert holder(folder) == f"process {os.getpid()}"
    held.close()
    assert holder(folder) == ""


def test_a_session_that_a_process_has_is_not_removed(store: Store) -> None:
    held = OpenSession(store.create("x"), SystemClock())
    with pytest.raises(SessionBusy, match="is held by process"):
        remove(held.folder)
    assert held.folder.journal.exists()
    held.close()
    remove(held.folder)
    assert list(store.folder.iterdir()) == []


def test_folders_that_a_job_has_closed_go_too(store: Store) -> None:
    folder = store.create("x")
    closed = folder.share / "closed"
    (closed / "inner").mkdir(parents=True)
    (closed / "inner" / "file").write_text("x")
    (closed / "inner").chmod(0)
    closed.chmod(0)
    remove(folder)
    assert list(store.folder.iterdir()) == []


def test_what_a_link_in_a_session_names_stays(store: Store, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("x")
    folder = store.create("x")
    (folder.share / "link").symlink_to(outside)
    remove(folder)
    assert (outside / "file").exists()


def test_a_session_with_something_mounted_in_it_stays(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.create("x")
    mounts = tmp_path / "mountinfo"
    point = str(folder.work / "1" / "mnt point").replace(" ", "\\040")
    mounts.write_text(f"22 1 0:5 / /proc rw - proc proc rw\n30 22 8:1 / {point} rw - ext4 a rw\n")
    monkeypatch.setattr(keeping, "_MOUNTS", mounts)
    with pytest.raises(StorageError, match="is mounted in it") as caught:
        remove(folder)
    assert caught.value.hints == (f"umount {folder.work}/1/mnt point",)
    assert folder.path.exists()


def test_what_a_removal_that_was_cut_short_left_is_swept_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.create("x")
    store.create("y")
    monkeypatch.setattr(keeping, "_delete", lambda _: None)
    remove(folder)
    assert [session.name for session in store.folder.glob("[0-9]*")] == ["2-y"]
    assert len(list(store.folder.iterdir())) == 2
    sweep(store)
    assert [session.name for session in store.folder.iterdir()] == ["2-y"]


def test_files_that_cannot_be_removed_are_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.create("x")

    def refuse(_: Path) -> None:
        raise PermissionError(1, "Operation not permitted", "file")

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(StorageError, match="removed but for some files") as caught:
        remove(folder)
    assert ".removed-1-x" in caught.value.hints[0]
