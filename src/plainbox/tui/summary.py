"""The last screen of a run: what came of it, and what to do next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from plainbox.outcome import Outcome
from plainbox.text import harmless
from plainbox.tui.happening_lines import happening_lines
from plainbox.tui.words import Line, Marks, count, cut, length_of_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from plainbox.history import News
    from plainbox.session.state import JobState, State

_MOST_REASONS = 8


def summary(
    state: State,
    marks: Marks,
    name: Callable[[str], str],
    reports: Iterable[str],
    news: News | None = None,
) -> list[Line]:
    """The lines of the summary.

    `name` says how an id is shown, `reports` where they are, `news` what was otherwise before.
    """
    jobs = list(state.jobs.values())
    machine = (state.opened.machine if state.opened else {}).get("host", "")
    title = harmless(state.opened.title) if state.opened else ""
    where = f" on {machine}" if machine else ""
    dot = f" {marks.dot} "
    lines: list[Line] = [
        [],
        [(f"{title}{where}", "bold"), (f"{dot}{length_of_time(state.seconds)}", "dim")],
        [*_counts(jobs, marks), *_more(news)],
    ]
    if bad := [job for job in jobs if job.outcome is not None and job.outcome.bad]:
        lines += [
            [("  Failed", "bold")],
            *([*_failed(job, marks, name), *_since(job, news)] for job in bad),
        ]
    if flaky := [job for job in jobs if job.flaky]:
        lines += [[("  Flaky", "bold")], *(_flaky(job, name) for job in flaky)]
    lines += _skipped(jobs, name)
    lines += happening_lines(jobs, name)
    for report in reports:
        lines.append([("  Report   ", "bold"), (report, "")])
    open_jobs = sum(job.outcome is None for job in jobs)
    if state.held and state.opened:
        text = f"{state.held}: plainbox resume --force {state.opened.session}"
        lines.append([("  Held     ", "bold yellow"), (harmless(text), "")])
    elif not state.ended and state.opened:
        left = f"{count(open_jobs, 'job')} left: " if open_jobs else ""
        text = f"{left}plainbox resume {state.opened.session}"
        lines.append([("  Paused   ", "bold yellow"), (text, "")])
    return lines


def _counts(jobs: Collection[JobState], marks: Marks) -> Line:
    outcomes = Counter(job.outcome for job in jobs if job.outcome is not None)
    line: Line = [("  ", "")]
    shown = (Outcome.PASS, Outcome.FAIL, Outcome.CRASH, Outcome.UNDECIDED)
    for outcome in shown:
        if outcomes[outcome] or outcome is Outcome.PASS:
            look = outcome.look
            line += [
                (f"{marks.outcome(outcome)} {outcomes[outcome]} {look.label}", look.style),
                ("   ", ""),
            ]
    if skipped := sum(number for outcome, number in outcomes.items() if not outcome.ran):
        line += [(f"- {skipped} skipped", "yellow"), ("   ", "")]
    if flaky := sum(job.flaky for job in jobs):
        line += [(f"~ {flaky} flaky", "bold yellow"), ("   ", "")]
    return line[:-1] if line[-1] == ("   ", "") else line


def _failed(job: JobState, marks: Marks, name: Callable[[str], str]) -> Line:
    assert job.outcome is not None  # noqa: S101 - the caller chose these
    look = job.outcome.look
    return [
        (f"    {marks.outcome(job.outcome)} ", look.style),
        (f"{name(job.card.id):<36} ", ""),
        (harmless(job.reason).replace("\n", " "), ""),
    ]


def _flaky(job: JobState, name: Callable[[str], str]) -> Line:
    """How a job failed before it passed."""
    before = [it for it in job.attempts if it.outcome is not None and it.outcome.bad]
    how = f"passed after {count(len(before), 'failure')}: {before[-1].reason}"
    return [
        ("    ~ ", "yellow"),
        (f"{name(job.card.id):<36} ", ""),
        (harmless(how).replace("\n", " "), ""),
    ]


def _since(job: JobState, news: News | None) -> Line:
    """Since when a job fails, where earlier runs tell."""
    if news is None:
        return []
    runs = news.since.get(job.card.id, 1)
    if runs > 1:
        return [(f"   failed in {count(runs, 'run')}", "dim")]
    passed = job.card.id in news.passed_before
    return [("   new: passed last time" if passed else "   new", "bold yellow")]


def _more(news: News | None) -> Line:
    """How many jobs more or fewer were executed than the last time."""
    if news is None or not news.more:
        return []
    how = "more" if news.more > 0 else "fewer"
    return [(f"   ({count(abs(news.more), 'job')} {how} than last time)", "dim")]


def _skipped(jobs: Iterable[JobState], name: Callable[[str], str]) -> list[Line]:
    """Every reason for which jobs did not run, the most frequent first."""
    by_reason: dict[str, list[str]] = {}
    for job in jobs:
        if job.outcome is not None and not job.outcome.ran:
            by_reason.setdefault(job.reason, []).append(name(job.card.id))
    if not by_reason:
        return []
    lines: list[Line] = [[("  Skipped", "bold")]]
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for reason, names in ordered[:_MOST_REASONS]:
        who = names[0] if len(names) == 1 else count(len(names), "job")
        lines.append([(f"    - {who}: ", ""), (cut(harmless(reason), 120), "dim")])
    rest = len(ordered) - _MOST_REASONS
    if rest > 0:
        lines.append([(f"    - and {count(rest, 'more reason')}", "dim")])
    return lines
