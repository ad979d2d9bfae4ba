"""Templates, requirements and selections at three sizes: how long, and how they grow."""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.bench import Bench, least_of_pairs
from benchmarks.table import Line, Row, Target
from plainbox.diagnostics import Sink
from plainbox.expressions import Facts, Table, evaluate
from plainbox.fields import Owner
from plainbox.planning import arrange, bindings, instantiate, select
from plainbox.records import read_pxu
from plainbox.text import Source
from plainbox.units import Job, Template, TestPlan, build_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plainbox.fields import Unit

_SIZES: Final = (0.25, 0.5, 1.0)
_OWNER: Final = Owner("bench", "org.example")
_TEMPLATE: Final = """\
unit: template
template-resource: device
template-filter: device.kind == 'disk'
id: disk/read_{name}
plugin: shell
requires: device.kind == 'disk'
_summary: Read {name} of {vendor}
command: read-disk --device {path} --index {__index__}
estimated_duration: 10
"""


class _Known:
    """Jobs and plans, as selecting asks for them."""

    def __init__(self, jobs: list[Job], plan: TestPlan) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.plans = {plan.id: plan}


def measure(bench: Bench) -> Iterator[Line]:
    """Each case at a quarter, a half and the whole of its size."""
    for what, size, most, prepare in (
        ("a template over {} records", 10_000, 0.6, _instances),
        ("requires of {} jobs over 1000 records each", 200, 0.3, _requirements),
        ("{0} include lines over {0} jobs", 8_000, 0.4, _lines),
        ("{} jobs by one pattern", 20_000, 0.8, _pattern),
    ):
        yield from _grown(bench, what, size, most, prepare)


def _grown(
    bench: Bench,
    what: str,
    size: int,
    most: float,
    prepare: Callable[[int], tuple[Callable[[], object], Callable[[], object]]],
) -> Iterator[Row]:
    seconds = []
    for share in _SIZES:
        number = int(size * share)
        work, least = prepare(number)
        ours, limit = least_of_pairs(bench.rounds, partial(_timed, work), partial(_timed, least))
        seconds.append(ours)
        target = Target(most, "s") if share == 1.0 else None
        limit_is = "the least that any program would have to do for it"
        yield Row(what.format(number), ours, limit, limit_is, "s", ours / limit, target)
    growth = seconds[-1] / seconds[0] * _SIZES[0]
    what = f"{what.format(size)}: each against each of a quarter"
    yield Row(what, seconds[-1], seconds[0], "a quarter of them", "s", growth, Target(1.5, "x"))


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _units(text: str) -> list[Unit]:
    sink = Sink()
    built = [build_unit(record, _OWNER, sink) for record in read_pxu(Source("-", text), sink)]
    return [unit for unit in built if unit is not None]


def _records(number: int) -> tuple[dict[str, str], ...]:
    return tuple(
        {"name": f"sd{n}", "path": f"/dev/sd{n}", "kind": "disk", "vendor": f"v{n % 7}"}
        for n in range(number)
    )


def _instances(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
    (template,) = _units(_TEMPLATE)
    assert isinstance(template, Template)
    records = _records(number)
    texts = ("disk/read_{name}", "Read {name} of {vendor}", "read-disk --device {path}")

    def ours() -> None:
        made = instantiate(template, records, Sink())
        assert sum(bool(unit.id) for unit in made) == number

    return ours, lambda: [text.format(**record) for record in records for text in texts]


def _requirements(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
    text = "\n".join(
        f"id: j{n}\nplugin: shell\ncommand: true\nrequires:\n device.name == 'sd{n}'\n"
        f" device.vendor in ('v1', 'v2') and device.kind == 'disk'\n"
        for n in range(number)
    )
    jobs = [unit for unit in _units(text) if isinstance(unit, Job)]
    records = _records(1000)

    def ours() -> None:
        table = Table(records)
        for job in jobs:
            evaluate(job.requires, Facts(bindings(job, {"org.example::device": table})))

    return ours, lambda: [any(r["name"] == f"sd{n}" for r in records) for n in range(number)]


def _jobs(number: int) -> str:
    return "\n".join(
        f"id: area{n % 50}/job-{n}\nplugin: shell\ncommand: true\n" for n in range(number)
    )


def _planned(number: int, include: str) -> tuple[Callable[[], object], Callable[[], object]]:
    *jobs, plan = _units(f"{_jobs(number)}\nunit: test plan\nid: p\nname: P\ninclude:\n{include}\n")
    assert isinstance(plan, TestPlan)
    known = _Known([job for job in jobs if isinstance(job, Job)], plan)

    def ours() -> None:
        run_list = arrange(known.jobs, select(plan, known).wanted)
        assert len(run_list.jobs) == number

    return ours, lambda: [job_id for job_id in known.jobs if job_id.startswith("org.example::")]


def _lines(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
    return _planned(number, "\n".join(f" area{n % 50}/job-{n}" for n in range(number)))


def _pattern(number: int) -> tuple[Callable[[], object], Callable[[], object]]:
    return _planned(number, " area.*/job-.*")
