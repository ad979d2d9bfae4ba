"""The catalog of a session as it grows: units that local jobs print, and what templates make.

What grows follows from what the journal holds, so that a resume has the same units without
running anything again. A local job, and the records of a template, count once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plainbox.diagnostics import Severity
from plainbox.planning import instantiate
from plainbox.planning.growing import with_families
from plainbox.records import read_pxu
from plainbox.text import Source
from plainbox.units import build_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plainbox.catalog import Catalog
    from plainbox.diagnostics import Sink
    from plainbox.fields import Unit
    from plainbox.session.state import State
    from plainbox.units import Job, Template


@dataclass
class Growth:
    """A catalog that takes in what the jobs of the bootstrap told; mistakes go to `sink`."""

    catalog: Catalog
    sink: Sink
    extras: Mapping[str, Any] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)
    _seen: set[Template] = field(default_factory=set)

    def take(self, state: State) -> bool:
        """Take in what is new; whether there was anything."""
        grown = False
        while self._take_units(state) or self._take_instances(state):
            grown = True
        return grown

    def _take_units(self, state: State) -> bool:
        jobs = self.catalog.jobs
        fresh = [name for name in _in_order(state.units, state) if name in jobs]
        fresh = [name for name in fresh if name not in self._read]
        for name in fresh:
            self._read.add(name)
            made = list(units_of_output(jobs[name], state.units[name], self.sink))
            self.catalog = self.catalog.extended(with_families(made))
        return bool(fresh)

    def _take_instances(self, state: State) -> bool:
        by_resource = self.catalog.templates_by_resource
        fresh = [
            template
            for resource in _in_order(state.resources, state)
            for template in by_resource.get(resource, ())
            if template not in self._seen
        ]
        for template in fresh:
            self._seen.add(template)
            records = state.resources[template.template_resource]
            made = instantiate(template, records, self.sink, extras=self.extras)
            self.catalog = self.catalog.extended(with_families(made))
        return bool(fresh)


def _in_order(told: Mapping[str, object], state: State) -> Iterator[str]:
    """The jobs that told something in the order of the run lists, not in that of their ends."""
    return (name for name in state.jobs if name in told)


def units_of_output(job: Job, text: str, sink: Sink) -> Iterator[Unit]:
    """The units that a local job printed; they belong to its provider.

    What is wrong in them is reported with the job and the line of its output.
    """
    for record in read_pxu(Source(f"output of {job.id}", text), sink):
        unit = build_unit(record, job.owner, sink)
        if unit is not None:
            for found in unit.problems():
                if found.severity is Severity.ERROR:
                    sink.add(found)
            yield unit
