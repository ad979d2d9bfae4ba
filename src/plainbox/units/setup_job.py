"""Setup jobs: what test plans run before everything else, to prepare the machine."""

from __future__ import annotations

from plainbox.fields import Choice, Requirements, defaulted, mandatory
from plainbox.units.job import Job, JobKind, simple_kind


class SetupJob(Job):
    """A job that prepares the machine; if one fails nothing else runs."""

    type_name = "setup job"

    plugin = mandatory(
        Choice(JobKind, only=(JobKind.SHELL,)),
        "How the job runs: only `shell`.",
        absent=JobKind.SHELL,
        otherwise=simple_kind,
        instead=("flags",),
    )
    requires_manifest = defaulted(
        Requirements(), "", "Manifest entries that must be true, or have a value."
    )
