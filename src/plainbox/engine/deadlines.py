"""How long a job may run before it is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from plainbox.units import Job

LEAST: Final = 600.0
"""The shortest deadline that is derived from an estimate, in seconds."""
WITHOUT_ESTIMATE: Final = 12 * 3600.0
_TIMES: Final = 10


def deadline(job: Job, stated: float | None = None) -> float:
    """The seconds that a job may run.

    Its own `timeout` counts, else what was `stated` for this run, else ten times its estimated
    duration but at least ten minutes; a job without an estimate has twelve hours.
    """
    if job.timeout is not None:
        return job.timeout
    if stated is not None:
        return stated
    estimate = job.estimated_duration
    return WITHOUT_ESTIMATE if estimate is None else max(LEAST, _TIMES * estimate)
