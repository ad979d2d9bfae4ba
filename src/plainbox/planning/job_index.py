"""The jobs of a session, arranged so that the lines of test plans find theirs quickly.

Setup jobs are none of them: plans list those by id, in a field of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.units import SetupJob

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping, Sequence

    from plainbox.ids import Pattern
    from plainbox.units import Job


class JobIndex:
    """Jobs by id and by the template that made them; answers keep the order of the session."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._ids = [job_id for job_id, job in jobs.items() if not isinstance(job, SetupJob)]
        self._places = {job_id: place for place, job_id in enumerate(self._ids)}
        self._made: dict[str, list[str]] = {}
        for job_id, job in jobs.items():
            if job.instance is not None and job_id in self._places:
                self._made.setdefault(job.instance.template_id, []).append(job_id)
        self._found: dict[re.Pattern[str], Sequence[str]] = {}

    def selected(self, pattern: Pattern) -> Sequence[str]:
        """What a line selects: a fixed id a job or the instances of a template, others jobs."""
        regex = pattern.regex
        if regex is None:
            return self.called(pattern.fixed or "")
        return self._matching(regex)

    def meant(self, pattern: Pattern) -> Sequence[str]:
        """What an override applies to: any pattern means jobs and instances of templates."""
        regex = pattern.regex
        if regex is None:
            return self.called(pattern.fixed or "")
        match = regex.fullmatch
        made = [ids for template_id, ids in self._made.items() if match(template_id)]
        found = self._matching(regex)
        return self._ordered(found, *made) if made else found

    def called(self, full_id: str) -> Sequence[str]:
        """The job of that id, and the instances of the template of that id."""
        made = self._made.get(full_id, ())
        if full_id not in self._places:
            return made
        return self._ordered((full_id,), made) if made else (full_id,)

    def _matching(self, regex: re.Pattern[str]) -> Sequence[str]:
        found = self._found.get(regex)
        if found is None:
            match = regex.fullmatch
            found = self._found[regex] = [job_id for job_id in self._ids if match(job_id)]
        return found

    def _ordered(self, *lists: Iterable[str]) -> Sequence[str]:
        return sorted({job_id for ids in lists for job_id in ids}, key=self._places.__getitem__)
