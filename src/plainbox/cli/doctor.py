"""`plainbox doctor`: what this machine lacks for a run, told without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plainbox.app.preflight import place_here, preflight
from plainbox.app.request import Request, understand
from plainbox.app.way import Choices, Way
from plainbox.cli.options import add_options, add_providers, load, settings
from plainbox.config import Settings
from plainbox.diagnostics import Sink
from plainbox.engine.environment import caller_environment
from plainbox.engine.users import own_account
from plainbox.machine.happenings import Watch
from plainbox.machine.inhibit import Inhibitor
from plainbox.machine.restart import Account, find_restart
from plainbox.planning import pick, select
from plainbox.tui.paper import standard_paper
from plainbox.tui.preflight_lines import preflight_lines
from plainbox.tui.words import count, length_of_time

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from plainbox.app.setup import Setup
    from plainbox.machine.restart import Restart
    from plainbox.tui.words import Line
    from plainbox.units import Job


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="PLAN|JOB",
        help="what is to be run: the id of a plan, or ids or patterns of jobs",
    )
    add_providers(parser)
    add_options(parser, Settings.timeout)
    parser.epilog = "Exit code: 0 where nothing stands in the way of a run, 1 otherwise."


def handle(options: argparse.Namespace) -> int:
    """Look at the machine, and at what is asked for."""
    found = settings(options)
    environ = caller_environment()
    jobs: list[Job] = []
    setup = load(options.provider)
    paper = standard_paper(environ)
    if options.what:
        request = understand(options.what, setup.session)
        jobs = _jobs(setup, request)
        paper.write([_headline(request, jobs)])
    way = Way(Choices(timeout=found.timeout), restart=_restart(environ))
    place = place_here(setup.owners, found.state_folder, environ, way)
    said = preflight(jobs, _seconds(jobs), place)
    paper.write(preflight_lines(said, f" {paper.marks.dot} "))
    paper.write(list(_facts(way.restart)))
    if not said.remarks:
        paper.write([[("  nothing stands in the way of a run", "green")]])
    return int(bool(said.remarks))


def _jobs(setup: Setup, request: Request) -> list[Job]:
    """The jobs of a request that are known before the machine was asked for what it has."""
    catalog = setup.session
    if request.plan is not None:
        selection = select(request.plan, catalog, Sink())
    else:
        selection = pick(request.patterns, catalog)
    ids = dict.fromkeys((*selection.bootstrap, *selection.wanted))
    return [catalog.jobs[name] for name in ids if name in catalog.jobs]


def _seconds(jobs: list[Job]) -> float:
    return sum(job.estimated_duration or 0.0 for job in jobs)


def _headline(request: Request, jobs: list[Job]) -> Line:
    least = "at least " if any(job.estimated_duration is None for job in jobs) else "about "
    parts = [f"{count(len(jobs), 'job')} before templates", least + length_of_time(_seconds(jobs))]
    return [(f"{request.title}: ", "bold"), (", ".join(parts), "")]


def _restart(environ: Mapping[str, str]) -> Restart | None:
    account = own_account()
    return find_restart(Account(account.uid, Path(account.home), account.name), environ)


def _facts(restart: Restart | None) -> Iterator[Line]:
    """What the machine offers for runs; none of it is needed."""
    where = restart.describe() if restart else "the session waits for plainbox resume"
    yield _fact("restart", f"after one, {where}")
    inhibitor = Inhibitor("plainbox doctor")
    yield _fact("sleep", inhibitor.note or "logind keeps the machine awake while jobs run")
    watch = Watch()
    watch.close()
    yield _fact("kernel", *(watch.notes or ["its log is recorded with each job"]))


def _fact(name: str, text: str) -> Line:
    return [(f"  {name:<7}  ", "dim"), (text, "")]
