"""The summary tells during which jobs something happened to the machine."""

from __future__ import annotations

from plainbox.clock import Stamp
from plainbox.session.events import Happening, JobCard
from plainbox.session.state import Attempt, JobState
from plainbox.tui.happening_lines import happening_lines


def job(name: str, *kinds: str) -> JobState:
    attempt = Attempt(1, Stamp("boot", 1.0, 2.0))
    attempt.happenings = tuple(Happening(kind, "text") for kind in kinds)
    return JobState(JobCard(name, "1", "shell"), attempts=[attempt])


def texts(*jobs: JobState) -> list[str]:
    return ["".join(text for text, _ in line) for line in happening_lines(jobs, str)]


def test_what_is_worth_a_look_is_counted_and_the_rest_is_not() -> None:
    assert texts(job("quiet"), job("talks", "kernel")) == []
    assert texts(job("usb", "warning", "kernel", "warning", "oom"), job("gpu", "core")) == [
        "  Machine  2 warnings, 1 kill for want of memory during usb   plainbox log --kernel usb",
        "           1 core dump during gpu   plainbox log --kernel gpu",
    ]


def test_many_jobs_are_only_counted() -> None:
    found = texts(*(job(str(number), "unit") for number in range(7)))
    assert len(found) == 6
    assert found[-1].strip() == "and during 2 more jobs"
