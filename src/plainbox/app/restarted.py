"""Going on after the machine restarted: not before it has settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.machine.settle import settle
from plainbox.session.events import Noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from plainbox.session.store import OpenSession


def wait_until_settled(
    session: OpenSession, tell: Callable[[str], None], wait: Callable[[], str] = settle
) -> None:
    """Where the machine restarted since the last event of a session, wait until it is up.

    What is then to be said of the machine is kept as well; it becomes durable with the next event.
    """
    last = session.state.last_at
    if last is None or last.boot == session.clock.now().boot:
        return
    tell("the machine restarted: waiting until it has settled")
    if said := wait():
        session.stage(Noted(said))
