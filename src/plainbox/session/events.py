"""What can happen in a session, one struct an event; a journal is a list of these.

An event is written once and never changed. When the shape of one changes, `FORMAT` grows,
`upcast` learns to read the old shape, and a journal of the old format joins the tests.
The module knows ids and outcomes; it knows no unit types.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from plainbox.outcome import Outcome

FORMAT: Final = 1
IMPORTED_FROM: Final = "imported_from"
"""The fact of a machine in `Opened` that says which session of another one this was."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that an event is made of."""


class ProviderCard(Part, frozen=True):
    """A provider whose units the session knew."""

    name: str
    namespace: str
    version: str | None = None


class JobCard(Part, frozen=True):
    """What a report and a resume need to know of a planned job."""

    id: str
    checksum: str
    kind: str
    summary: str = ""
    category: str = ""
    category_name: str = ""
    certification_status: str = "non-blocker"
    template: str | None = None
    duration: float | None = None


class LeftOutCard(Part, frozen=True):
    """A job that the plan asks for and that cannot be put into the run list, and why."""

    job: JobCard
    reason: str


class Unmet(Part, frozen=True):
    """What kept a job from running: full ids of jobs, texts of expressions, manifest ids."""

    dependencies: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()


class Opened(Part, frozen=True):
    """The session begins.

    `request` are the full id of a plan, or patterns of job ids where `plan` is None; `sources`
    the folders and files that providers were asked for from, empty where none were named.
    """

    format: int
    session: str
    title: str
    plan: str | None
    request: tuple[str, ...]
    plainbox: str
    sources: tuple[str, ...]
    providers: tuple[ProviderCard, ...]
    machine: dict[str, str]


class Resumed(Part, frozen=True):
    """A process took up a session that another one had left."""

    plainbox: str


class Planned(Part, frozen=True):
    """The run list of a phase, in order, and what had to be left out of it."""

    phase: str
    jobs: tuple[JobCard, ...]
    left_out: tuple[LeftOutCard, ...] = ()


class Noted(Part, frozen=True):
    """Something a person should read, about one job or about the session."""

    text: str
    job: str | None = None


class JobStarting(Part, frozen=True):
    """A job is about to be started; durable before its process is.

    `noreturn` says that the machine may go down while it runs, as the job itself announced.
    """

    job: str
    attempt: int
    noreturn: bool = False


class JobFinished(Part, frozen=True):
    """A started job ended: `seconds` of execution, the sizes of its output in bytes."""

    job: str
    attempt: int
    outcome: Outcome
    reason: str = ""
    return_code: int | None = None
    seconds: float = 0.0
    output: int = 0


class JobSkipped(Part, frozen=True):
    """A job got its outcome without being started."""

    job: str
    outcome: Outcome
    reason: str
    unmet: Unmet | None = None


class ResourceRead(Part, frozen=True):
    """The records that a resource job printed; `error` says where reading had to stop."""

    job: str
    records: tuple[dict[str, str], ...]
    error: str = ""


class Happening(Part, frozen=True):
    """Something that happened to the machine meanwhile, beside what a job said itself.

    `kind` is `kernel` (a line of the kernel log), `warning` (one of level warning or worse),
    `taint`, `oom`, `core` or `unit`; `at` are seconds since the boot where that is known.
    """

    kind: str
    text: str
    at: float = 0.0


class Happened(Part, frozen=True):
    """What happened to the machine while an attempt ran."""

    job: str
    attempt: int
    what: tuple[Happening, ...]


class Case(Part, frozen=True):
    """One case of a test that has several; its name is unique only by luck."""

    name: str
    outcome: Outcome
    message: str = ""
    seconds: float | None = None


class CasesRead(Part, frozen=True):
    """The cases that an attempt reported; `error` says where reading had to stop."""

    job: str
    attempt: int
    cases: tuple[Case, ...]
    error: str = ""


class Ended(Part, frozen=True):
    """Nothing is left to do in this session."""


Event: TypeAlias = (
    Opened
    | Resumed
    | Planned
    | Noted
    | JobStarting
    | JobFinished
    | JobSkipped
    | ResourceRead
    | Happened
    | CasesRead
    | Ended
)

KINDS: Final[dict[str, type[Event]]] = {
    "opened": Opened,
    "resumed": Resumed,
    "planned": Planned,
    "noted": Noted,
    "job-starting": JobStarting,
    "job-finished": JobFinished,
    "job-skipped": JobSkipped,
    "resource-read": ResourceRead,
    "happened": Happened,
    "cases-read": CasesRead,
    "ended": Ended,
}
"""The name that each event has in a journal; a name is never used again for another shape."""
