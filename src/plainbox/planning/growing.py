"""The jobs of a session: those that were loaded, and those that templates make of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.planning.copies import family
from plainbox.planning.instances import instantiate
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.catalog import Catalog
    from plainbox.diagnostics import Sink
    from plainbox.expressions import Records
    from plainbox.fields import Unit
    from plainbox.units import Template


def with_instances(
    catalog: Catalog,
    resources: Mapping[str, Records],
    sink: Sink,
    extras: Mapping[str, object] | None = None,
) -> Catalog:
    """The catalog with all that its templates make, and templates that they made."""
    seen: set[Template] = set()
    while fresh := [
        template
        for resource in resources
        for template in catalog.templates_by_resource.get(resource, ())
        if template not in seen
    ]:
        seen.update(fresh)
        made = [
            unit
            for template in fresh
            for unit in instantiate(
                template, resources[template.template_resource], sink, extras=extras
            )
        ]
        catalog = catalog.extended(with_families(made))
    return catalog


def with_families(units: Iterable[Unit]) -> Iterator[Unit]:
    """Units, every job followed by its copies."""
    for unit in units:
        if isinstance(unit, Job):
            yield from family(unit)
        else:
            yield unit
