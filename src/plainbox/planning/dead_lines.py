"""Lines of test plans that can select nothing: no job is there, and no template could make one.

A template could make any text where a parameter stands in its id, on this machine or another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from plainbox.diagnostics import Code, Diagnostic
from plainbox.ids import qualify
from plainbox.planning.copies import SUSPENDS
from plainbox.planning.job_index import JobIndex
from plainbox.planning.possible import could_match
from plainbox.planning.selecting import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from plainbox.fields import IncludeLine
    from plainbox.ids import Pattern
    from plainbox.units import Job, Template, TestPlan

FIELDS: Final = ("mandatory_include", "include", "exclude")
_PARAMETER: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[^{}]*\}", re.DOTALL)
_SIBLING: Final = re.compile(r'"id"\s*:\s*"([^"]*)"')
_LITERAL: Final = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^\w])*")
_BEGINNING: Final = re.compile(r"([^.^$*+?{}\[\]\\|()]+)\.\*")
SAMPLES: Final = ("x", "0", "x0-1")
_QUANTIFIERS: Final = frozenset("*?{")


class Named(Protocol):
    """What is asked of a catalog: its jobs and its templates, by full id."""

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs, instances of templates included."""

    @property
    def templates(self) -> Mapping[str, Template]:
        """The templates by full template id."""


class Reach:
    """What patterns could select of the jobs and templates that are known."""

    def __init__(self, known: Named) -> None:
        self._known = known
        self._index = JobIndex(known.jobs)
        self._sorted = sorted(known.jobs)
        self._found: dict[tuple[str, str], bool] = {}

    def selects(self, pattern: Pattern) -> bool:
        """Whether it selects something, here or on another machine."""
        if pattern.fixed is not None:
            return self.names(pattern.fixed)
        key = (pattern.text, pattern.namespace)
        found = self._found.get(key)
        if found is None:
            simple = _BEGINNING.fullmatch(pattern.text)
            if simple:
                found = self._begins_with(qualify(simple[1], pattern.namespace))
            else:
                found = self.has(pattern) or self._matches(pattern)
            self._found[key] = found
        return found

    def _begins_with(self, start: str) -> bool:
        """Whether the id of a job begins so, as `disk/.*` asks for."""
        if any(map(self._index.called, self._between(start))):
            return True
        return any(len(shape) > 1 or shape[0].startswith(start) for shape in self._around(start))

    def names(self, full_id: str) -> bool:
        """Whether it is the id of a job, a template, or of what a template could make."""
        if self._index.called(full_id) or full_id in self._known.templates:
            return True
        return any(
            re.fullmatch(".*".join(map(re.escape, shape)), full_id)
            for shape in self._beginning(full_id)
        )

    def could_make(self, shape: Sequence[str]) -> bool:
        """Whether one of the ids has a shape: constant parts with anything between them."""
        expression = re.compile(".*".join(map(re.escape, shape)), re.DOTALL)
        if any(map(expression.fullmatch, self._between(shape[0]))):
            return True
        return any(could_match(expression.pattern, other) for other in self._around(shape[0]))

    def has(self, pattern: Pattern) -> bool:
        """Whether it is, letter by letter, the id of a job, which it means then too."""
        wanted = pattern.fixed or pattern.text
        return bool(self._index.called(wanted)) and pattern.matches(wanted)

    def _matches(self, pattern: Pattern) -> bool:
        regex = pattern.regex
        if regex is None:
            return False
        start = literal_start(regex.pattern)
        called = self._index.called
        if any(regex.fullmatch(job_id) and called(job_id) for job_id in self._between(start)):
            return True
        shapes = self._around(start)
        if any(regex.fullmatch(fill.join(shape)) for fill in SAMPLES for shape in shapes):
            return True  # nearly always, and much faster than the proof
        return any(could_match(regex.pattern, shape) for shape in shapes)

    def _between(self, start: str) -> Sequence[str]:
        """The ids of jobs that begin with a text."""
        first = bisect_left(self._sorted, start)
        return self._sorted[first : bisect_left(self._sorted, f"{start}\U0010ffff", first)]

    def _beginning(self, text: str) -> Iterator[tuple[str, ...]]:
        """The shapes whose first part a text begins with."""
        for length in range(len(text) + 1):
            yield from self._shapes.get(text[:length], ())

    def _around(self, start: str) -> list[tuple[str, ...]]:
        """The shapes that texts with a certain start can have."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, f"{start}\U0010ffff", first)
        after = [shape for each in self._starts[first:last] for shape in self._shapes[each]]
        return [*(shape for shape in self._beginning(start) if shape[0] != start), *after]

    @cached_property
    def _starts(self) -> list[str]:
        return sorted(self._shapes)

    @cached_property
    def _shapes(self) -> dict[str, list[tuple[str, ...]]]:
        """The ids that templates make, parameters cut out: those of jobs and of their copies.

        They are arranged by their first parts.
        """
        templates = self._known.templates.values()
        shapes: dict[str, list[tuple[str, ...]]] = {}
        for shape in dict.fromkeys(shape for it in templates for shape in shapes_of(it)):
            shapes.setdefault(shape[0], []).append(shape)
        return shapes


def shapes_of(template: Template) -> Iterator[tuple[str, ...]]:
    """The ids that a template makes, parameters cut out: those of jobs and of their copies."""
    siblings = _SIBLING.findall(template.text("siblings") or "")
    for name in (template.partial_id, *siblings):
        for prefix in ("", *(suspend.prefix for suspend in SUSPENDS)):
            yield tuple(_PARAMETER.split(qualify(prefix + name, template.namespace)))


def dead_lines(plans: Iterable[TestPlan], known: Named) -> Iterator[Diagnostic]:
    """A diagnostic for each line that can select nothing of what is known."""
    reach = Reach(known)
    for plan in plans:
        for key in FIELDS:
            for line in getattr(plan, key):
                if not reach.selects(line.pattern):
                    yield dead_line(plan, key, line)


def dead_line(plan: TestPlan, key: str, line: IncludeLine) -> Diagnostic:
    """What to say of a line that can select nothing."""
    wanted = line.pattern.fixed
    named = "names no job" if wanted else "matches no job"
    there_is = f"there is no job or template '{wanted}'" if wanted else "no id looks like this"
    return Diagnostic(
        Code.DEAD_LINE,
        f"{key} of '{plan.partial_id}' {named}: '{line.pattern.text}'",
        Reason(plan, key, line, wanted or "").span,
        label=there_is,
    )


def literal_start(expression: str) -> str:
    """Characters that every text begins with that an expression matches; as many as are easy."""
    head, group, body = expression.partition("(?:")
    start = _LITERAL.match(head)
    if start is None or start.end() != len(head) or not group:
        return ""
    found = _LITERAL.match(body)
    literal = found.group() if found else ""
    after = body[len(literal) : len(literal) + 1]
    if after in _QUANTIFIERS:
        literal = re.sub(r"\\?.\Z", "", literal, flags=re.DOTALL)
    if _has_outer_alternative(body):
        literal = ""
    return re.sub(r"\\(.)", r"\1", head + literal)


def _has_outer_alternative(body: str) -> bool:
    depth = 0
    for part in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", body, re.DOTALL):
        depth += (part.group() == "(") - (part.group() == ")")
        if part.group() == "|" and not depth:
            return True
    return False
