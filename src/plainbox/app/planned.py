"""The run list of a phase and what the journal holds of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.outcome import Outcome
from plainbox.planning import arrange
from plainbox.session.events import JobCard, JobSkipped, LeftOutCard, Noted, Planned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.catalog import Catalog
    from plainbox.planning import RunList, Selection
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.units import Job

SETUP: Final = "setup"
BOOTSTRAP: Final = "bootstrap"
MAIN: Final = "main"
CHANGED: Final = "was changed in its provider after it ran: the outcome is of what it was"
_RETRIES: Final = "auto_retry"


class Planning:
    """Makes the run lists of a session, and the events that keep them."""

    def __init__(self, catalog: Catalog, state: State, selection: Selection) -> None:
        self._catalog = catalog
        self._state = state
        self._selection = selection

    def run_list(self, phase: str, wanted: Sequence[str]) -> RunList:
        """The run list of a phase; one that the journal has stays, only a bootstrap grows."""
        planned = self._state.phases.get(phase)
        jobs = self._catalog.jobs
        if planned is None:
            return arrange(jobs, wanted)
        kept = [name for name in planned if name in jobs]
        if phase == BOOTSTRAP and MAIN not in self._state.phases:
            kept += [name for name in wanted if name not in set(kept)]
        return arrange(jobs, kept)

    def events(self, phase: str, run_list: RunList) -> Iterator[Event]:
        """What the journal has to learn of a run list; the state is to follow each at once."""
        state, jobs = self._state, self._catalog.jobs
        planned = state.phases.get(phase)
        for job in run_list.jobs:
            yield from self._changed(job)
        cards = tuple(map(self.card, run_list.jobs))
        left_out = tuple(
            LeftOutCard(self.card(jobs[out.job_id]), out.message)
            for out in run_list.left_out
            if out.job_id in jobs
        )
        if planned is None or cards != tuple(state.jobs[name].card for name in planned):
            yield Planned(phase, cards, left_out)
        for job_id, reason in _not_in(run_list, planned or ()):
            if job_id not in state.jobs:
                if reason not in state.notes:
                    yield Noted(reason)
            elif state.outcome_of(job_id) is None:
                yield JobSkipped(job_id, Outcome.NOT_SUPPORTED, reason)

    def _changed(self, job: Job) -> Iterator[Noted]:
        known = self._state.jobs.get(job.id)
        if known is None or known.outcome is None or known.card.checksum == job.checksum:
            return
        if CHANGED not in known.notes:
            yield Noted(CHANGED, job.id)

    def card(self, job: Job) -> JobCard:
        """What the journal holds of a job; what it holds of one that did not change stays."""
        known = self._state.jobs.get(job.id)
        if known is not None:
            same = known.card.checksum == job.checksum
            if (same and MAIN in self._state.phases) or (not same and known.outcome is not None):
                return known.card
        category_id = self._effective(job, "category_id", job.category_id)
        category = self._catalog.categories.get(category_id)
        return JobCard(
            id=job.id,
            checksum=job.checksum,
            kind=job.plugin.value,
            summary=job.summary,
            category=category_id,
            category_name=category.name if category else category_id,
            certification_status=self._effective(
                job, "certification_status", job.certification_status
            ),
            template=job.instance.template_id if job.instance else None,
            duration=job.estimated_duration,
            auto_retry=self._effective(job, _RETRIES, job.auto_retry) != "no",
        )

    def _effective(self, job: Job, field: str, own: str) -> str:
        """What the plan says instead of a field of a job, else what the job says."""
        override = self._selection.override(job.id, field)
        return own if override is None else override


def _not_in(run_list: RunList, planned: Sequence[str]) -> Iterator[tuple[str, str]]:
    for out in run_list.left_out:
        yield out.job_id, out.message
    known = {job.id for job in run_list.jobs} | {out.job_id for out in run_list.left_out}
    for job_id in planned:
        if job_id not in known:
            yield job_id, "its definition is gone from the provider"
