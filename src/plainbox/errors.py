"""The errors that plainbox raises on purpose.

Mistakes in what users wrote are diagnostics (`plainbox.diagnostics`), never exceptions. These
classes are for what stops a whole request; only the front ends catch them, and each carries
the exit code that the command line answers with::

    PlainboxError                4  plainbox itself could not do its work
    ├── UsageError               2  what was asked for does not exist or makes no sense
    ├── InputError               3  the input has errors that keep the plan from running
    ├── MachineBusy              4  another run is on this machine
    └── StorageError             4  a session cannot be read or written
        └── SessionBusy          4  another process holds the session
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self


class ExitCode(IntEnum):
    """What the command line answers with, and what each number means."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Self:
        """Make a member of its number and meaning."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    WELL = 0, "All is well; jobs that were skipped are."
    FAILED = 1, "A job failed or crashed; for commands that check: something was found."
    USAGE = 2, "What was asked for does not exist or makes no sense; nothing was selected."
    INPUT = 3, "The input has errors that keep the plan from running."
    BROKEN = 4, "Plainbox itself failed, or a report cannot be written."
    PAUSED = 130, "The person interrupted or paused it; a session can be resumed."


class PlainboxError(Exception):
    """Root of all errors of plainbox; `message` is one line, `hints` say what to do."""

    exit_code: ClassVar[ExitCode] = ExitCode.BROKEN

    def __init__(self, message: str, *, hints: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hints = tuple(hints)


class UsageError(PlainboxError):
    """What was asked for does not exist, is ambiguous, or makes no sense."""

    exit_code = ExitCode.USAGE


class InputError(PlainboxError):
    """The input has errors that keep the plan from running."""

    exit_code = ExitCode.INPUT


class StorageError(PlainboxError):
    """A session cannot be read or written."""


class SessionBusy(StorageError):
    """Another process holds the session."""


class MachineBusy(PlainboxError):
    """Another run is on this machine, and two would spoil each other's results."""


def assert_never(value: NoReturn) -> NoReturn:
    """Tell the type checker, and a reader, that every case was handled before this line."""
    raise AssertionError(f"a case is missing for {value!r}")
