"""All rules, applied to units: by themselves, then with each other, then their commands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plainbox.checking.clashes import between_kinds, siblings
from plainbox.checking.cycles import cycles
from plainbox.checking.descriptions import sections_of
from plainbox.checking.expressions import expressions
from plainbox.checking.fields import fields
from plainbox.checking.finding import Finding
from plainbox.checking.plans import plan_lines
from plainbox.checking.portability import (
    dotted_parameters,
    override_order,
    portability,
    source_portability,
)
from plainbox.checking.references import references
from plainbox.checking.samples import problems_of, sample_of
from plainbox.checking.shell import Command, command_of, shellcheck_of, syntax_of
from plainbox.diagnostics import Code, Severity
from plainbox.machine.programs import find_program
from plainbox.planning.job_index import JobIndex
from plainbox.units import Job, Template, TestPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plainbox.checking.world import World
    from plainbox.diagnostics import Diagnostic
    from plainbox.fields import Unit
    from plainbox.text import Source


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what was found; each mistake once."""

    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]


def check_units(units: Sequence[Unit], world: World, *, shellcheck: bool = False) -> Checked:
    """Apply all rules to some units of a world."""
    check = _Check(world)
    for unit in units:
        check.unit(unit)
    for unit, diagnostic in cycles(world.catalog, set(units)):
        check.add([diagnostic], unit)
    for unit, diagnostic in between_kinds(units):
        check.add([diagnostic], unit)
    for unit, diagnostic in syntax_of(check.commands):
        check.add([diagnostic], unit)
    program = find_program("shellcheck") if shellcheck else None
    for unit, diagnostic in shellcheck_of(check.commands, program) if program else ():
        check.add([diagnostic], unit)
    sources = tuple({id(unit.record.source): unit.record.source for unit in units}.values())
    for source in sources:
        check.add(source_portability(source), None)
    return Checked(tuple(_once_a_namespace(check.findings)), sources)


def _one_for_both(found: list[Diagnostic]) -> list[Diagnostic]:
    """A misspelt field and the field that is missing for it are one mistake: an error."""
    missing = {each.message: each for each in found if each.code is Code.MISSING_FIELD}
    if not missing:
        return found
    merged = []
    for each in found:
        diagnostic = each
        if each.code is Code.UNKNOWN_FIELD and each.fix:
            lacking = f"missing field {each.fix.edits[0].text!r}"
            for message in [one for one in missing if one.startswith(lacking)]:
                del missing[message]
                diagnostic = replace(each, level=Severity.ERROR, notes=(message,))
        merged.append(diagnostic)
    return [
        each for each in merged if each.code is not Code.MISSING_FIELD or each.message in missing
    ]


def _once_a_namespace(findings: Sequence[Finding]) -> Iterator[Finding]:
    """All findings, but of those about a namespace that is not loaded only the first, and how many.

    The label of such a finding says which namespace it is.
    """
    counts = Counter(
        each.diagnostic.label for each in findings if each.diagnostic.code is Code.NOT_LOADED
    )
    told: set[str] = set()
    for finding in findings:
        diagnostic = finding.diagnostic
        label = diagnostic.label
        if diagnostic.code is not Code.NOT_LOADED:
            yield finding
        elif label not in told:
            told.add(label)
            more = counts[label] - 1
            notes = (f"{more} more ids are of this namespace",) if more else ()
            yield finding._replace(diagnostic=replace(diagnostic, notes=notes))


class _Check:
    """The findings so far, without repetitions, and the commands to look at in the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.findings: list[Finding] = []
        self.commands: list[Command] = []
        self._seen: set[tuple[object, ...]] = set()
        self._index: JobIndex | None = None

    def add(self, diagnostics: Iterable[Diagnostic], unit: Unit | None) -> None:
        """Keep what was not found before."""
        for diagnostic in diagnostics:
            span = diagnostic.span
            place = (id(span.source), span.start, span.end) if span else None
            key = (diagnostic.code, place, diagnostic.message)
            if key not in self._seen:
                self._seen.add(key)
                self.findings.append(Finding(diagnostic, unit))

    def unit(self, unit: Unit) -> None:
        """Apply the rules for one unit."""
        self.add(_one_for_both([*unit.problems(), *self._rules(unit)]), unit)
        if isinstance(unit, Job):
            self.command(unit, unit)

    def command(self, unit: Unit, job: Job) -> None:
        """Keep a command for later."""
        command = command_of(unit, job)
        if command is not None:
            self.commands.append(command)

    def _rules(self, unit: Unit) -> Iterator[Diagnostic]:
        world = self.world
        yield from fields(unit)
        yield from references(unit, world)
        yield from expressions(unit, world)
        yield from portability(unit)
        if isinstance(unit, Job):
            yield from sections_of(unit)
            yield from siblings(unit, world.catalog)
        elif isinstance(unit, TestPlan):
            yield from plan_lines(unit, world)
            yield from override_order(unit, self.index)
        elif isinstance(unit, Template):
            yield from self._template(unit)

    @property
    def index(self) -> JobIndex:
        """The jobs that overrides may be about."""
        if self._index is None:
            self._index = JobIndex(self.world.catalog.jobs)
        return self._index

    def _template(self, template: Template) -> Iterator[Diagnostic]:
        sample = sample_of(template)
        if sample is None:
            return
        yield from problems_of(template, sample)
        if not sample.flaws:
            yield from dotted_parameters(template, sample.skeleton)
        yield from references(sample.with_holes, self.world)
        yield from expressions(sample.unit, self.world, sample.varying)
        yield from portability(sample.unit)
        if isinstance(sample.unit, Job):
            yield from sections_of(sample.unit)
            if not sample.flaws:
                self.command(template, sample.unit)
