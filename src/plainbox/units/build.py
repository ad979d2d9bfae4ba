"""How a record becomes a unit: the field `unit` names the type, which is `job` by default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import Unit
from plainbox.units.category import Category
from plainbox.units.exporter import Exporter
from plainbox.units.job import Job
from plainbox.units.manifest_entry import ManifestEntry
from plainbox.units.other import BareUnit, FileUnit
from plainbox.units.packaging import PackagingMetaData
from plainbox.units.setup_job import SetupJob
from plainbox.units.template import Template
from plainbox.units.test_plan import TestPlan

if TYPE_CHECKING:
    from plainbox.diagnostics import Sink
    from plainbox.fields import Instance, Owner
    from plainbox.records import Record

BUILT_IN = (
    Job,
    SetupJob,
    Template,
    TestPlan,
    Category,
    ManifestEntry,
    Exporter,
    PackagingMetaData,
    FileUnit,
    BareUnit,
)
"""The types that are always there; those of providers join them in `Unit.types`."""


def build_unit(
    record: Record, owner: Owner, sink: Sink, instance: Instance | None = None
) -> Unit | None:
    """Make the unit of a record; one of an unknown type is reported and left out.

    Nothing else is looked at: fields are read when somebody asks for them.
    """
    entry = record.get("unit")
    name = Job.type_name if entry is None else entry.value
    found = Unit.types.get(name) if isinstance(name, str) else None
    if found is not None:
        return found(record, owner, instance)
    span = record.span() if entry is None else record.value_span(entry)
    known = ", ".join(sorted(Unit.types))
    message = f"unknown unit type {name!r}"
    sink.add(Diagnostic(Code.UNKNOWN_UNIT_TYPE, message, span, notes=(f"the types are {known}",)))
    return None
