"""The sections of a description: PURPOSE, STEPS, INFO and VERIFICATION, in this order.

A description without any heading is plain text, of which nothing is expected.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code, Diagnostic, Severity
from plainbox.fields import Place, replacement
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.units import Job

SECTIONS: Final = ("PURPOSE", "STEPS", "INFO", "VERIFICATION")
_HEADING: Final = re.compile(r"^[ \t]*([A-Z]{4,}):", re.MULTILINE)
_NUMBERED: Final = re.compile(r"^[ \t]*([0-9]+)[.)]", re.MULTILINE)


class _Section(NamedTuple):
    name: str
    place: Place
    text: str
    start: int


def sections_of(job: Job) -> Iterator[Diagnostic]:
    """What is wrong with the sections of a job's description."""
    entry = job.record.get("description")
    text = job.description
    if entry is None or text is None or "description" in job.bad_fields:
        return
    headings = list(_HEADING.finditer(text))
    known = [found for found in headings if found[1] in SECTIONS]
    if not known:
        return
    for heading in headings:
        yield from _misspelt(job, heading, {found[1] for found in known})
    found = [
        _Section(
            heading[1],
            Place(*heading.span(1)),
            text[heading.end() : following.start() if following else len(text)],
            heading.end(),
        )
        for heading, following in zip(known, [*known[1:], None], strict=True)
    ]
    yield from _order(job, found)
    for section in found:
        yield from _content(job, section)
    verified = job.verification or "VERIFICATION" in {section.name for section in found}
    if job.plugin.decided_by_person and not verified:
        message = "description: no VERIFICATION says what has to be seen for a yes"
        yield job.finding("description", Code.DESCRIPTION_SECTIONS, message, found[-1].place)


def _misspelt(job: Job, heading: re.Match[str], there: set[str]) -> Iterator[Diagnostic]:
    name = heading[1]
    meant = closest(name, SECTIONS) if name not in SECTIONS else None
    if meant is not None and meant not in there:
        span = job.span("description", Place(*heading.span(1)))
        message = f"description: unknown section {name!r}"
        fix = replacement(span, meant)
        yield Diagnostic(Code.DESCRIPTION_SECTIONS, message, span, fix=fix)


def _order(job: Job, found: Sequence[_Section]) -> Iterator[Diagnostic]:
    last = -1
    seen: set[str] = set()
    for section in found:
        place = SECTIONS.index(section.name)
        if section.name in seen:
            message = f"description: a second section {section.name}"
        elif place < last:
            message = f"description: {section.name} comes before {SECTIONS[last]}"
        else:
            message = ""
        if message:
            yield job.finding("description", Code.DESCRIPTION_SECTIONS, message, section.place)
        seen.add(section.name)
        last = max(last, place)


def _content(job: Job, section: _Section) -> Iterator[Diagnostic]:
    if not section.text.strip():
        message = f"description: the section {section.name} is empty"
        yield job.finding("description", Code.DESCRIPTION_SECTIONS, message, section.place)
    elif section.name == "STEPS":
        yield from _steps(job, section)


def _steps(job: Job, section: _Section) -> Iterator[Diagnostic]:
    """Steps are numbered, from 1 and one after the other."""
    numbers = list(_NUMBERED.finditer(section.text))
    if not numbers:
        message = "description: expected a numbered list of steps"
        yield Diagnostic(
            Code.DESCRIPTION_SECTIONS,
            message,
            job.span("description", section.place),
            level=Severity.ADVICE,
        )
    for expected, number in enumerate(numbers, 1):
        if int(number[1][:9]) != expected:
            place = Place(section.start + number.start(1), section.start + number.end(1))
            yield Diagnostic(
                Code.DESCRIPTION_SECTIONS,
                f"description: expected step {expected}, found {number[1]}",
                job.span("description", place),
                level=Severity.ADVICE,
            )
            return
