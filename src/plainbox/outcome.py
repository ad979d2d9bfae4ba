"""The closed set of outcomes of a job, and what each looks like."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Look(NamedTuple):
    """How an outcome is shown: words, marks, colour, and the status of old reports."""

    label: str
    title: str
    mark: str
    ascii_mark: str
    style: str
    status: str


class Outcome(Enum):
    """How a job ended; the value is what journals and submission files hold."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    FAIL = "fail"
    CRASH = "crash"
    SKIP = "skip"
    SKIPPED_DEPENDENCY = "skipped-dependency"
    SKIPPED_RESOURCE = "skipped-resource"
    SKIPPED_MANIFEST = "skipped-manifest"
    NOT_SUPPORTED = "not-supported"
    NOT_IMPLEMENTED = "not-implemented"
    UNDECIDED = "undecided"

    @property
    def look(self) -> Look:
        """The words and marks that show this outcome."""
        return _LOOKS[self]

    @property
    def ran(self) -> bool:
        """Whether the job itself was executed."""
        return self in _RAN

    @property
    def bad(self) -> bool:
        """Whether this outcome makes a run one that failed."""
        return self in _BAD


_RAN = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.CRASH, Outcome.UNDECIDED})
_BAD = frozenset({Outcome.FAIL, Outcome.CRASH, Outcome.NOT_IMPLEMENTED})
_SKIPPED = ("-", "-", "yellow", "skip")
_LOOKS = {
    Outcome.PASS: Look("passed", "job passed", "✔", "+", "green", "pass"),
    Outcome.FAIL: Look("failed", "job failed", "✘", "x", "red", "fail"),
    Outcome.CRASH: Look("crashed", "job crashed", "!", "!", "bold red", "fail"),
    Outcome.SKIP: Look("skipped", "job manually skipped", *_SKIPPED),
    Outcome.SKIPPED_DEPENDENCY: Look(
        "skipped", "job cannot be started (failed dependency)", *_SKIPPED
    ),
    Outcome.SKIPPED_RESOURCE: Look("skipped", "job cannot be started (unmet resource)", *_SKIPPED),
    Outcome.SKIPPED_MANIFEST: Look("skipped", "job cannot be started (unmet manifest)", *_SKIPPED),
    Outcome.NOT_SUPPORTED: Look("not supported", "job cannot be started", *_SKIPPED),
    Outcome.NOT_IMPLEMENTED: Look(
        "not implemented", "job is not implemented", "x", "x", "red", "skip"
    ),
    Outcome.UNDECIDED: Look("undecided", "job needs verification", "?", "?", "magenta", "skip"),
}
