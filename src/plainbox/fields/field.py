"""A field of a unit type, declared once: everything else is derived from the declaration.

`Job.plugin` is the field, with its key, kind and help; `job.plugin` is its value, read when
first asked for and kept with the unit. Bad text gives the default, or the value that says
"absent", and leaves a diagnostic with the unit. Three constructors make fields, because what a
unit without the field has differs::

    mandatory   the absent value and a diagnostic, unless `otherwise` knows one
    optional    None
    defaulted   the value of a default, which is text in the language of units
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

from plainbox.diagnostics import Code, Diagnostic, Edit, Fix
from plainbox.fields.kinds import Made
from plainbox.fields.reading import BadValue, Fault, Reading
from plainbox.spelling import is_slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol, TypedDict

    from typing_extensions import Unpack

    from plainbox.fields.kinds import Kind
    from plainbox.fields.owner import Owner
    from plainbox.fields.reading import Place
    from plainbox.records import Entry, Record
    from plainbox.text import Span

    class Bearer(Protocol):
        """What a field asks of the unit that has it."""

        record: Record
        owner: Owner

        def note(self, key: str, diagnostic: Diagnostic) -> None:
            """Keep what is wrong with a field."""

        def span(self, key: str) -> Span:
            """The place of a field, or of the id where there is no such field."""

        def place(self, entry: Entry, place: Place | None) -> Span:
            """The place of a value or a part of it."""

    class Traits(TypedDict, total=False):
        """What a declaration may say besides kind and help."""

        key: str
        translatable: bool
        aliases: tuple[str, ...]
        otherwise: Callable[[Any], Any]
        instead: tuple[str, ...]
        in_templates: str


T = TypeVar("T")
ALIKE: Final = "alike"
DIFFER: Final = "differ"
_NOTHING: Final = object()


class Field(Generic[T]):
    """One field: how it is written (`key`), read (`kind`), explained (`help`) and defaulted.

    `name` is the attribute, `default` the text that stands for a missing field (`None` where
    there is none), `mandatory` whether a unit without it is wrong, `translatable` whether
    people read it in their own language, `otherwise` a function of the unit that knows a value
    where the field is missing, and `instead` the keys of the fields that it looks at.
    `in_templates` says whether the instances of a template have to be `ALIKE` in it, or have to
    `DIFFER`.
    """

    key: str
    name: str

    def __init__(
        self,
        kind: Kind[Any],
        help: str,  # noqa: A002 - what argparse calls it too
        *,
        absent: Any = None,
        default: str | None = None,
        **traits: Unpack[Traits],
    ) -> None:
        self.kind = kind
        self.help = help
        self.default = default
        self.mandatory = False
        self.key = traits.get("key", "")
        self.translatable = traits.get("translatable", False)
        self.aliases = traits.get("aliases", ())
        self.otherwise = traits.get("otherwise")
        self.instead = traits.get("instead", ())
        self.in_templates = traits.get("in_templates", "")
        self._absent: Any = absent if default is None else _NOTHING

    def __set_name__(self, owner: type[object], name: str) -> None:
        self.name = name
        self.key = self.key or name
        self._marked = f"_{self.key}"

    def __repr__(self) -> str:
        return f"<field {self.key}>"

    @overload
    def __get__(self, unit: None, owner: type[object]) -> Field[T]: ...
    @overload
    def __get__(self, unit: object, owner: type[object] | None = None) -> T: ...
    def __get__(self, unit: Any, owner: type[object] | None = None) -> Field[T] | T:
        if unit is None:
            return self
        value = self._read(unit)
        unit.__dict__[self.name] = value  # found there the next time, without coming here
        return value

    def entry(self, unit: Bearer) -> Entry | None:
        """The field as the unit has it, `_key` first; an empty YAML value is no field."""
        entries = unit.record.entries
        entry = entries.get(self._marked) or entries.get(self.key)
        for alias in self.aliases if entry is None else ():
            entry = entry or unit.record.get(alias)
        if entry is None or entry.value is None:
            return None
        return None if self.kind.empty_is_absent and entry.value == "" else entry

    def absent(self) -> T:
        """The value of a unit that has no such field, or one that cannot be read."""
        if self._absent is _NOTHING:
            self._absent = self.kind.parse(self.default, Reading(""))
        value: T = self._absent
        return value

    def matters(self, unit: Bearer) -> bool:
        """Whether there is anything about the field that could be wrong in a unit."""
        if self.mandatory or self.otherwise or self.aliases:
            return True
        entries = unit.record.entries
        return self.key in entries or self._marked in entries

    def check(self, unit: Bearer) -> Iterator[Diagnostic]:
        """What is unwise in a value that can be read."""
        if not self.kind.checks:
            return
        entry = self.entry(unit)
        if entry is not None:
            value = getattr(unit, self.name)
            reading = Reading(unit.owner.namespace)
            self.kind.check(value, reading)
            for fault in reading.faults:
                yield self._diagnostic(unit, entry, fault)

    def _read(self, unit: Bearer) -> T:
        entry = self.entry(unit)
        if entry is None:
            return self._missing(unit)
        reading = Reading(unit.owner.namespace)
        value: T
        try:
            value = self.kind.parse(entry.value, reading)
        except BadValue as bad:
            reading.faults.append(bad.fault)
            value = self.absent()
        for fault in reading.faults:
            unit.note(self.key, self._diagnostic(unit, entry, fault))
        return value

    def _missing(self, unit: Bearer) -> T:
        value: T | None = self.otherwise(unit) if self.otherwise else None
        if value is not None:
            return value
        if self.mandatory:
            message = f"missing field {self.key!r}"
            unit.note(self.key, Diagnostic(Code.MISSING_FIELD, message, unit.span(self.key)))
        return self.absent()

    def _diagnostic(self, unit: Bearer, entry: Entry, fault: Fault) -> Diagnostic:
        span = unit.place(entry, fault.place)
        message = f"{self.key}: {fault.message}"
        fix = replacement(span, fault.meant) if fault.meant else None
        return Diagnostic(fault.code, message, span, notes=fault.notes, fix=fix)


def replacement(span: Span, meant: str, prefix: str = "") -> Fix:
    """The fix that puts what was meant where a misspelt word stands.

    It is safe where no other word can have been meant; `prefix` is what stands before both.
    """
    written = span.text
    safe = is_slip(written, meant)
    return Fix(f"did you mean '{prefix}{meant}'?", (Edit(span, meant),), safe=safe)


def accessor(function: Callable[[str], T]) -> Field[T | None]:
    """Declare an optional field by a function that reads its text; its docstring is the help.

    What the function refuses with a `ValueError` is a diagnostic with that message.
    """
    return Field(Made(function), " ".join((function.__doc__ or "").split()))


def mandatory(
    kind: Kind[T],
    help: str,  # noqa: A002
    *,
    absent: T,
    **traits: Unpack[Traits],
) -> Field[T]:
    """Declare a field that every unit needs; `absent` is what a unit without it shows."""
    field: Field[T] = Field(kind, help, absent=absent, **traits)
    field.mandatory = True
    return field


def optional(
    kind: Kind[T],
    help: str,  # noqa: A002
    **traits: Unpack[Traits],
) -> Field[T | None]:
    """Declare a field that may be missing, which gives `None`."""
    return Field(kind, help, **traits)


def defaulted(
    kind: Kind[T],
    default: str,
    help: str,  # noqa: A002
    **traits: Unpack[Traits],
) -> Field[T]:
    """Declare a field that may be missing, which gives what the text `default` means."""
    return Field(kind, help, default=default, **traits)
