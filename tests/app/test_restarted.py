"""After a restart of the machine a session goes on only once it has settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plainbox.app.restarted import wait_until_settled
from plainbox.clock import Stamp
from plainbox.session.events import Noted
from plainbox.session.store import OpenSession, Store

if TYPE_CHECKING:
    from pathlib import Path


class Boot:
    """A clock that stands still in one boot of the machine."""

    def __init__(self, boot: str) -> None:
        self.boot = boot

    def now(self) -> Stamp:
        return Stamp(self.boot, 5.0, 1_800_000_000.0)


@pytest.mark.parametrize(("boot", "waits"), [("first", False), ("second", True)])
def test_a_session_waits_only_after_a_restart(tmp_path: Path, boot: str, *, waits: bool) -> None:
    clock = Boot("first")
    session = OpenSession(Store(tmp_path).create("x"), clock)
    session.stage(Noted("began"))
    clock.boot = boot
    told: list[str] = []
    wait_until_settled(session, told.append, lambda: "some units failed")
    session.close()
    assert bool(told) is waits
    assert session.state.notes == ["began", *(["some units failed"] * waits)]


def test_a_session_that_never_began_does_not_wait(tmp_path: Path) -> None:
    session = OpenSession(Store(tmp_path).create("x"), Boot("first"))
    wait_until_settled(session, pytest.fail, lambda: "no")
    session.close()
