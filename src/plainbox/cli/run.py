"""`plainbox run`: run a test plan, or some jobs, from the first event to the report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plainbox.app.request import Request, understand
from plainbox.app.run import open_session
from plainbox.app.way import Choices
from plainbox.cli.execution import HOW_TO_RUN, clear_cache, execute, prepare, turn
from plainbox.cli.options import add_options, add_providers, load, settings, with_manifest
from plainbox.clock import SystemClock
from plainbox.config import Settings
from plainbox.session.store import OpenSession, Store
from plainbox.text import harmless

if TYPE_CHECKING:
    import argparse

    from plainbox.app.setup import Setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="PLAN|JOB",
        help="the id of a plan, or ids or patterns of jobs; without any the plans are listed",
    )
    add_providers(parser)
    add_options(parser, Settings.output, *HOW_TO_RUN)
    parser.add_argument(
        "--beside", action="store_true", help="run although another run is on this machine"
    )
    parser.add_argument(
        "--clear-cache",
        action="store_true",
        help="forget first what cachable resource jobs told in earlier sessions",
    )
    parser.epilog = "examples: plainbox run smoke; plainbox run --provider ./mine 'disk/.*'"


def handle(options: argparse.Namespace) -> int:
    """Run what was asked for."""
    setup = load(options.provider)
    if not options.what:
        return _offer(setup)
    request: Request = understand(options.what, setup.session)
    found = settings(options)
    prepare(found.output)
    setup = with_manifest(setup, found)
    if options.clear_cache:
        clear_cache()
    with turn(found, beside=options.beside):
        session = OpenSession(Store(found.state_folder).create(request.title), SystemClock())
        try:
            open_session(session, setup, request, Choices.of(found))
            return execute(session, setup, request, found)
        finally:
            session.close()


def _offer(setup: Setup) -> int:
    sys.stderr.write("plainbox run: which plan?\n")
    for plan in setup.catalog.plans.values():
        sys.stderr.write(harmless(f"  {plan.id}  {plan.name}") + "\n")
    return 2
