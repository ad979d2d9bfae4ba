"""Test plans: which jobs run, in which order, and what is different about them there."""

from __future__ import annotations

from typing import Final

from plainbox.fields import (
    Duration,
    IncludeList,
    Line,
    OverrideList,
    Text,
    Unit,
    UnitId,
    UnitIds,
    defaulted,
    mandatory,
    optional,
)
from plainbox.units.job import Job

STATUSES: Final = Job.certification_status.kind.choices()
OVERRIDABLE: Final = {
    Job.category_id.name: (),
    Job.certification_status.name: STATUSES,
    Job.auto_retry.name: Job.auto_retry.kind.choices(),
}
"""The fields of a job that a test plan can set, and their values; none means an id."""

_PATTERNS = IncludeList(OVERRIDABLE)


class TestPlan(Unit):
    """A selection of jobs that makes sense as one run."""

    __test__ = False  # for pytest, which takes the name for a test
    type_name = "test plan"

    id = mandatory(UnitId(), "Name of the test plan, unique in its namespace.", absent="")
    name = mandatory(Line(80), "One-line title shown in lists.", absent="", translatable=True)
    description = optional(Text(), "What the plan is for.", translatable=True)
    include = mandatory(_PATTERNS, "Jobs to run, in this order.", absent=())
    mandatory_include = defaulted(_PATTERNS, "", "Jobs that run first and cannot be deselected.")
    exclude = defaulted(_PATTERNS, "", "Jobs that are not run even if included.")
    bootstrap_include = defaulted(
        UnitIds("job", automated=True),
        "",
        "Jobs that run before the selection: resources for templates.",
    )
    setup_include = defaulted(UnitIds("setup job"), "", "Setup jobs, run before everything else.")
    nested_part = defaulted(UnitIds("test plan"), "", "Test plans that are part of this one.")
    category_overrides = defaulted(
        OverrideList(), "", "Categories of jobs: `apply CATEGORY to PATTERN`."
    )
    certification_status_overrides = defaulted(
        OverrideList(*STATUSES), "", "Certification statuses of jobs: `apply STATUS to PATTERN`."
    )
    estimated_duration = optional(Duration(), "How long the plan usually takes.")
    icon = optional(Line(), "Picture of the plan; nothing shows it.")
