"""Which fields the unit of a record can have, in which order, and in which language they are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plainbox.fields import Unit
from plainbox.templating.expansion import DEFAULT, JINJA
from plainbox.units import Job, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.fields import Field
    from plainbox.records import Record


def declared(record: Record) -> Mapping[str, Field[Any]]:
    """The fields by key, old names included, in their order; none for an unknown type.

    Those of a template are its own and then those of the units that it makes.
    """
    kind, made = record.get("unit"), record.get("template-unit")
    return _declared(
        str(kind.value) if kind else Job.type_name, str(made.value) if made else Job.type_name
    )


def language(record: Record, key: str) -> str:
    """The language of templates that a field is in; empty where it stands for itself."""
    engine, kind = record.get("template-engine"), record.get("unit")
    name = str(engine.value) if engine else DEFAULT
    if kind is None or kind.value != Template.type_name:
        return name if name == JINJA else ""
    return "" if is_own(key) or key == "unit" else name


def is_own(key: str) -> bool:
    """Whether a field of a template belongs to itself, not to its instances."""
    return key.removeprefix("_").startswith("template-")


@lru_cache(maxsize=64)
def _declared(kind: str, made: str) -> Mapping[str, Field[Any]]:
    fields = dict(Unit.types[kind].fields) if kind in Unit.types else {}
    if kind == Template.type_name:
        others = dict(Unit.types[made].fields) if made in Unit.types else {}
        own = {key: field for key, field in fields.items() if is_own(key) or key == "unit"}
        fields = {**own, **{key: field for key, field in others.items() if key not in own}}
    found: dict[str, Field[Any]] = {}
    for key, field in fields.items():
        for name in (key, *field.aliases):
            found.setdefault(name, field)
    return found
