"""From the record of a template to the records of its instances.

A `Skeleton` is a template made ready once: each text parsed, what never changes set apart. An
`Expansion` is one instance: a record like any other, whose entries stand where the template's
do, the parameters that it used, and what could not be filled in. Of the template's own fields,
those that begin with `template-`, an instance has only its engine and its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from plainbox.ids import partial
from plainbox.records import DerivedEntry, Entry, Record
from plainbox.templating.formats import Format, Slot, parse_format
from plainbox.templating.jinja import EXTRAS, Script, parse_script
from plainbox.templating.scope import INDEX, Fault, Mentions, placeholder, scope_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from plainbox.text import Span

    Path: TypeAlias = tuple[int | str, ...]
    Text: TypeAlias = Format | Script
    Value: TypeAlias = Any

DEFAULT: Final = "default"
JINJA: Final = "jinja2"
ENGINES: Final = (DEFAULT, JINJA)
"""The languages that the texts of a template can be in."""

_OWN = "template-"


class Flaw(NamedTuple):
    """A fault and where it is: in the value, or in an item of it, of an entry of the template."""

    entry: Entry
    path: Path
    fault: Fault

    @property
    def message(self) -> str:
        """What is wrong with which field."""
        return f"field {self.entry.key.removeprefix('_')!r}: {self.fault.message}"

    def span(self) -> Span:
        """The characters that are wrong."""
        record = Record(self.entry.source, {}, self.entry.line, self.entry.last_line)
        return record.item_span(self.entry, self.path, self.fault.start, self.fault.end)


class Expansion(NamedTuple):
    """One instance: its record, the parameters that it uses, and what is wrong with it."""

    record: Record
    parameters: dict[str, object]
    flaws: tuple[Flaw, ...]


class FilledEntry(DerivedEntry):
    """A text made of a template's; its characters lead back to those that they were made of."""

    __slots__ = ("_scope", "_text")

    def __init__(
        self, origin: Entry, value: object, text: Text, scope: Mapping[str, object]
    ) -> None:
        super().__init__(origin, origin.key, value)
        self._text = text
        self._scope = scope

    @property
    def raw(self) -> object:
        """The text of the template: translators know nothing of records."""
        return self.origin.raw

    def value_range(
        self, path: Sequence[int | str] = (), start: int | None = None, end: int | None = None
    ) -> tuple[int, int]:
        """Where the template has what these characters were made of."""
        if start is None:
            return self.origin.value_range(path)
        last = len(str(self.value)) if end is None else end
        if not isinstance(self._text, Format):
            return self._lines_of_origin(path, start, last)
        return self.origin.value_range(path, *self._text.origin(self._scope, start, last))

    def _lines_of_origin(self, path: Sequence[int | str], start: int, end: int) -> tuple[int, int]:
        """The lines that characters come from, if rendering has left the lines as they were."""
        made, written = str(self.value), str(self.origin.value)
        if path or made.count("\n") != written.count("\n"):
            return self.origin.value_range(path)
        lines = written.split("\n")
        first = made.count("\n", 0, start)
        final = made.count("\n", 0, max(start, end - 1))
        begin = sum(len(line) + 1 for line in lines[:first])
        length = sum(len(line) + 1 for line in lines[first : final + 1]) - 1
        indent = len(lines[first]) - len(lines[first].lstrip())
        return self.origin.value_range(path, begin + indent, begin + length)


class Skeleton:
    """A record whose texts are ready to be filled in, over and over.

    `record` is the instance's before that; `resource` is the name that stands for a whole
    record of the resource; `extras` are further variables, for texts in Jinja2 only.
    """

    def __init__(
        self,
        record: Record,
        engine: str = DEFAULT,
        resource: str = "",
        extras: Mapping[str, object] | None = None,
    ) -> None:
        self.record = record
        self._resource = resource
        self._extras = {**EXTRAS, **(extras or {})} if engine == JINJA else {}
        self._fixed: dict[str, Entry] = dict(record.entries)
        self._varying: list[tuple[Entry, Value]] = []
        self._flaws = tuple(_unknown_engine(record, engine))
        mentions = Mentions()
        for entry in record.entries.values():
            value = _parse(entry.value, parse_script if engine == JINJA else parse_format)
            texts = [text for _, text in _texts(value)]
            if all(text.constant for text in texts):
                fixed, _ = _fill(value, {})
                if fixed != entry.value:
                    self._fixed[entry.key] = DerivedEntry(entry, entry.key, fixed)
                continue
            self._varying.append((entry, value))
            for text in texts:
                mentions |= text.mentions(resource)
        self._whole = mentions.whole
        self._by_steps = bool(mentions.reached) or mentions.whole
        self._named = sorted(mentions.names)
        self._reached = sorted(mentions.names | mentions.reached)

    @property
    def varying(self) -> list[str]:
        """The keys of the entries that differ from record to record."""
        return [entry.key for entry, _ in self._varying]

    @property
    def parameters(self) -> list[str]:
        """The fields of a record that the texts mention, by whatever way they reach them."""
        beside = {INDEX, *self._extras}
        if self._by_steps:
            beside.add(self._resource)
        return [name for name in self._reached if name not in beside]

    def slots(self) -> Iterator[tuple[Entry, Path, Slot]]:
        """The replacement fields, each with the entry and the item of it that it stands in."""
        for entry, value in self._varying:
            for path, text in _texts(value):
                if isinstance(text, Format):
                    yield from ((entry, path, slot) for slot in text.slots)

    def expand(self, fields: Mapping[str, str], index: int) -> Expansion:
        """Fill one record in, the `index`-th that is."""
        scope = scope_of(fields, index, self._resource)
        if self._extras:
            scope |= self._extras
        entries = self._fixed.copy()
        flaws: list[Flaw] = list(self._flaws)
        for entry, value in self._varying:
            if isinstance(value, (Format, Script)):
                text, faults = value.render(scope)
                if faults:
                    flaws.extend(Flaw(entry, (), fault) for fault in faults)
                    text = self._countable(entry.key, text, index)
                entries[entry.key] = FilledEntry(entry, text, value, scope)
            else:
                filled, found = _fill(value, scope)
                flaws.extend(Flaw(entry, path, fault) for path, fault in found)
                entries[entry.key] = DerivedEntry(entry, entry.key, filled)
        record = self.record
        made = Record(record.source, entries, record.first_line, record.last_line)
        return Expansion(made, self._parameters(fields, index), _of_instance(flaws))

    def _parameters(self, fields: Mapping[str, str], index: int) -> dict[str, object]:
        """The fields that the texts mention, by whatever way they reach them."""
        wanted: Iterable[str] = self._named
        if self._resource not in fields:
            wanted = fields if self._whole else self._reached
        parameters: dict[str, object] = {name: fields[name] for name in wanted if name in fields}
        parameters[INDEX] = index
        return parameters

    def _countable(self, key: str, text: str, index: int) -> str:
        """An id that could not be made still differs from those of other records."""
        missing = placeholder(index)
        if key.removeprefix("_") != "id" or missing in text:
            return text
        template = self.record.get(f"{_OWN}id")
        return f"{partial(str(template.value))}_{missing}" if template else missing


def instance_record(record: Record, template_id: str) -> Record:
    """The record of a template's instances before anything is filled in.

    The template's own fields are gone, those that it passes on take their place.
    """
    kind, engine = record.get(f"{_OWN}unit"), record.get(f"{_OWN}engine")
    values = {key: value for key, value in record.data().items() if not key.startswith(_OWN)}
    if kind is not None and kind.value == "template":
        values |= _of_made_templates(record)
    else:
        values[f"{_OWN}engine"] = engine.value if engine else DEFAULT
        values[f"{_OWN}id"] = template_id
    values["unit"] = kind.value if kind else "job"
    return record.derived(values)


def _of_made_templates(record: Record) -> dict[str, object]:
    """What a template of templates says of those that it makes: `template-template-resource`."""
    return {
        key.removeprefix(_OWN): value
        for key, value in record.data().items()
        if key.startswith(_OWN + _OWN)
    }


def rendered(record: Record, extras: Mapping[str, object] | None = None) -> Expansion:
    """Fill in the record of a unit that asks for Jinja2 without being of a template."""
    return Skeleton(record, JINJA, extras=extras).expand({}, 0)


def _unknown_engine(record: Record, engine: str) -> Iterator[Flaw]:
    entry = record.get(f"{_OWN}engine")
    if engine not in ENGINES and entry is not None:
        message = f"{engine!r} is unknown, expected {' or '.join(ENGINES)}"
        yield Flaw(entry, (), Fault(message, 0, len(engine)))


def _of_instance(flaws: Iterable[Flaw]) -> tuple[Flaw, ...]:
    """The flaws of fields that instances have a use for."""
    return tuple(flaw for flaw in flaws if not flaw.entry.key.startswith("_" + _OWN))


def _parse(value: object, parse: Callable[[str], Text]) -> Value:
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, list):
        return [_parse(item, parse) for item in value]
    if isinstance(value, dict):
        return {key: _parse(item, parse) for key, item in value.items()}
    return value


def _texts(value: Value, path: Path = ()) -> Iterator[tuple[Path, Text]]:
    if isinstance(value, (Format, Script)):
        yield path, value
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, (*path, place))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))


def _fill(
    value: Value, scope: Mapping[str, object], path: Path = ()
) -> tuple[object, list[tuple[Path, Fault]]]:
    """The value with its texts filled in, and the faults by the path of the item."""
    if isinstance(value, (Format, Script)):
        text, faults = value.render(scope)
        return text, [(path, fault) for fault in faults]
    found: list[tuple[Path, Fault]] = []
    filled: object = value
    if isinstance(value, list):
        filled = [_collect(item, scope, (*path, at), found) for at, item in enumerate(value)]
    elif isinstance(value, dict):
        filled = {key: _collect(it, scope, (*path, key), found) for key, it in value.items()}
    return filled, found


def _collect(
    value: Value, scope: Mapping[str, object], path: Path, found: list[tuple[Path, Fault]]
) -> object:
    filled, faults = _fill(value, scope, path)
    found.extend(faults)
    return filled
