"""The journal: an SQLite table that only ever grows.

    event(seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, body BLOB)

`at` is the moment as a JSON array `[boot id, seconds since boot, seconds since 1970]`. What one
call of `append` writes is durable, as a whole or not at all, when the call returns.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from plainbox.clock import Stamp
from plainbox.errors import StorageError
from plainbox.session.upcast import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from plainbox.session.events import Event

_STAMP_ENCODER: Final = msgspec.json.Encoder()
_STAMP_DECODER: Final = msgspec.json.Decoder(Stamp)
_CREATE: Final = """
create table if not exists event (
    seq integer primary key, at text not null, kind text not null, body blob not null
)
"""
_IS_THERE: Final = "select 1 from sqlite_master where type = 'table' and name = 'event'"
_INSERT: Final = "insert into event (at, kind, body) values (?, ?, ?)"


class Journal:
    """The journal of one session, open for reading, or for its one writer for writing too."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Open a journal; a writer makes it where it does not exist. Raise `StorageError`."""
        self.path = path
        mode = "rwc" if write else "ro"
        try:
            self._database = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None
            )
            if write:
                path.chmod(0o600)
                self._database.execute("pragma journal_mode = wal")
                self._database.execute("pragma synchronous = full")
                self._database.execute(_CREATE)
        except (sqlite3.Error, OSError) as error:
            if hasattr(self, "_database"):
                self._database.close()
            raise StorageError(f"the journal {path} cannot be opened: {error}") from error
        self.commits = 0

    def append(self, events: Iterable[tuple[Stamp, Event]]) -> None:
        """Add events and make them durable together. Raise `StorageError`."""
        rows = [(_STAMP_ENCODER.encode(at).decode(), *encode(event)) for at, event in events]
        execute = self._database.execute
        try:
            execute("begin immediate")
            for row in rows:
                execute(_INSERT, row)
            execute("commit")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                if self._database.in_transaction:
                    execute("rollback")
            raise StorageError(f"the journal {self.path} cannot be written: {error}") from error
        self.commits += 1

    def read(self, after: int = 0) -> Iterator[tuple[int, Stamp, Event]]:
        """All events after a sequence number, oldest first. Raise `StorageError`."""
        try:
            if not self._database.execute(_IS_THERE).fetchone():
                return
            rows = self._database.execute(
                "select seq, at, kind, body from event where seq > ? order by seq", (after,)
            )
            for sequence, at, kind, body in rows:
                yield sequence, _STAMP_DECODER.decode(at), decode(kind, body)
        except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
            raise StorageError(f"the journal {self.path} cannot be read: {error}") from error

    def ends(self) -> tuple[str, str]:
        """The kinds of the first and the last event; empty where nothing was written."""
        try:
            if not self._database.execute(_IS_THERE).fetchone():
                return "", ""
            kinds = [
                str(kind)
                for order in ("asc", "desc")
                for (kind,) in self._database.execute(
                    f"select kind from event order by seq {order} limit 1"  # noqa: S608 - ours
                )
            ]
        except sqlite3.Error as error:
            raise StorageError(f"the journal {self.path} cannot be read: {error}") from error
        return (kinds[0], kinds[1]) if kinds else ("", "")

    def copy_to(self, path: Path) -> None:
        """Write what is in it now to one new file; its writer may go on. Raise `StorageError`."""
        try:
            copy = sqlite3.connect(path, isolation_level=None)
            try:
                self._database.backup(copy)
                copy.execute("pragma journal_mode = delete")
            finally:
                copy.close()
        except sqlite3.Error as error:
            raise StorageError(f"the journal {self.path} cannot be copied: {error}") from error

    def seal(self) -> None:
        """Fold the write-ahead log into the one file, so that it can be copied.

        Where somebody reads just now, or the disk is full, it stays as it is, which loses nothing.
        """
        with suppress(sqlite3.Error):
            self._database.execute("pragma busy_timeout = 200")
            self._database.execute("pragma wal_checkpoint(truncate)")
            self._database.execute("pragma journal_mode = delete")

    def close(self) -> None:
        """Close the journal; what was appended stays."""
        self._database.close()
