"""Jobs picked by hand: what patterns mean without a test plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plainbox.planning.job_index import JobIndex
from plainbox.planning.selecting import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plainbox.ids import Pattern
    from plainbox.units import Job, Template


class Pickable(Protocol):
    """What picking asks of a catalog."""

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs by full id, instances of templates included."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """The templates by full template id."""


def pick(patterns: Sequence[Pattern], known: Pickable) -> Selection:
    """The jobs whose ids, or whose templates' ids, match; in the order of the patterns.

    Resources that feed a template that is meant are read in the bootstrap.
    """
    index = JobIndex(known.jobs)
    jobs = [job_id for pattern in patterns for job_id in index.meant(pattern)]
    feeding = [
        template.template_resource
        for template_id, template in known.templates.items()
        if any(pattern.matches(template_id) for pattern in patterns)
    ]
    return Selection(
        plans=(),
        jobs=tuple(dict.fromkeys(jobs)),
        mandatory=(),
        bootstrap=tuple(dict.fromkeys(feeding)),
        setup=(),
        reasons={},
        overrides={},
    )
