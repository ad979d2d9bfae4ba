"""What becomes of a job that an earlier process started and did not see end.

All that is asked of the job is in the journal: its provider may be another one by now.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from plainbox.engine.decide import must_hold, outcome_of_interrupted
from plainbox.engine.printed import told_by
from plainbox.engine.share_files import take_result
from plainbox.session.events import Held, JobFinished
from plainbox.session.logs import output_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.session.events import Event
    from plainbox.session.store import OpenSession


def recovered(session: OpenSession, job_id: str) -> Iterator[Event]:
    """The end of an interrupted job, as far as anybody can tell; `Held` where all has to wait."""
    job = session.state.jobs[job_id]
    attempt = job.attempts[-1]
    folder = session.folder
    rebooted = attempt.started.boot != session.clock.now().boot
    alone = len(session.state.running) == 1
    left = take_result(folder.share) if alone else None
    outcome, reason = outcome_of_interrupted(
        noreturn=attempt.noreturn, rebooted=rebooted, left=left
    )
    unannounced = rebooted and not attempt.noreturn and left is None
    size = output_size(folder.logs, attempt.number)
    yield JobFinished(job_id, attempt.number, outcome, reason, output=size, rebooted=unannounced)
    yield from told_by(job.card.kind, job_id, attempt.number, folder, whole=False)
    shutil.rmtree(folder.work / str(attempt.number), ignore_errors=True)
    if unannounced and must_hold(job.reboots):
        yield Held(job_id, f"the machine restarted {job.reboots} times while {job_id} ran")
