"""What a run works with: the runner, the surroundings of jobs, and what else it may be given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plainbox.engine.environment import Surroundings
    from plainbox.engine.record_cache import RecordCache
    from plainbox.engine.runner import Runner
    from plainbox.machine.restart import Restart
    from plainbox.session.events import Event
    from plainbox.units import Job

GOING_DOWN_SECONDS: Final = 300.0
"""How long the machine may take to go down after a job that said it does."""


class Companion(Protocol):
    """Something that goes along with every attempt and may have something to tell of it."""

    def starting(self, job: Job, attempt: int) -> None:
        """An attempt is about to start."""
        ...

    def ended(self, job: Job, attempt: int) -> Iterable[Event]:
        """An attempt has ended; what is told of it is committed with its end."""
        ...


@dataclass(frozen=True)
class Means:
    """What the engine works with.

    `resume` is the command that resumes the session; `caller` the environment that plainbox was
    called in; `timeout` the deadline of jobs that have none, in seconds.
    """

    runner: Runner
    surroundings: Surroundings
    resume: Sequence[str] = ()
    restart: Restart | None = None
    cache: RecordCache | None = None
    companions: Sequence[Companion] = ()
    caller: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    going_down_seconds: float = GOING_DOWN_SECONDS
