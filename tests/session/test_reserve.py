"""Room that is kept for the journal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plainbox.session.reserve import Reserve, what_to_free

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_room_is_really_taken_and_given_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 1 << 20)
    assert reserve.hold()
    assert reserve.held
    (file,) = tmp_path.iterdir()
    assert file.stat().st_blocks * 512 >= 1 << 20, "not a hole"
    assert reserve.release()
    assert not reserve.held
    assert not reserve.release()


def test_where_there_is_no_room_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not Reserve(tmp_path).hold()
    assert list(tmp_path.iterdir()) == []
    assert not Reserve(tmp_path / "gone").hold()


def test_it_says_what_to_free_and_how_to_go_on(tmp_path: Path) -> None:
    said = what_to_free(tmp_path, "7-smoke")
    assert "plainbox sessions prune" in said
    assert said.endswith("`plainbox resume 7-smoke`")
    assert str(tmp_path) in said
    assert "prune" in what_to_free(tmp_path / "gone", "7-smoke")
