"""What the end of a command means: an outcome, a reason, and notes for a person to read."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

from plainbox.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.engine.runner import Exit

_MOST_NAMED: Final = 5


def verdict(end: Exit) -> tuple[Outcome, str]:
    """What an end means: 0 passes, any other code fails; what was ended by force is a crash."""
    code = end.return_code
    held = " (something it started held its output open)" if end.held else ""
    if end.timed_out:
        return Outcome.CRASH, end.timed_out
    if end.oom and code != 0:
        return Outcome.CRASH, "killed by the kernel: the machine was out of memory"
    if code == 0:
        return Outcome.PASS, held.strip(" ()")
    if code > 0:
        return Outcome.FAIL, f"exit {code}{held}"
    return Outcome.CRASH, f"killed by signal {_signal_name(-code)}{held}"


def _signal_name(number: int) -> str:
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)


def notes(end: Exit, last_output: Sequence[str]) -> Iterator[str]:
    """What there is to say about an end besides its reason."""
    if end.left:
        yield f"left processes running, which were ended: {shortened(end.left)}"
    if end.oom and end.return_code == 0:
        yield "the kernel killed a process of it: the machine was out of memory"
    if end.timed_out:
        yield "\n".join((f"{end.timed_out}; its processes were", *(end.tree or ("(none)",))))
        if last_output:
            yield "\n".join(("the last of its output was", *last_output))


def shortened(names: Sequence[str]) -> str:
    """The first few of some names."""
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
