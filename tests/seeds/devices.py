"""The devices of the worked example, and templates that make units of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Sink
from plainbox.planning import instantiate
from plainbox.testing import Bench
from plainbox.testing.bench import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from plainbox.fields import Unit
    from plainbox.testing.bench import Outcomes
    from plainbox.units import Template

DEVICE = """\
id: device
plugin: resource
command:
    echo 'path: /dev/sda'
    echo 'has_media: yes'
    echo 'physical: yes'
    echo
    echo 'path: /dev/cdrom'
    echo 'has_media: no'
    echo 'physical: yes'
    echo
    echo 'path: /dev/loop0'
    echo 'has_media: yes'
    echo 'physical: no'
"""
PLAN = """\
unit: test plan
id: plan
name: A plan
include: .*
bootstrap_include: {resource}
"""
JOB = ["id: t-{path}", "plugin: shell", "command: true"]
RECORDS = [{"path": "/dev/sda", "physical": "yes"}, {"path": "/dev/sdb", "physical": "yes"}]


def template(*lines: str) -> str:
    return "\n".join(("unit: template", *lines)) + "\n"


def bench(folder: Path, *texts: str, plan: str = PLAN.format(resource="device")) -> Bench:
    return Bench(folder, {"units/a.pxu": "\n".join((*texts, plan))})


def run(folder: Path, *lines: str) -> Outcomes:
    """Run all that a template makes of the devices."""
    return bench(folder, DEVICE, template(*lines)).run("plan")


def made(outcomes: Outcomes) -> list[str]:
    """The partial ids of the jobs that templates made, in order."""
    return [
        name.partition("::")[2]
        for name, job in outcomes.state.jobs.items()
        if job.card.template is not None
    ]


def template_of(folder: Path, *lines: str) -> Template:
    templates = bench(folder, template(*lines)).setup().catalog.templates
    (found,) = [unit for unit in templates.values() if unit.namespace == NAMESPACE]
    return found


def instances(
    folder: Path, *lines: str, records: Sequence[Mapping[str, str]] = RECORDS
) -> list[Unit]:
    """What a template makes of some records, without a session."""
    sink = Sink()
    units = instantiate(template_of(folder, *lines), records, sink)
    assert not sink.found
    return units
