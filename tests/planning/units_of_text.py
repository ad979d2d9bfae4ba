"""Units from texts: what the tests of planning are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plainbox.diagnostics import Sink
from plainbox.fields import Owner
from plainbox.records import read_pxu, read_yaml
from plainbox.text import Source
from plainbox.units import Job, Template, TestPlan, build_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.fields import Unit


def units(text: str, namespace: str = "ns", *, yaml: bool = False) -> list[Unit]:
    sink = Sink()
    source = Source("units/test", text)
    records = read_yaml(source, sink) if yaml else read_pxu(source, sink)
    built = [build_unit(record, Owner("provider", namespace), sink) for record in records]
    assert not list(sink)
    return [unit for unit in built if unit is not None]


def pxu(fields: Mapping[str, str]) -> str:
    return "".join(
        f"{key}:\n" + "".join(f" {line}\n" for line in value.split("\n"))
        for key, value in fields.items()
    )


def job(text: str, namespace: str = "ns") -> Job:
    (made,) = units(text, namespace)
    assert isinstance(made, Job)
    return made


def template(text: str, namespace: str = "ns", *, yaml: bool = False) -> Template:
    (made,) = units(text, namespace, yaml=yaml)
    assert isinstance(made, Template)
    return made


@dataclass
class Known:
    """A catalog of what a test wrote."""

    jobs: dict[str, Job] = field(default_factory=dict)
    plans: dict[str, TestPlan] = field(default_factory=dict)

    def add(self, *more: Unit) -> Known:
        for unit in more:
            if isinstance(unit, Job):
                self.jobs[unit.id] = unit
            elif isinstance(unit, TestPlan):
                self.plans[unit.id] = unit
        return self

    @classmethod
    def of(cls, text: str, namespace: str = "ns") -> Known:
        return cls().add(*units(text, namespace))


def jobs(*ids: str, namespace: str = "ns") -> str:
    """The text of jobs without anything in them."""
    return "\n".join(f"id: {job_id}\nplugin: shell\ncommand: true\n" for job_id in ids)


def graph(text: str, namespace: str = "") -> dict[str, Job]:
    """Jobs in short: one a line, `NAME field=a,b field=c`."""
    written = []
    for line in text.strip().splitlines():
        name, *fields = line.split()
        pairs = [pair.partition("=") for pair in fields]
        rows = "".join(f"{key}: {value}\n" for key, _, value in pairs)
        written.append(f"id: {name}\nplugin: shell\ncommand: true\n{rows}")
    found = units("\n".join(written), namespace)
    return {unit.id: unit for unit in found if isinstance(unit, Job)}
