"""The making of one template's instances: units, and what there is to say about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from plainbox.diagnostics import Code, Diagnostic, Severity
from plainbox.fields import Instance
from plainbox.templating import Skeleton, instance_record

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from plainbox.diagnostics import Sink
    from plainbox.fields import Field, Unit
    from plainbox.templating import Flaw
    from plainbox.units import Template


class Making:
    """The instances of a template, in the order in which they are added.

    What is wrong for one reason with many of them is reported once, for the first.
    """

    def __init__(
        self, template: Template, kind: type[Unit], extras: Mapping[str, object] | None
    ) -> None:
        self.units: list[Unit] = []
        self._template = template
        self._kind = kind
        bare = instance_record(template.record, template.template_id)
        self._data = bare.data()
        engine = template.text("template-engine") or "default"
        self._skeleton = Skeleton(bare, engine, template.variable, extras)
        varying = {key.removeprefix("_") for key in self._skeleton.varying}
        self._fields = [field for key, field in kind.fields.items() if key in varying]
        self._harmless: set[str] | None = None
        self._repeated: dict[str, list[int]] = {}
        self._wrong: dict[Hashable, tuple[Diagnostic, list[int]]] = {}

    def add(self, record: Mapping[str, str], index: int) -> None:
        """Make the unit of a record, the `index`-th that the filter lets through."""
        template = self._template
        made = self._skeleton.expand(record, index)
        instance = Instance(
            template_id=template.template_id,
            resource_id=template.template_resource,
            index=index,
            record=record,
            parameters=made.parameters,
            data=self._data,
            imports=template.template_imports,
        )
        unit = self._kind(made.record, template.owner, instance)
        if unit.id:
            places = self._repeated.setdefault(unit.id, [])
            places.append(index)
            if len(places) > 1:
                return
        if made.flaws:
            errors = [self._flaw(flaw, index) for flaw in made.flaws]
        else:
            errors = [self._problem(found, index) for found in self._errors(unit)]
        if errors:
            unit.instance = replace(instance, errors=tuple(errors))
        self.units.append(unit)

    def report(self, sink: Sink) -> None:
        """Say what is wrong."""
        for diagnostic, places in self._wrong.values():
            notes = (f"it is the first of {len(places)}",) if len(places) > 1 else ()
            sink.add(replace(diagnostic, notes=(*diagnostic.notes, *notes)))
        for unit_id, places in self._repeated.items():
            if len(places) > 1:
                message = f"{len(places)} records of {self._resource!r} make {unit_id!r}"
                span = self._template.span("id")
                notes = (f"record {places[0]} counts, the others are ignored",)
                sink.add(Diagnostic(Code.DUPLICATE_INSTANCE, message, span, notes=notes))

    @property
    def _resource(self) -> str:
        return self._template.template_resource

    def _errors(self, unit: Unit) -> list[Diagnostic]:
        """The errors of a unit; what no parameter changes is looked at in the first one only."""
        if self._harmless is not None and self._sound(unit, self._harmless):
            return []
        errors = [found for found in unit.problems() if found.severity is Severity.ERROR]
        if self._harmless is None and not errors:
            self._harmless = unit.bad_fields - {field.key for field in self._fields}
        return errors

    def _sound(self, unit: Unit, harmless: set[str]) -> bool:
        """Whether a unit has no error in what parameters can change."""
        found = [wrong for field in self._fields for wrong in _read(field, unit)]
        if not unit.bad_fields <= harmless:
            return False
        found += [wrong for rule in unit.rules.values() for wrong in rule.findings(unit)]
        return all(wrong.severity is not Severity.ERROR for wrong in found)

    def _flaw(self, flaw: Flaw, index: int) -> str:
        key = (flaw.entry.key, flaw.path, flaw.fault.start)
        if key not in self._wrong:
            message = self._message(flaw.message, index)
            self._wrong[key] = (Diagnostic(Code.BAD_TEMPLATE, message, flaw.span()), [])
        self._wrong[key][1].append(index)
        return self._message(flaw.message, index)

    def _problem(self, found: Diagnostic, index: int) -> str:
        message = self._message(found.message, index)
        wrong = replace(found, message=message)
        self._wrong.setdefault((found.code, found.span), (wrong, []))[1].append(index)
        return message

    def _message(self, text: str, index: int) -> str:
        template = self._template.template_id
        return f"template {template!r}, record {index} of {self._resource!r}: {text}"


def _read(field: Field[Any], unit: Unit) -> Iterator[Diagnostic]:
    """Read a field, and find what is unwise in it."""
    getattr(unit, field.name)
    return field.check(unit)
