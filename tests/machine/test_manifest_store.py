"""The manifest of a machine: kept whole, and what other users could have planted is not read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from plainbox.errors import StorageError
from plainbox.machine.manifest import Kept, ManifestStore, read_bool, read_natural

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> ManifestStore:
    return ManifestStore(tmp_path / "state", tmp_path / "older.json")


def values(store: ManifestStore) -> dict[str, bool | int]:
    return {key: kept.value for key, kept in store.read().items()}


def test_without_any_file_nothing_is_set(store: ManifestStore) -> None:
    assert store.read() == {}


def test_what_is_set_stays_beside_what_was_set_before(store: ManifestStore) -> None:
    store.change({"ns::a": True, "ns::b": 3})
    store.change({"ns::c": False, "ns::b": 4})
    assert values(store) == {"ns::a": True, "ns::b": 4, "ns::c": False}
    assert store.read()["ns::a"].place == store.path


def test_an_entry_can_be_unset_again_and_is_never_null(store: ManifestStore) -> None:
    store.change({"ns::a": True, "ns::b": True})
    store.change({"ns::a": None})
    assert json.loads(store.path.read_text()) == {"ns::b": True}


def test_ours_wins_over_that_of_checkbox_entry_by_entry(store: ManifestStore) -> None:
    store.older.write_text('{"ns::a": false, "ns::b": 7, "ns::c": null, "ns::d": "yes"}')
    store.change({"ns::a": True})
    assert store.read() == {
        "ns::a": Kept(value=True, place=store.path),
        "ns::b": Kept(7, store.older),
    }
    assert json.loads(store.path.read_text()) == {"ns::a": True}


def test_a_file_of_checkbox_that_others_could_have_planted_is_not_read(
    store: ManifestStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.older.write_text('{"ns::a": true}')
    assert values(store) == {"ns::a": True}
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr("plainbox.machine.manifest._trusted", lambda: {os.getuid() + 1})
    assert values(store) == {}
    monkeypatch.undo()
    target = store.older.with_name("target.json")
    store.older.rename(target)
    store.older.symlink_to(target)
    assert values(store) == {}
    store.older.unlink()
    os.mkfifo(store.older)
    assert values(store) == {}


@pytest.mark.parametrize("content", ["", "[1]", "{", "\xff", "[" * 100_000])
def test_a_damaged_file_of_checkbox_counts_for_nothing(store: ManifestStore, content: str) -> None:
    store.older.write_text(content, "latin-1")
    assert store.read() == {}


def test_our_own_file_is_never_overwritten_where_it_is_damaged(store: ManifestStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text("{ broken")
    with pytest.raises(StorageError, match="cannot be read"):
        store.read()
    with pytest.raises(StorageError, match="cannot be read"):
        store.change({"ns::a": True})
    assert store.path.read_text() == "{ broken"


def test_where_nothing_can_be_written_it_says_so(store: ManifestStore) -> None:
    store.path.parent.write_text("a file")
    with pytest.raises(StorageError, match="cannot be written"):
        store.change({"ns::a": True})


@pytest.mark.parametrize("text", ["y", "yes", "t", "true", "on", "1", " YES ", "True"])
def test_yes_is_said_in_many_ways(text: str) -> None:
    assert read_bool(text) is True


@pytest.mark.parametrize("text", ["n", "no", "f", "false", "off", "0", "No"])
def test_no_is_said_in_many_ways(text: str) -> None:
    assert read_bool(text) is False


@pytest.mark.parametrize("text", ["", "maybe", "2", "None", "null"])
def test_anything_else_is_neither_yes_nor_no(text: str) -> None:
    with pytest.raises(ValueError, match="expected yes or no"):
        read_bool(text)


def test_a_number_is_whole_and_not_negative() -> None:
    assert read_natural(" 12 ") == 12
    for text in ("-1", "1.5", "", "twelve"):
        with pytest.raises(ValueError, match="whole number"):
            read_natural(text)
