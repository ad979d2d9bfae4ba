"""The sessions of a state folder as people look at them: which is which, and what may go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from plainbox.errors import StorageError
from plainbox.session.keeping import holder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plainbox.outcome import Outcome
    from plainbox.session.state import State
    from plainbox.session.store import SessionFolder

PLAUSIBLE: Final = 1_735_689_600.0
"""The start of 2025: a clock that says an earlier time was not set."""


class Status(Enum):
    """How far a session is."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    EMPTY = "never began"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Overview:
    """One session in short.

    `began` and `last` are seconds since 1970, none where nobody knows; `done` jobs of `planned`
    have an outcome. `holder` is the process that runs it, `problem` why it cannot be read.
    """

    folder: SessionFolder
    status: Status
    title: str = ""
    plan: str = ""
    machine: str = ""
    began: float | None = None
    last: float | None = None
    done: int = 0
    planned: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    holder: str = ""
    problem: str = ""


def overview(folder: SessionFolder) -> Overview:
    """Look at a session, whatever state it is in."""
    held = holder(folder)
    try:
        state = folder.read_state()
    except StorageError as error:
        return Overview(folder, Status.DAMAGED, holder=held, problem=error.message)
    opened = state.opened
    if opened is None:
        status = Status.RUNNING if held else Status.EMPTY
        return Overview(folder, status, holder=held)
    outcomes = Counter(job.outcome for job in state.jobs.values() if job.outcome is not None)
    return Overview(
        folder,
        _status(state, held),
        title=opened.title,
        plan=opened.plan or "",
        machine=opened.machine.get("host", ""),
        began=_moment(state.opened_at.wall if state.opened_at else 0.0),
        last=_moment(state.last_at.wall if state.last_at else 0.0),
        done=sum(outcomes.values()),
        planned=len(state.jobs),
        outcomes=outcomes,
        holder=held,
    )


def _status(state: State, held: str) -> Status:
    if held:
        return Status.RUNNING
    return Status.ENDED if state.ended else Status.PAUSED


def _moment(wall: float) -> float | None:
    return wall if wall >= PLAUSIBLE else None


@dataclass(frozen=True)
class Limits:
    """What is kept: the newest so many, and those that are at most so many seconds old."""

    keep: int | None = None
    age: float | None = None
    unfinished: bool = False


def to_prune(overviews: Iterable[Overview], limits: Limits, now: float) -> list[Overview]:
    """The sessions beyond a limit, the newest first.

    Only those that have ended count and go, unless unfinished ones are to go too; one that a
    process has never does. A session whose age nobody knows is not too old.
    """
    ended = {Status.ENDED}
    if limits.unfinished:
        ended |= {Status.PAUSED, Status.EMPTY, Status.DAMAGED}
    free = [each for each in overviews if each.status in ended and not each.holder]
    free.sort(key=lambda each: each.folder.number, reverse=True)
    over = set() if limits.keep is None else {each.folder.id for each in free[limits.keep :]}
    if limits.age is not None:
        over |= {each.folder.id for each in free if each.last and now - each.last > limits.age}
    return [each for each in free if each.folder.id in over]
