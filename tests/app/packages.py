"""A package that adds a field and a unit type to plainbox, to be written to a folder."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plainbox.fields import Unit
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = '''
from plainbox.fields import Extension, Line, accessor, optional
from plainbox.impl.job import JobDefinition


class Inventory(Extension, of=JobDefinition):
    """Where the parts for a test are."""

    shelf = optional(Line(), "Shelf where the parts are.", key="parts-shelf")

    @accessor
    def boxes(text: str) -> int:
        """Number of boxes."""
        return int(text)
'''
UNITS = '''
from plainbox.fields import Line, Unit, UnitId, mandatory


class Shelf(Unit):
    """A place where parts are."""

    type_name = "shelf"
    id = mandatory(UnitId(), "Name of the shelf.", absent="")
    room = mandatory(Line(), "Room that it stands in.", absent="")
'''
ENTRY_POINTS = """\
[console_scripts]
warehouse = warehouse:main

[plainbox.units]
# the shelves
shelf = warehouse.units:Shelf

[plainbox.fields]
inventory = warehouse.fields:Inventory [extra]
"""
PACKAGE = {
    "warehouse/__init__.py": "",
    "warehouse/fields.py": FIELDS,
    "warehouse/units.py": UNITS,
    "warehouse-1.0.dist-info/METADATA": "Name: warehouse\nVersion: 1.0\n",
    "warehouse-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is added to plainbox meanwhile is gone afterwards."""
    types, members, modules = dict(Unit.types), set(vars(Job)), set(sys.modules)
    try:
        yield
    finally:
        Unit.types.clear()
        Unit.types.update(types)
        for name in set(vars(Job)) - members:
            delattr(Job, name)
        Job.collect()
        for name in set(sys.modules) - modules:
            del sys.modules[name]
