"""Ids that name other units: whether these exist, and whether they are of the right kind.

Which fields hold ids, and of what, is known from their kinds. A field that cannot be read is left
alone, for its ids may not be what they seem.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from plainbox.checking.having import fields_of
from plainbox.checking.world import HOLE, MANIFEST, PROVIDED
from plainbox.diagnostics import Code, Diagnostic, Label, Severity
from plainbox.expressions.nodes import attributes
from plainbox.fields import Place, Reference, Requirements, UnitIds, replacement
from plainbox.fields.programs import Imports
from plainbox.ids import SEPARATOR, namespace_of
from plainbox.units import Job, JobKind, SetupJob, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plainbox.checking.world import World
    from plainbox.fields import Import, Requirement, Unit
    from plainbox.text import Span

_CODES: Final = {
    "test plan": Code.UNKNOWN_PLAN,
    "category": Code.UNKNOWN_CATEGORY,
    "manifest entry": Code.UNKNOWN_MANIFEST,
}
_CONSEQUENCES: Final = {
    "depends": "it can never run: it waits for a job that does not exist",
    "after": "it can never run: it waits for a job that does not exist",
    "requires": "it can never run: nothing prints these records",
    "imports": "it can never run: nothing prints these records",
    "salvages": "it can never run: only the failure of these jobs starts it",
    "template-resource": "it makes no units: nothing prints the records for them",
    "template-imports": "it makes no units: nothing prints the records for them",
}
_HARMLESS: Final = frozenset({"before", "bootstrap_include", "setup_include"})


class Named:
    """An id that a field holds: what it has to name, and where it stands."""

    def __init__(
        self, key: str, to: str, full_id: str, place: Callable[[], Span], *, automated: bool = False
    ) -> None:
        self.key = key
        self.to = to
        self.full_id = full_id
        self.automated = automated
        self._place = place

    @cached_property
    def span(self) -> Span:
        """Where it stands, looked up when somebody asks."""
        return self._place()


def references(unit: Unit, world: World) -> Iterator[Diagnostic]:
    """What is wrong with the ids that a unit names."""
    for named in (*_named(unit), *_required(unit)):
        yield from _check(unit, named, world)
    yield from _resources(unit, world)


def _named(unit: Unit) -> Iterator[Named]:
    for key, field, _ in fields_of(unit, (UnitIds, Reference)):
        kind = field.kind
        if not isinstance(kind, (UnitIds, Reference)):
            continue
        value: str | tuple[str, ...] = getattr(unit, field.name)
        if key in unit.bad_fields:
            continue
        to = kind.to
        if isinstance(value, str):
            yield Named(key, to, value, partial(unit.span, key))
            continue
        automated = to == "setup job" or (isinstance(kind, UnitIds) and kind.automated)
        for full_id in value:
            place = partial(unit.id_span, key, full_id)
            yield Named(key, to, full_id, place, automated=automated)


def _required(unit: Unit) -> Iterator[Named]:
    """The manifest entries that a setup job requires."""
    for key, field, _ in fields_of(unit, Requirements):
        requirements: tuple[Requirement, ...] = getattr(unit, field.name)
        if key not in unit.bad_fields:
            for requirement in requirements:
                place = partial(unit.span, key)
                yield Named(key, "manifest entry", requirement.id, place)


def _check(unit: Unit, named: Named, world: World) -> Iterator[Diagnostic]:
    if HOLE in named.full_id:
        if named.to == "job" and not world.could_be(named.full_id):
            yield _unknown(unit, named, world)
        return
    if named.to not in ("job", "setup job"):
        if world.unit(named.to, named.full_id) is None:
            yield _unknown(unit, named, world)
        return
    if named.full_id in PROVIDED:
        return
    job = world.job(named.full_id)
    if job is not None:
        wrong = _wrong_kind(named, job)
        if wrong:
            yield replace(wrong, others=(_there(job),))
    elif template := world.template(named.full_id):
        message = f"{named.key} names a template: '{_shown(named)}'"
        yield Diagnostic(
            Code.WRONG_KIND,
            message,
            named.span,
            "expected the id of a job that it makes",
            (_there(template),),
        )
    elif not world.could_be(named.full_id):
        yield _unknown(unit, named, world)


def _wrong_kind(named: Named, job: Job) -> Diagnostic | None:
    is_setup = isinstance(job, SetupJob)
    what = "setup job" if is_setup else "job"
    if is_setup != (named.to == "setup job"):
        return Diagnostic(
            Code.WRONG_KIND,
            f"{named.key} names a {what}: '{_shown(named)}'",
            named.span,
            f"expected a {named.to}",
        )
    if named.automated and not job.plugin.automated:
        return Diagnostic(
            Code.WRONG_KIND,
            f"{named.key} names a job that needs a person: '{_shown(named)}'",
            named.span,
            f"{job.plugin.value} jobs are not automated",
        )
    return None


def _resources(unit: Unit, world: World) -> Iterator[Diagnostic]:
    """The resource jobs that imports, programs and templates name."""
    imported: set[str] = set()
    for key, statement, place in _imports(unit):
        imported.add(statement.alias)
        yield from _resource(unit, Named(key, "job", statement.full_id, place), world)
    if isinstance(unit, Template) and unit.template_resource:
        key = "template-resource"
        if unit.resource_name not in imported and key not in unit.bad_fields:
            named = Named(key, "job", unit.template_resource, partial(unit.span, key))
            yield from _resource(unit, named, world)
    if isinstance(unit, Job) and unit.requires.names:
        inherited = unit.instance.imports if unit.instance else ()
        imported.update(statement.alias for statement in inherited)
        for name, full_id in unit.resources.items():
            if name not in imported and "imports" not in unit.bad_fields:
                named = Named("requires", "job", full_id, partial(_use, unit, name))
                yield from _resource(unit, named, world)


def _imports(unit: Unit) -> Iterator[tuple[str, Import, Callable[[], Span]]]:
    """The import statements of a unit, each with a way to the id that it names."""
    for key, field, _ in fields_of(unit, Imports):
        statements: tuple[Import, ...] = getattr(unit, field.name)
        if key not in unit.bad_fields:
            for statement in statements:
                yield key, statement, partial(_import_place, unit, key, statement)


def _import_place(unit: Unit, key: str, statement: Import) -> Span:
    entry, kind = unit.record.get(key), unit.fields[key].kind
    if entry is None or not isinstance(kind, Imports):
        return unit.span(key)
    return unit.span(key, kind.place(entry.value, statement))


def _use(job: Job, name: str) -> Span:
    """The first place where `requires` uses the name of a resource."""
    entry = job.record.get("requires")
    for expression in job.requires.expressions:
        uses = (use for use in attributes(expression.node) if use.resource == name)
        found = next(uses, None)
        if found is not None and entry is not None:
            path = (expression.item,) if isinstance(entry.value, list) else ()
            return job.span("requires", Place(found.start, found.end, path))
    return job.span("requires")


def _resource(unit: Unit, named: Named, world: World) -> Iterator[Diagnostic]:
    if named.full_id == MANIFEST or HOLE in named.full_id:
        return
    job = world.job(named.full_id)
    if job is None:
        if not world.could_be(named.full_id):
            yield _unknown(unit, named, world)
    elif job.plugin is not JobKind.RESOURCE and not {"plugin"} & job.bad_fields:
        yield Diagnostic(
            Code.WRONG_KIND,
            f"{named.key} names a job that is not a resource job: '{_shown(named)}'",
            named.span,
            f"{job.plugin.value} jobs print no records",
            (_there(job),),
        )


def _unknown(unit: Unit, named: Named, world: World) -> Diagnostic:
    namespace = namespace_of(named.full_id)
    shown = _shown(named)
    if not world.is_loaded(namespace):
        return Diagnostic(
            Code.NOT_LOADED,
            f"{named.key} names a {named.to} of a provider that is not loaded: '{shown}'",
            named.span,
            f"no loaded provider has the namespace '{namespace}'",
        )
    harmless = named.key in _HARMLESS
    code = _CODES.get(named.to, Code.UNKNOWN_JOB)
    consequence = _CONSEQUENCES.get(named.key)
    notes = (consequence,) if consequence else ()
    diagnostic = Diagnostic(
        code,
        f"{named.key} names no {named.to}: '{shown}'",
        named.span,
        f"no {named.to} '{shown}' in {namespace or 'what is checked'}",
        _in_this(unit, named),
        notes,
        level=Severity.WARNING if harmless else None,
    )
    return with_meant(diagnostic, named, unit.namespace, world)


def with_meant(diagnostic: Diagnostic, named: Named, namespace: str, world: World) -> Diagnostic:
    """A diagnostic about an unknown id, and the unit that may be meant."""
    if HOLE in named.full_id:
        return diagnostic
    if named.key == "requires" and named.full_id.endswith(SEPARATOR + "manifest"):
        hint = "add 'imports: from com.canonical.plainbox import manifest'"
        return replace(diagnostic, notes=(hint, *diagnostic.notes))
    meant = world.meant(named.to, named.full_id)
    if meant is None:
        return diagnostic
    written = named.span.text
    own = namespace + SEPARATOR if SEPARATOR not in written else ""
    name = meant.id.removeprefix(own) if own != SEPARATOR else meant.id
    if named.key in ("requires", "imports", "template-imports"):
        name = meant.id.rpartition(SEPARATOR)[2]
    place = meant.span("id")
    where = f"({place.source.name}:{place.line})"
    if named.span.text not in (named.full_id, _shown(named)):
        return replace(diagnostic, notes=(f"did you mean '{name}' {where}?", *diagnostic.notes))
    fix = replace(replacement(named.span, name), title=f"did you mean '{name}' {where}?")
    return replace(diagnostic, fix=fix)


def _shown(named: Named) -> str:
    """The id as it is written, parameters as dots."""
    text = named.full_id
    if SEPARATOR not in named.span.text:
        text = text.rpartition(SEPARATOR)[2]
    return text.replace(HOLE, "…")


def _in_this(unit: Unit, named: Named) -> tuple[Label, ...]:
    """The id of the unit, where it stands on another line."""
    if unit.record.get("id") is None:
        return ()
    span = unit.span("id")
    return () if span.line == named.span.line else (Label(span, f"in this {unit.kind}"),)


def _there(unit: Unit) -> Label:
    return Label(unit.span("id"), "this one")
