"""The cases that a job reports on its standard output, where its `results` says in what format.

The exit code still decides, with one exception: a job that ends with 0 though cases of it failed
has failed, and so has one that announced cases which never came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.engine.junit import read_junit
from plainbox.engine.tap import Cases, read_tap
from plainbox.outcome import Outcome
from plainbox.session.events import Case, CasesRead
from plainbox.session.logs import OUTPUT, read_log
from plainbox.units import ResultsFormat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from plainbox.units import Job

MOST_BYTES: Final = 16 * 1024 * 1024
"""So much output is searched for cases."""

MOST_CASES: Final = 20_000
_SHOWN: Final = 3


def read_cases(results: ResultsFormat, content: bytes) -> Cases:
    """The cases that an output tells of."""
    if results is ResultsFormat.JUNIT:
        found = read_junit(content)
    else:
        found = read_tap(content.decode("utf-8", "replace").splitlines())
    if len(found.cases) > MOST_CASES:
        return Cases(found.cases[:MOST_CASES], f"only the first {MOST_CASES} cases are kept")
    if not found.cases and not found.error:
        return Cases([], f"no case was found in its output, which was to be {results.value}")
    return found


def with_cases(
    job: Job, logs: Path, attempt: int, ended: tuple[Outcome, str]
) -> tuple[list[CasesRead], tuple[Outcome, str]]:
    """What an attempt reported, if its job says in what format, and how it ended then."""
    if job.results is None:
        return [], ended
    found = _cases_in(job.results, logs, attempt)
    outcome, reason = ended
    judged, said = judge(found)
    if outcome is Outcome.PASS:
        ended = judged, said or reason
    elif outcome is Outcome.FAIL and any(case.outcome.bad for case in found.cases):
        ended = outcome, f"{reason.partition(': ')[0]}: {said}"
    return [CasesRead(job.id, attempt, tuple(found.cases), found.error)], ended


def _cases_in(results: ResultsFormat, logs: Path, attempt: int) -> Cases:
    content = bytearray()
    for chunk in read_log(logs, attempt):
        if chunk.stream == OUTPUT:
            content += chunk.content
        if len(content) > MOST_BYTES:
            break
    found = read_cases(results, bytes(content[:MOST_BYTES]))
    if len(content) > MOST_BYTES:
        return Cases(found.cases, f"only the first {MOST_BYTES >> 20} MiB of output were read")
    return found


def judge(found: Cases) -> tuple[Outcome, str]:
    """The outcome of a job that ended with exit code 0, and why."""
    failed = [case for case in found.cases if case.outcome.bad]
    if failed:
        return Outcome.FAIL, f"{len(failed)} of {_count(found.cases)} failed: {_names(failed)}"
    if found.error:
        return Outcome.FAIL, found.error
    if all(case.outcome is Outcome.SKIP for case in found.cases):
        return Outcome.PASS, f"all of {_count(found.cases)} were skipped"
    return Outcome.PASS, ""


def _count(cases: Sequence[Case]) -> str:
    return f"{len(cases)} case{'s' * (len(cases) != 1)}"


def _names(failed: Sequence[Case]) -> str:
    texts = [f"{case.name} ({case.message})" if case.message else case.name for case in failed]
    return ", ".join(texts[:_SHOWN]) + (", …" if len(texts) > _SHOWN else "")
