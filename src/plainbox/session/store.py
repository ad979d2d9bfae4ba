"""Where sessions live: one folder a session, one writer at a time.

    sessions/<id>/journal.db  lock  socket  secrets
                  logs/  programs/  work/  CHECKBOX_DATA/  reports/

An id is a number that only grows and a word that a person recognises: `12-smoke`. Others may
enter the folder of a session, where jobs of other users find the share, but not list it.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plainbox.errors import SessionBusy, StorageError, UsageError
from plainbox.session.events import Ended, JobStarting
from plainbox.session.journal import Journal
from plainbox.session.secrets import PLACE, mask_of, read_secrets, with_secrets
from plainbox.session.state import State, fold
from plainbox.session.upcast import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from plainbox.clock import Clock, Stamp
    from plainbox.session.events import Event
    from plainbox.session.secrets import Mask

_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_WORD: Final = 60
_ENDED: Final = encode(Ended())[0]


@dataclass(frozen=True)
class SessionFolder:
    """The folder of one session and the places in it."""

    path: Path

    @property
    def id(self) -> str:
        """The id of the session."""
        return self.path.name

    @property
    def number(self) -> int:
        """The number that its id begins with: later sessions have higher ones."""
        return int(self.id.partition("-")[0])

    @property
    def journal(self) -> Path:
        """The journal."""
        return self.path / "journal.db"

    @property
    def logs(self) -> Path:
        """Output of jobs."""
        return self.path / "logs"

    @property
    def programs(self) -> Path:
        """Links to the programs of providers, a folder for each namespace."""
        return self.path / "programs"

    @property
    def work(self) -> Path:
        """Working folders of running jobs."""
        return self.path / "work"

    @property
    def share(self) -> Path:
        """The session share, which jobs know as `$PLAINBOX_SESSION_SHARE`."""
        return self.path / "CHECKBOX_DATA"

    @property
    def reports(self) -> Path:
        """Reports."""
        return self.path / "reports"

    @property
    def manifest(self) -> Path:
        """What people said of the machine, as the manifest resource prints it."""
        return self.path / "manifest.pxu"

    @property
    def socket(self) -> Path:
        """Where front ends speak to the process that runs it."""
        return self.path / "socket"

    @property
    def secrets(self) -> Path:
        """The values that are never shown."""
        return self.path / PLACE

    def read_mask(self) -> Mask:
        """What hides the values that are never shown. Raise `StorageError`."""
        return mask_of(read_secrets(self.secrets))

    def read_state(self) -> State:
        """The state that folds from the journal. Raise `StorageError`."""
        with closing(Journal(self.journal)) as journal:
            return _replay(journal)

    def unfinished(self) -> bool:
        """Whether the session began and has not ended. Raise `StorageError`."""
        with closing(Journal(self.journal)) as journal:
            first, last = journal.ends()
        return bool(first) and last != _ENDED

    def last_attempt(self) -> int:
        """The highest number of an attempt that left something in the folder."""
        stems = (
            name.partition(".")[0]
            for folder in (self.logs, self.work)
            if folder.is_dir()
            for name in os.listdir(folder)  # noqa: PTH208 - texts are enough
        )
        return max((int(stem) for stem in stems if stem.isdecimal()), default=0)


class Store:
    """All sessions of one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute() / "sessions"

    def sessions(self) -> list[SessionFolder]:
        """All sessions, the newest first. Raise `StorageError`."""
        try:
            if not self.folder.is_dir():
                return []
            found = [
                SessionFolder(entry)
                for entry in self.folder.iterdir()
                if entry.name.partition("-")[0].isdecimal() and (entry / "journal.db").exists()
            ]
        except OSError as error:
            raise StorageError(f"no session can be looked for: {error}") from error
        return sorted(found, key=lambda session: session.number, reverse=True)

    def create(self, word: str) -> SessionFolder:
        """Make the folder of a new session. Raise `StorageError`."""
        word = _NOT_IN_A_NAME.sub("-", word)[:_LONGEST_WORD].strip("-.") or "session"
        try:
            self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
            with _only_one(self.folder):
                number = 1 + max(self._numbers(), default=0)
                session = SessionFolder(self.folder / f"{number}-{word}")
                session.path.mkdir(mode=0o711)
            for place in (session.logs, session.programs, session.work, session.reports):
                place.mkdir(mode=0o711)
            session.logs.chmod(0o700)
            session.share.mkdir(mode=0o700)
        except OSError as error:
            raise StorageError(
                f"no session can be made in {self.folder}: {error.strerror or error}",
                hints=["set PLAINBOX_STATE_DIR to a folder that you may write to"],
            ) from error
        return session

    def _numbers(self) -> list[int]:
        names = (entry.name.partition("-")[0] for entry in self.folder.iterdir())
        return [int(name) for name in names if name.isdecimal()]

    def find(self, wanted: str) -> SessionFolder:
        """The session of an id, or of the number that it begins with. Raise `UsageError`."""
        sessions = self.sessions()
        for session in sessions:
            if wanted in (session.id, session.id.partition("-")[0]):
                return session
        newest = ", ".join(session.id for session in sessions[:5])
        hint = f"the newest are {newest}" if newest else "there is none on this machine yet"
        raise UsageError(f"there is no session {wanted!r}", hints=[hint])

    def unfinished(self) -> Iterator[SessionFolder]:
        """The sessions that have something left to do, the newest first."""
        return (session for session in self.sessions() if session.unfinished())

    def newest_unfinished(self) -> SessionFolder | None:
        """The newest session that has something left to do."""
        return next(self.unfinished(), None)


class OpenSession:
    """A session that this process holds: it alone appends, and it keeps the state folded."""

    def __init__(self, folder: SessionFolder, clock: Clock) -> None:
        """Take the lock and read what is there. Raise `SessionBusy` or `StorageError`."""
        self.folder = folder
        self.clock = clock
        self._lock = take_lock(folder)
        self._staged: list[tuple[Stamp, Event]] = []
        try:
            self._journal = Journal(folder.journal, write=True)
            self.state = _replay(self._journal)
            self._secrets = read_secrets(folder.secrets)
            self.mask = mask_of(self._secrets)
        except BaseException:
            os.close(self._lock)
            raise

    def conceal(self, variables: Mapping[str, str]) -> None:
        """Hide the values of these variables from now on. Raise `StorageError`."""
        self._secrets = with_secrets(self.folder.secrets, self._secrets, variables)
        self.mask = mask_of(self._secrets)

    def stage(self, *events: Event) -> None:
        """Take events into the state; they become durable with the next commit."""
        at = self.clock.now()
        for event in map(self.mask.event, events):
            self._staged.append((at, event))
            fold(self.state, at, event)

    def commit(self) -> list[tuple[Stamp, Event]]:
        """Make all staged events durable, together; only then may anybody act on them.

        Where that fails they stay staged, but for the start of a job, which is not to happen.
        """
        staged = self._staged
        if staged:
            try:
                self._journal.append(staged)
            except StorageError:
                self._staged = [it for it in staged if not isinstance(it[1], JobStarting)]
                raise
            self._staged = []
        return staged

    @property
    def commits(self) -> int:
        """How many durable writes this process has made to the journal."""
        return self._journal.commits

    def close(self) -> None:
        """Give the session back; one that has ended becomes a single file."""
        if self.state.ended:
            self._journal.seal()
        self._journal.close()
        os.close(self._lock)


def _replay(journal: Journal) -> State:
    state = State()
    number = 0
    try:
        for number, at, event in journal.read():  # noqa: B007 - named in the error
            fold(state, at, event)
    except LookupError as error:
        message = f"the journal {journal.path} is damaged: event {number} does not follow"
        raise StorageError(message) from error
    return state


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Keep other processes out while the next number is taken."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take_lock(folder: SessionFolder) -> int:
    """Make a session this process's own until the descriptor is closed.

    Raise `SessionBusy` where another process has it, else `StorageError`.
    """
    path = folder.path / "lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StorageError(f"the session {folder.id} cannot be locked: {error}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise SessionBusy(
            f"the session {folder.id} is held by {holder}",
            hints=["wait until it ends, or end it"],
        ) from None
    except OSError as error:
        os.close(descriptor)
        raise StorageError(f"the session {folder.id} cannot be locked: {error}") from error
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
    return descriptor
