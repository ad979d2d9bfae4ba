"""What there is, kind by kind, as rows for tables and for other programs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from plainbox.app.request import find_plan, resolve
from plainbox.catalog import builtin_owners, rows
from plainbox.errors import UsageError
from plainbox.ids import SEPARATOR, Pattern, partial
from plainbox.units import Job, JobKind, Template
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from plainbox.app.setup import Setup
    from plainbox.fields import Unit
    from plainbox.units import Category, TestPlan

    Row = Mapping[str, Any]

COLUMNS: Final = {
    "jobs": ("id", "plugin", "summary"),
    "templates": ("id", "resource", "summary"),
    "plans": ("id", "name"),
    "categories": ("id", "jobs", "name"),
    "providers": ("name", "namespace", "version", "folder"),
    "units": ("kind", "id", "file", "first_line", "provider"),
}
"""What can be listed, and the columns of its table; JSON has more."""


@dataclass(frozen=True)
class Filters:
    """What of all there is: ids that match, a category, a kind of jobs, what a plan selects."""

    match: str | None = None
    category: str | None = None
    plugin: str | None = None
    plan: str | None = None

    FITTING: Final = field(
        default={
            "match": tuple(COLUMNS),
            "category": ("jobs", "templates"),
            "plugin": ("jobs", "templates"),
            "plan": ("jobs", "templates", "plans", "categories"),
        },
        init=False,
    )
