"""What jobs need and what stands in their way, told before the first of them is started.

The readings are of this moment and cost little; nothing here decides whether anything runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.app.job_programs import JobPrograms
from plainbox.engine.companions import suspends
from plainbox.engine.deadlines import deadline
from plainbox.engine.environment import device_environment
from plainbox.engine.users import own_account
from plainbox.machine.busy import Remark, busy
from plainbox.machine.time_sync import clock_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.app.way import Way
    from plainbox.fields import Owner
    from plainbox.machine.restart import Restart
    from plainbox.units import Job

LITTLE_ROOM: Final = 500 * 10**6
"""Where fewer bytes are free than these, that is worth a warning."""
_GIGA: Final = 10**9
_NO_RESTART: Final = "nothing here starts plainbox after a restart, and {}"


class Place(NamedTuple):
    """Where and how a run takes place.

    `path` is the PATH of jobs; `user` who plainbox runs as; `timeout` the deadline that was
    stated for jobs without one of their own, in seconds.
    """

    owners: Sequence[Owner]
    path: str
    state: Path
    user: str
    restart: Restart | None = None
    timeout: float | None = None
    root: Path = Path("/")


def place_here(owners: Sequence[Owner], state: Path, environ: Mapping[str, str], way: Way) -> Place:
    """Where and how runs of this process take place, with the environment it was called in."""
    return Place(
        owners=owners,
        path=device_environment(environ)["PATH"],
        state=state,
        user=own_account().name,
        restart=way.restart,
        timeout=way.choices.timeout,
    )


@dataclass(frozen=True)
class Preflight:
    """What there is to say: what is needed, in a few words each, and what is worth a remark."""

    needs: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def preflight(jobs: Sequence[Job], seconds: float, place: Place) -> Preflight:
    """Look at jobs that are about to run for so many seconds, and at the machine."""
    return Preflight(tuple(_needs(jobs, place)), tuple(_remarks(jobs, seconds, place)))


def _needs(jobs: Sequence[Job], place: Place) -> Iterator[str]:
    as_root = sum(job.user == "root" for job in jobs)
    if as_root:
        yield f"root for {_count(as_root, 'job')}"
    others = sorted({job.user for job in jobs if job.user} - {"root", place.user})
    if others:
        yield (
            f"the user {' and '.join(others)}"
            if len(others) == 1
            else f"the users {', '.join(others)}"
        )
    goes_down = sum("noreturn" in job.flags for job in jobs)
    asleep = sum(map(suspends, jobs))
    downs = [_count(goes_down, "reboot")] if goes_down else []
    downs += [_count(asleep, "suspend")] if asleep else []
    if downs:
        yield ", ".join(downs)
    free = free_bytes(place.state)
    if free is not None:
        verdict = ", ok" if free >= LITTLE_ROOM else ""
        yield f"{free / _GIGA:.1f} GB free{verdict}"


def _remarks(jobs: Sequence[Job], seconds: float, place: Place) -> Iterator[Remark]:
    free = free_bytes(place.state)
    if free is not None and free < LITTLE_ROOM:
        text = f"{free / 10**6:.0f} MB are left on the disk of {place.state}: output may not fit"
        yield Remark(text, "plainbox sessions prune")
    if problem := clock_problem(place.root):
        yield Remark(problem)
    yield from busy(place.root, seconds)
    down = [job for job in jobs if "noreturn" in job.flags]
    if down and place.restart is None:
        text = f"{_count(len(down), 'job')} {'restarts' if len(down) == 1 else 'restart'} it"
        yield Remark(_NO_RESTART.format(text), "plainbox resume")
    yield from _deadlines(jobs, place.timeout)
    yield from JobPrograms(place.owners, place.path).remarks(jobs)


def _deadlines(jobs: Iterable[Job], stated: float | None) -> Iterator[Remark]:
    """Jobs that would be ended before they are usually done."""
    short = [
        job.partial_id
        for job in jobs
        if job.has_command and (job.estimated_duration or 0.0) > deadline(job, stated)
    ]
    if short:
        who = short[0] if len(short) == 1 else f"{len(short)} jobs"
        usually = "it usually takes" if len(short) == 1 else "they usually take"
        yield Remark(f"{who} may run for less time than {usually}: see timeout and --timeout")


def free_bytes(folder: Path) -> int | None:
    """The room on the disk of a folder that exists or is yet to be made; None if unknown."""
    for place in (folder, *folder.parents):
        try:
            about = os.statvfs(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return about.f_bavail * about.f_frsize
    return None


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
