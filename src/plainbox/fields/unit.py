"""What all unit types have in common: a record, an owner, fields read when asked for, rules.

A unit type is a class of fields and rules::

    class Category(Unit):
        type_name = "category"
        name = mandatory(Line(80), "Title shown above the jobs.", absent="")

        @rule
        def not_shouted(self) -> Iterator[Diagnostic]:
            if self.name.isupper():
                yield self.finding("name", Code.LONG_TITLE, "name: expected lower case")

A rule that read a field which is itself bad stays silent: one mistake gives one message.

A package adds fields and rules to a type of somebody else by an extension::

    class Inventory(Extension, of=Job):
        shelf = optional(Line(), "Shelf where the parts for the test are.")
"""

from __future__ import annotations

from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields.checksum import checksum
from plainbox.fields.field import Field, defaulted
from plainbox.fields.kinds import Line
from plainbox.fields.words import UnitId, UnitIds
from plainbox.ids import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from plainbox.diagnostics import Fix
    from plainbox.fields.owner import Instance, Owner
    from plainbox.fields.reading import Place
    from plainbox.records import Entry, Record
    from plainbox.text import Span

U = TypeVar("U", bound="Unit")


class Rule:
    """A check across fields: a method of a unit type that yields diagnostics."""

    def __init__(self, function: Callable[[Any], Iterator[Diagnostic]]) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self.name = function.__name__

    def findings(self, unit: Unit) -> list[Diagnostic]:
        """What the rule finds, unless it read a field that is itself bad."""
        if not unit.bad_fields:
            return list(self.function(unit))
        watch = _Watch(unit)
        found = list(self.function(watch))
        return [] if watch.read & unit.bad_fields else found


def rule(function: Callable[[U], Iterator[Diagnostic]]) -> Rule:
    """Make a method a rule of its unit type."""
    return Rule(function)


class Unit:
    """A record that means something; `fields` are those of its type by key, in their order."""

    type_name: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Field[Any]]] = {}
    rules: ClassVar[Mapping[str, Rule]] = {}
    types: ClassVar[dict[str, type[Unit]]] = {}
    makes: ClassVar[str] = ""
    """Key of the field that names the type of the units whose fields it has besides its own."""

    unit = defaulted(Line(), "job", "Type of the unit.")
    id: Field[str] = Field(UnitId(), "Name of the unit, unique in its namespace.", absent="")

    def __init__(self, record: Record, owner: Owner, instance: Instance | None = None) -> None:
        self.record = record
        self.owner = owner
        self.instance = instance

    def __init_subclass__(cls) -> None:
        name = vars(cls).get("type_name")
        if name is not None:
            first = Unit.types.setdefault(name, cls)
            if (first.__module__, first.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"the unit type {name!r} is there already: {first.__qualname__}")
            Unit.types[name] = cls
        cls.collect()

    @classmethod
    def collect(cls) -> None:
        """Find the fields and rules that the class and its bases declare, and those below it."""
        fields: dict[str, Field[Any]] = {"unit": Unit.unit}
        rules: dict[str, Rule] = {}
        for base in reversed(cls.__mro__):
            for name, member in vars(base).items() if base is not Unit else ():
                if isinstance(member, Field):
                    fields[member.key] = member
                elif isinstance(member, Rule):
                    rules[name] = member
        cls.fields = fields
        cls.rules = rules
        for derived in cls.__subclasses__():
            derived.collect()

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id}>"

    @property
    def kind(self) -> str:
        """The name of its type, as the field `unit` has it."""
        return self.unit

    @property
    def namespace(self) -> str:
        """The namespace of its provider."""
        return self.owner.namespace

    @property
    def partial_id(self) -> str:
        """Its id as written, without the namespace."""
        return self.id.removeprefix(self.owner.namespace + SEPARATOR)

    @cached_property
    def checksum(self) -> str:
        """What tells it from every other unit: SHA-256 of its fields as written."""
        instance = self.instance
        if instance is None:
            return checksum(self.record.data(), self.namespace)
        return checksum(instance.data, self.namespace, instance.parameters)

    def text(self, key: str) -> str | None:
        """The text of any field, `_key` first; items of a list become lines."""
        entry = self.record.get(key)
        if entry is None or entry.value is None:
            return None
        if isinstance(entry.value, list):
            return "\n".join(str(item) for item in entry.value)
        return str(entry.value)

    def known_keys(self) -> frozenset[str]:
        """The keys that mean something in it or that its provider declares, without any `_`."""
        found = {*self.keys(), *self.owner.fields}
        if self.makes:
            made = Unit.types.get(getattr(self, self.fields[self.makes].name))
            found.update(made.keys() if made else ())
        return frozenset(found)

    @classmethod
    def keys(cls) -> Iterator[str]:
        """The keys of the fields of the type, old ones included."""
        for key, field in cls.fields.items():
            yield key
            yield from field.aliases

    def span(self, key: str, place: Place | None = None) -> Span:
        """The place of a field's value or a part of it; of the id where there is no such field."""
        entry = self.record.get(key)
        if entry is not None:
            return self.place(entry, place)
        entry = self.record.get("id") or next(iter(self.record.entries.values()))
        return self.place(entry, None)

    def place(self, entry: Entry, place: Place | None) -> Span:
        """The place of a value or a part of it."""
        if place is None:
            return self.record.value_span(entry)
        if place.end == 0:
            return self.record.item_span(entry, place.path)
        return self.record.item_span(entry, place.path, place.start, place.end)

    def id_span(self, key: str, full_id: str) -> Span:
        """Where a list of ids names a unit."""
        kind = self.fields[key].kind
        entry = self.record.get(key)
        if entry is None or not isinstance(kind, UnitIds):
            return self.span(key)
        return self.place(entry, kind.place(entry.value, full_id, self.namespace))

    def finding(
        self,
        key: str,
        code: Code,
        message: str,
        place: Place | None = None,
        fix: Fix | None = None,
    ) -> Diagnostic:
        """A diagnostic about a field, or a part of its value."""
        return Diagnostic(code, message, self.span(key, place), fix=fix)

    def note(self, key: str, diagnostic: Diagnostic) -> None:
        """Keep what is wrong with a field; the fields themselves call this."""
        self._notes.setdefault(key, []).append(diagnostic)

    @cached_property
    def _notes(self) -> dict[str, list[Diagnostic]]:
        return {}

    @property
    def bad_fields(self) -> set[str]:
        """The keys of the fields read so far that have something wrong with them."""
        return set(self.__dict__.get("_notes", ()))

    def problems(self) -> list[Diagnostic]:
        """What is wrong with the unit by itself, in the order of its text."""
        found: list[Diagnostic] = []
        fields = {key: field for key, field in self.fields.items() if field.matters(self)}
        for field in fields.values():
            getattr(self, field.name)
        for key, field in fields.items():
            notes = self._notes.get(key)
            found.extend(notes or field.check(self))
        for each in self.rules.values():
            found.extend(each.findings(self))
        return sorted(found, key=_position)


class Extension:
    """Fields and rules that are added to a unit type where the class is defined, once.

    Methods and properties come along. Nothing that the type has already can be replaced.
    """

    def __init_subclass__(cls, *, of: type[Unit]) -> None:
        members = {name: member for name, member in vars(cls).items() if not name.startswith("__")}
        known = set(of.keys())
        for name, member in members.items():
            keys = {member.key, *member.aliases} if isinstance(member, Field) else set()
            if hasattr(of, name) or keys & known:
                raise TypeError(f"{of.type_name} has {name!r} already")
        for name, member in members.items():
            setattr(of, name, member)
        of.collect()


def _position(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start if diagnostic.span else 0


class _Watch:
    """A unit as a rule sees it that must not build on bad fields: it keeps what is read."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        member = getattr(type(self._unit), name, None)
        if isinstance(member, Field):
            self.read.add(member.key)
        elif isinstance(member, FunctionType):
            return member.__get__(self)
        elif isinstance(member, property) and member.fget:
            return member.fget(self)
        return getattr(self._unit, name)
