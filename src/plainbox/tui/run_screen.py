"""The screens of a run: what will be done, what is done, what came of it.

It turns events into lines of words and hands them to a `Paper`, which knows how to draw on a
terminal, or into a file, and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.app.planned import BOOTSTRAP, MAIN
from plainbox.errors import assert_never
from plainbox.ids import namespace_of, partial
from plainbox.outcome import Outcome
from plainbox.session.events import (
    Held,
    JobFinished,
    JobSkipped,
    JobStarting,
    Noted,
    Planned,
    ResourceRead,
    Retrying,
)
from plainbox.session.logs import Tail
from plainbox.text import harmless
from plainbox.tui.preflight_lines import preflight_lines
from plainbox.tui.words import Line, Marks, count, cut, length_of_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plainbox.app.forecast import Forecast
    from plainbox.app.preflight import Preflight
    from plainbox.clock import Stamp
    from plainbox.session.events import Event
    from plainbox.session.state import State
    from plainbox.units import Job

MOST_COLUMNS: Final = 48
"""How many columns ids get at the most, so that what follows them stands in line."""

TAIL_LINES: Final = 10
"""How many of the last lines of output are shown of a job that failed."""
_LEAST_ROOM: Final = 8
"""Where fewer columns are left than these, a line says nothing more."""


class Paper(Protocol):
    """What lines are drawn on."""

    marks: Marks
    width: int

    def write(self, lines: Sequence[Line]) -> None:
        """Add lines that stay."""
        ...

    def status(self, lines: Sequence[Line]) -> None:
        """Show lines below all others until they are replaced."""
        ...

    def close(self) -> None:
        """Take the status lines away."""
        ...


class RunScreen:
    """Follows one run and shows it; `keys` says what a person can press."""

    keys = "Ctrl-C pauses"

    def __init__(
        self,
        paper: Paper,
        namespace: str,
        preflight: Callable[[Sequence[Job], float], Preflight] | None = None,
    ) -> None:
        """`preflight` looks at what is about to run, and for how many seconds."""
        self._paper = paper
        self._preflight = preflight
        self._marks = paper.marks
        self._namespace = namespace
        self._phase = ""
        self._outcomes: Counter[Outcome] = Counter()
        self._counted: dict[str, Outcome] = {}
        self._total = self._done = 0
        self._running: dict[str, Tail] = {}
        self._since = 0.0
        self._expected: float | None = None
        self._tail = Tail()
        self._heard_at = 0.0
        self._seconds_left = 0.0
        self._column = 24

    def name(self, job_id: str) -> str:
        """An id as it is shown: without the namespace where that is the plan's own."""
        own = namespace_of(job_id) == self._namespace
        return harmless(partial(job_id) if own else job_id).replace("\n", " ")

    def header(self, title: str, about: str) -> None:
        """The first line: what is run, where."""
        title = harmless(title).replace("\n", " ")
        width = min(self._paper.width, 100)
        about = cut(harmless(about), max(20, width - len(title) - 2))
        space = max(2, width - len(title) - len(about))
        self._paper.write([[(title, "bold"), (" " * space, ""), (about, "dim")]])

    def warn(self, text: str) -> None:
        """Say something that a person should know."""
        first, *rest = harmless(text).split("\n")
        lines: list[Line] = [[("  !  ", "yellow"), (first, "")]]
        self._paper.write(lines + [[("     " + line, "dim")] for line in rest])

    def before(self, forecast: Forecast) -> None:
        """What will be done, before the first test starts."""
        parts = [f"{count(forecast.to_run, 'job')} to run"]
        if forecast.done:
            parts.append(f"{forecast.done} done")
        if forecast.skipped:
            parts.append(f"{len(forecast.skipped)} skipped")
        if forecast.to_run:
            least = "at least " if forecast.unknown else "about "
            parts.append(least + length_of_time(forecast.seconds))
        self._seconds_left = forecast.seconds
        self._phase = MAIN
        self._done = forecast.done
        self._total = forecast.done + forecast.to_run + len(forecast.skipped)
        dot = f" {self._marks.dot} "
        lines: list[Line] = [[("  " + dot.join(parts), "")]]
        if self._preflight is not None and forecast.jobs:
            found = self._preflight(forecast.jobs, forecast.seconds)
            lines += preflight_lines(found, dot)
        self._paper.write([*lines, []])

    def saw(self, _at: Stamp, event: Event, state: State) -> None:
        """Show an event."""
        match event:
            case Planned():
                self._phase = event.phase
                outcomes = [state.outcome_of(card.id) for card in event.jobs]
                self._total = len(outcomes) + len(event.left_out)
                longest = max((len(self.name(card.id)) for card in event.jobs), default=0)
                self._column = min(MOST_COLUMNS, max(24, longest))
                self._done = sum(outcome is not None for outcome in outcomes)
            case JobStarting():
                self._start(event.job, state)
            case JobFinished():
                self._finish(event, state)
            case JobSkipped():
                self._count(event.job, event.outcome)
                if self._phase != BOOTSTRAP or event.outcome.bad:
                    self._result(event.job, event.outcome, "", event.reason)
            case ResourceRead() | Noted() | Held():
                self._remark(event)
            case Retrying():
                self._again(event)
            case _:
                return

    def _remark(self, event: ResourceRead | Noted | Held) -> None:
        """Say what there is to say of a job or of the session."""
        match event:
            case ResourceRead():
                if event.error:
                    self.warn(f"{self.name(event.job)} {event.error}: what is before counts")
            case Noted():
                about = f"{self.name(event.job)} " if event.job else ""
                self.warn(about + event.text)
            case Held():
                self.warn(event.reason)
            case _ as never:
                assert_never(never)

    def _again(self, event: Retrying) -> None:
        """Some jobs have no outcome any more."""
        self._write_rule(f"once more: {count(len(event.jobs), 'job')}")
        for job_id in event.jobs:
            outcome = self._counted.pop(job_id, None)
            if outcome is not None:
                self._outcomes[outcome] -= 1
                self._done -= 1

    def _write_rule(self, text: str) -> None:
        self._paper.write([[], [("  " + text, "bold")]])

    def heard(self, job_id: str, _stream: int, content: bytes) -> None:
        """Note what the running job prints."""
        tail = self._running.get(job_id)
        if tail is None:
            return
        tail.add(content)
        self._tail = tail
        self._heard_at = time.monotonic()

    def tick(self) -> None:
        """Draw the lines at the bottom anew."""
        lines: list[Line] = []
        if self._running:
            lines.append(self._now_running())
        dot = f" {self._marks.dot} "
        figures = [f"{self._done}/{self._total}", *self._counts(self._outcomes)]
        if self._phase == BOOTSTRAP:
            figures = [f"finding out what this machine has: {self._done}/{self._total}"]
        elif self._seconds_left > 1:
            figures.append(f"about {length_of_time(self._seconds_left)} left")
        lines.append([("  " + dot.join(figures) + dot + self.keys, "dim")])
        self._paper.status(lines)

    def close(self) -> None:
        """Take away what is not to stay."""
        self._paper.close()

    def _now_running(self) -> Line:
        seconds = time.monotonic() - self._since
        first, *others = self._running
        shown = self.name(first) + (f" and {len(others)} more" if others else "")
        line: Line = [
            (f"  {self._marks.running} ", "cyan"),
            (f"{shown:<{self._column}}", ""),
            (f" {length_of_time(seconds)}", "cyan"),
        ]
        if self._expected:
            share = min(1.0, seconds / self._expected)
            bar = self._marks.bar(share, 16)
            line.append((f" of about {length_of_time(self._expected)} {bar}", "dim"))
        if self._heard_at > self._since and (said := self._tail.lines(1)):
            used = sum(len(text) for text, _ in line) + 2
            line.append(("  " + cut(said[0], self._paper.width - used - 1), "dim"))
        return line

    def _start(self, job_id: str, state: State) -> None:
        self._since = time.monotonic()
        self._running[job_id] = self._tail = Tail()
        self._expected = state.jobs[job_id].card.duration

    def _count(self, job_id: str, outcome: Outcome) -> None:
        self._counted[job_id] = outcome
        self._done += 1
        self._total = max(self._total, self._done)
        if self._phase != BOOTSTRAP:
            self._outcomes[outcome] += 1

    def _finish(self, event: JobFinished, state: State) -> None:
        tail = self._running.pop(event.job, Tail()).lines(TAIL_LINES)
        self._count(event.job, event.outcome)
        card = state.jobs[event.job].card
        if self._phase != BOOTSTRAP:
            self._seconds_left = max(0.0, self._seconds_left - (card.duration or 0.0))
        elif event.outcome is Outcome.PASS:
            return
        said = event.reason
        if event.outcome is Outcome.PASS and card.kind == "shell" and tail and not said:
            said = tail[-1]
        if state.jobs[event.job].flaky:
            said = f"~ flaky: it failed before  {said}".rstrip()
        self._result(event.job, event.outcome, length_of_time(event.seconds), said)
        if event.outcome.bad:
            edge = "    | "
            self._paper.write(
                [[(edge + cut(line, self._paper.width - len(edge)), "dim")] for line in tail]
            )

    def _result(self, job_id: str, outcome: Outcome, seconds: str, said: str) -> None:
        look = outcome.look
        line: Line = [
            (f"  {self._marks.outcome(outcome)} ", look.style),
            (f"{self.name(job_id):<{self._column}} ", "bold" if outcome.bad else ""),
            (f"{seconds or look.label:>9}  ", "dim" if seconds else look.style),
        ]
        room = self._paper.width - sum(len(text) for text, _ in line)
        said = harmless(said).replace("\n", " ")
        if not outcome.bad or len(said) <= room:
            line.append(
                (cut(said, room) if room > _LEAST_ROOM else "", "" if outcome.bad else "dim")
            )
            self._paper.write([line])
        else:
            self._paper.write([line, [(f"      {said}", "")]])

    def _counts(self, outcomes: Counter[Outcome]) -> list[str]:
        parts = [
            f"{self._marks.outcome(outcome)} {outcomes[outcome]}"
            for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.CRASH)
            if outcomes[outcome]
        ]
        if skipped := sum(n for outcome, n in outcomes.items() if not outcome.ran):
            parts.append(f"- {skipped}")
        return parts
