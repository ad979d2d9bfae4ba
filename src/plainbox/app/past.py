"""What a session leaves to the history, and what the history says of it.

The history is a comfort: where it cannot be read or written, the run that ended is none the worse.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from plainbox.errors import StorageError
from plainbox.history import History, News, news_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.session.state import State
    from plainbox.session.store import OpenSession, Store


def remember(session: OpenSession, store: Store) -> News | None:
    """Keep the outcomes of a session that has ended; return what is new in it.

    None where it has not ended, or where there is nothing to compare. Raise `StorageError`.
    """
    if not session.state.ended:
        return None
    with closing(open_history(store)) as history:
        history.record(session.folder.id, session.state)
        return news_of(history, session.folder.id)


def open_history(store: Store) -> History:
    """The history of a state folder, made anew where it is missing. Raise `StorageError`."""
    return History(store.folder.parent, lambda: _ended(store))


def rebuild(store: Store) -> int:
    """Take every session that is there into the history; how many. Raise `StorageError`."""
    with closing(History(store.folder.parent)) as history:
        return history.record_all(_ended(store))


def _ended(store: Store) -> Iterator[tuple[str, State]]:
    """The sessions that can be read and have ended."""
    for folder in store.sessions():
        try:
            if folder.unfinished():
                continue
            yield folder.id, folder.read_state()
        except StorageError:
            continue
