"""What happened to the machine during jobs, in a few lines of the summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from plainbox.tui.words import Line, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plainbox.session.state import JobState

_MOST: Final = 5
_WORDS: Final = {
    "warning": "warning",
    "taint": "taint",
    "oom": "kill for want of memory",
    "core": "core dump",
    "unit": "failed unit",
}
_PLURALS: Final = {"oom": "kills for want of memory"}


def happening_lines(jobs: Iterable[JobState], name: Callable[[str], str]) -> list[Line]:
    """The jobs during which more happened than that the kernel had something to say."""
    lines: list[Line] = []
    for job in jobs:
        seen = Counter(it.kind for attempt in job.attempts for it in attempt.happenings)
        said = [
            count(seen[kind], _WORDS[kind], _PLURALS.get(kind, "")) for kind in _WORDS if seen[kind]
        ]
        if said:
            shown = name(job.card.id)
            head = "  Machine  " if not lines else " " * 11
            hint = f"   plainbox log --kernel {shown}"
            lines.append([(head, "bold"), (f"{', '.join(said)} during {shown}", ""), (hint, "dim")])
    if len(lines) > _MOST:
        more = f"and during {count(len(lines) - _MOST, 'more job')}"
        lines = [*lines[:_MOST], [(" " * 11, ""), (more, "dim")]]
    return lines
