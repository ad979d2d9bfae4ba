"""What goes along with jobs: a look at the machine after each, and a lock against its sleep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.session.events import Happened, Noted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.session.events import Event, Happening
    from plainbox.units import Job

_SUSPENDS: Final = re.compile(
    r"\brtcwake\b(?![^\n;|&]*(?:-m|--mode)[ =]*(?:no|off|on|disable|show)\b)(?=[^\n;|&]*\s-)"
    r"|\bsystemctl\b[^;|&\n]*\b(?:suspend|hibernate|hybrid-sleep)\b"
    r"|(?:>|\btee\b)\s*/sys/power/state|\bpm-(?:suspend|hibernate)\b"
    r"|\bfwts(?:_test)?\b[^\n;&]*\s(?:-s\s+)?s[34]\b|--s[34]\b|\bsleepgraph\b"
    r"|\bsuspend_trigger\b|\bidle_suspend\b|\bsuspend-resume\b|\blid_close_suspend"
)


def suspends(job: Job) -> bool:
    """Whether a job seems to suspend the machine, by what it runs."""
    return _SUSPENDS.search(job.command or "") is not None


class Looking(Protocol):
    """Anything that tells what happened since it was last asked."""

    notes: list[str]

    def look(self) -> list[Happening]:
        """What happened since the last look."""
        ...


class Observer:
    """Records what happened to the machine while each attempt ran."""

    def __init__(self, watch: Looking) -> None:
        self._watch = watch
        self._told = False

    def starting(self, job: Job, attempt: int) -> None:
        """What happens between jobs belongs to the one that ends next."""

    def ended(self, job: Job, attempt: int) -> Iterator[Event]:
        """What happened; what can never be seen here is said once."""
        if not self._told:
            self._told = True
            yield from map(Noted, self._watch.notes)
        if what := self._watch.look():
            yield Happened(job.id, attempt, tuple(what))


class Lock(Protocol):
    """A lock that keeps the machine from going to sleep."""

    note: str

    def hold(self) -> None:
        """Take it."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


class Waker:
    """Keeps the machine awake, except while a job is to suspend it."""

    def __init__(self, lock: Lock) -> None:
        """Take the lock at once: the machine is not to fall asleep in the bootstrap either."""
        self._lock = lock
        self._told = ""
        lock.hold()

    def starting(self, job: Job, attempt: int) -> None:  # noqa: ARG002
        """Let go of the lock for a job that needs that."""
        if suspends(job):
            self._lock.release()

    def ended(self, job: Job, attempt: int) -> Iterator[Event]:  # noqa: ARG002
        """Take the lock again; that there is none is said once."""
        self._lock.hold()
        if self._lock.note != self._told:
            self._told = self._lock.note
            yield Noted(self._lock.note)
