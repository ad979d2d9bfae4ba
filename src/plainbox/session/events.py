"""What can happen in a session, one struct an event; a journal is a list of these.

An event is written once and never changed. When the shape of one changes, `FORMAT` grows,
`upcast` learns to read the old shape, and a journal of the old format joins the tests.
The module knows ids and outcomes; it knows no unit types.
"""

from __future__ import annotations

from enum import Enum
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
    auto_retry: bool = True


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
    `options` is how it is to be run, by the names that options have on the command line.
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
    options: dict[str, str] = {}


class Resumed(Part, frozen=True):
    """A process took up a session that another one had left.

    `forced` says that a person wants it although it is held.
    """

    plainbox: str
    forced: bool = False


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
    """A started job ended: `seconds` of execution, the sizes of its output in bytes.

    `rebooted` says that the machine restarted while it ran, which it had not announced.
    """

    job: str
    attempt: int
    outcome: Outcome
    reason: str = ""
    return_code: int | None = None
    seconds: float = 0.0
    output: int = 0
    rebooted: bool = False


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


class UnitsRead(Part, frozen=True):
    """What a local job printed: units in the language of unit files, added to the session."""

    job: str
    text: str


class Retrying(Part, frozen=True):
    """These jobs lose their outcome and run again; the attempts that they had are kept."""

    jobs: tuple[str, ...]


class Held(Part, frozen=True):
    """The session waits for the consent of a person, because of what a job did."""

    job: str
    reason: str


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


class QuestionKind(Enum):
    """What a question wants of a person."""

    START = "start"
    VERDICT = "verdict"
    COMMENT = "comment"
    CONFIRM = "confirm"


class Choice(Part, frozen=True):
    """One way to answer a question; `comment` says that it needs one."""

    value: str
    label: str = ""
    comment: bool = False


class Question(Part, frozen=True):
    """Something that only a person can tell; without choices the answer is a comment.

    The id says what is asked, so that it is the same when it is asked again after a crash.
    """

    id: str
    kind: QuestionKind
    text: str
    job: str | None = None
    choices: tuple[Choice, ...] = ()
    attempt: int = 0


class Answer(Part, frozen=True):
    """What a person said: the value of a choice, a comment, or both."""

    choice: str = ""
    comment: str = ""


class Asked(Part, frozen=True):
    """A question was put to whoever watches; it stays open until it is answered."""

    question: Question


class Answered(Part, frozen=True):
    """The answer that counted: whose, and for how many seconds the question had stood."""

    question: str
    answer: Answer
    by: str = ""
    seconds: float = 0.0


class Ended(Part, frozen=True):
    """Nothing is left to do in this session."""


OfAttempt: TypeAlias = JobStarting | JobFinished | Happened | CasesRead
Told: TypeAlias = JobSkipped | ResourceRead | UnitsRead | Noted | Asked | Answered
OfSession: TypeAlias = Opened | Resumed | Planned | Retrying | Held | Ended
Event: TypeAlias = OfAttempt | Told | OfSession

KINDS: Final[dict[str, type[Event]]] = {
    "opened": Opened,
    "resumed": Resumed,
    "planned": Planned,
    "noted": Noted,
    "job-starting": JobStarting,
    "job-finished": JobFinished,
    "job-skipped": JobSkipped,
    "resource-read": ResourceRead,
    "units-read": UnitsRead,
    "retrying": Retrying,
    "held": Held,
    "happened": Happened,
    "cases-read": CasesRead,
    "asked": Asked,
    "answered": Answered,
    "ended": Ended,
}
"""The name that each event has in a journal; a name is never used again for another shape."""
