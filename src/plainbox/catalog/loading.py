"""Load the units of providers into a catalog, and tell where each one stands."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from plainbox.catalog.listing import unit_files
from plainbox.catalog.model import Catalog
from plainbox.records import read_file
from plainbox.units import build_unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plainbox.diagnostics import Sink
    from plainbox.fields import Owner, Unit


class Row(TypedDict):
    """One unit in a listing that other programs read; `file` is relative to its provider."""

    kind: str
    id: str
    full_id: str
    namespace: str
    provider: str
    file: str
    first_line: int
    last_line: int
    checksum: str


def load_catalog(owners: Collection[Owner], sink: Sink) -> Catalog:
    """Read every unit file of the providers; a mistake costs at most the unit that it is in."""
    with without_collection():
        units = [unit for owner in owners for unit in _units(owner, sink)]
        return Catalog.of(owners, units, sink)


def rows(catalog: Catalog, owners: Collection[Owner]) -> list[Row]:
    """The units that some of the providers wrote, in order, of a catalog as it was loaded."""
    wanted = set(owners)
    return [_row(unit) for unit in catalog.units if unit.owner in wanted and unit.instance is None]


def _units(owner: Owner, sink: Sink) -> Iterator[Unit]:
    here = _here()
    for path in unit_files(owner):
        for record in read_file(Path(path), path.removeprefix(here), sink):
            unit = build_unit(record, owner, sink)
            if unit is not None:
                yield unit


def _here() -> str:
    """The start of the path of every file below the current folder, which people leave out."""
    try:
        return f"{Path.cwd()}/"
    except OSError:
        return "/dev/null/"


@contextmanager
def without_collection() -> Iterator[None]:
    """Keep the garbage collector from searching what was just read, which is no garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _row(unit: Unit) -> Row:
    entry = unit.record.entries.get("id")
    return {
        "kind": unit.kind,
        "id": str(entry.value) if entry else "",
        "full_id": unit.id,
        "namespace": unit.namespace,
        "provider": unit.owner.name,
        "file": _relative(unit.record.source.name, unit.owner),
        "first_line": unit.record.first_line,
        "last_line": unit.record.last_line,
        "checksum": unit.checksum,
    }


def _relative(name: str, owner: Owner) -> str:
    """The path of a unit file as it would be in the source tree of its provider."""
    path = os.path.abspath(name)  # noqa: PTH100 - texts are faster, there are thousands
    root = f"{owner.root}/"
    if owner.root is not None and path.startswith(root):
        return path.removeprefix(root)
    for folder, title in ((owner.jobs_dir, "jobs"), (owner.units_dir, "units")):
        if folder is not None and path.startswith(f"{folder}/"):
            return title + path.removeprefix(str(folder))
    return path
