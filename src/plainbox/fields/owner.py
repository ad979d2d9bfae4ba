"""Where a unit comes from: its provider, and the template that made it.

Values only: finding providers is the work of `catalog`, making instances that of `planning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Owner:
    """The provider that a unit belongs to; a directory that is `None` does not exist.

    `fields` are keys that its units may have although nothing in plainbox knows them.
    """

    name: str
    namespace: str
    version: str | None = None
    root: Path | None = None
    units_dir: Path | None = None
    jobs_dir: Path | None = None
    data_dir: Path | None = None
    bin_dir: Path | None = None
    locale_dir: Path | None = None
    gettext_domain: str | None = None
    description: str = ""
    fields: tuple[str, ...] = ()


class Import(NamedTuple):
    """`from NAMESPACE import PARTIAL [as ALIAS]`; without an alias it is the partial id."""

    namespace: str
    partial: str
    alias: str
    full_id: str


@dataclass(frozen=True)
class Instance:
    """What made a unit out of a template.

    `record` is the resource record, `index` counts the records that passed the filter, from 1.
    `parameters` are those that the template uses, `data` is the record of the instance before
    it was formatted: both go into the checksum. `imports` are the template's: the names that
    they define can be used in every field of the instance. `errors` say why the unit cannot be
    used, where it cannot.
    """

    template_id: str
    resource_id: str
    index: int
    record: Mapping[str, str]
    parameters: Mapping[str, object]
    data: Mapping[str, object]
    imports: tuple[Import, ...] = ()
    errors: tuple[str, ...] = ()
