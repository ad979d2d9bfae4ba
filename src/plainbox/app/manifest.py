"""The manifest as a run sees it: the entries of the loaded providers and their values.

Of the places where a value can stand the first counts: the section `[manifest]` of the
configuration, the file of this machine, that of Checkbox. A hidden entry has its value from the
configuration alone. An entry that nobody has set stays unset; jobs read the default of its type.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from plainbox.diagnostics import Code, Diagnostic
from plainbox.machine.manifest import ManifestStore, Value, read_bool, read_natural
from plainbox.records import format_record
from plainbox.units.manifest_entry import ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plainbox.app.setup import Setup
    from plainbox.catalog import Catalog
    from plainbox.config import Settings
    from plainbox.diagnostics import Sink
    from plainbox.machine.manifest import Kept
    from plainbox.units import ManifestEntry


class Answer(NamedTuple):
    """The value of an entry and where it stands."""

    value: Value
    place: str


def read_value(entry: ManifestEntry, text: str) -> Value:
    """The value that a text means for an entry. Raise `ValueError`."""
    return read_natural(text) if entry.value_type is ValueType.NATURAL else read_bool(text)


def fits(entry: ManifestEntry, value: Value) -> bool:
    """Whether a value is of the type of an entry."""
    return isinstance(value, bool) is (entry.value_type is ValueType.BOOL)


def answers(
    catalog: Catalog, kept: Mapping[str, Kept], settings: Settings, sink: Sink
) -> dict[str, Answer]:
    """The entries of a catalog that have a value, by full id; values of a wrong type are told."""
    found: dict[str, Answer] = {}
    for entry_id, entry in catalog.manifests.items():
        stated = settings.manifest.get(entry_id)
        if stated is not None:
            try:
                found[entry_id] = Answer(read_value(entry, stated.text), stated.place)
            except ValueError as error:
                message = f"{stated.place}: {entry_id} cannot be {stated.text!r}: {error}"
                sink.add(Diagnostic(Code.BAD_CONFIG, message))
        elif entry_id in kept and not entry.hidden:
            value, place = kept[entry_id]
            if fits(entry, value):
                found[entry_id] = Answer(value, str(place))
            else:
                message = f"{place}: {entry_id} cannot be {value}: its type is another by now"
                sink.add(Diagnostic(Code.BAD_CONFIG, message))
    return found


def with_answers(setup: Setup, settings: Settings) -> Setup:
    """The same with what is set of the manifest. Raise `StorageError`."""
    kept = ManifestStore(settings.state_folder).read()
    found = answers(setup.catalog, kept, settings, setup.sink)
    return replace(setup, answers={key: answer.value for key, answer in found.items()})


def manifest_records(catalog: Catalog, values: Mapping[str, Value]) -> str:
    """What the manifest resource is to say: one record for each provider."""
    by_owner: dict[tuple[str, str], list[ManifestEntry]] = {}
    for entry in catalog.manifests.values():
        by_owner.setdefault((entry.namespace, entry.owner.name), []).append(entry)
    return "".join(
        format_record(
            {"ns": owner.namespace, "name": owner.name}
            | dict(_fields(by_owner.get((owner.namespace, owner.name), []), values))
        )
        for owner in catalog.owners
    )


def _fields(entries: list[ManifestEntry], values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """The keys of some entries and their values; a key that no record can have is left out."""
    for entry in entries:
        value = values.get(entry.id, entry.value_type.default)
        try:
            format_record({entry.resource_key: value})
        except ValueError:
            continue
        yield entry.resource_key, str(value)
