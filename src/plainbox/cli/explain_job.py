"""`plainbox explain JOB`: why a job runs or not. `plainbox explain` hands on what is no code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plainbox.app.explaining import Explainer, Question
from plainbox.cli.execution import own_name
from plainbox.cli.options import add_providers, load, settings, with_manifest
from plainbox.engine.decide import Abilities
from plainbox.engine.environment import caller_environment
from plainbox.errors import ExitCode
from plainbox.session.store import Store
from plainbox.tui.explain_screen import ExplainScreen
from plainbox.tui.page import Page

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what explaining a job understands, besides the job."""
    group = parser.add_argument_group("jobs")
    group.add_argument("--plan", metavar="PLAN", help="explain the job in this test plan")
    facts = group.add_mutually_exclusive_group()
    facts.add_argument(
        "--session",
        metavar="ID",
        help="use what this session knows of the machine (default: the newest that knows enough)",
    )
    facts.add_argument(
        "--facts", type=Path, metavar="FILE", help="use the records of resources in this file"
    )
    facts.add_argument(
        "--run", action="store_true", help="run the resource jobs now, and use what they say"
    )
    add_providers(group)


def handle(options: argparse.Namespace, job: str) -> int:
    """Explain a job; 0 whether it runs or not."""
    found = settings()
    setup = with_manifest(load(options.provider), found)
    environ = caller_environment()
    explainer = Explainer(
        setup, Store(found.state_folder), Abilities(own_name(), person=True), environ
    )
    question = Question(job, options.plan, options.session, options.facts, options.run)
    answer = explainer.answer(question)
    page = Page(sys.stdout, environ)
    page.write(ExplainScreen(answer, page.marks).lines())
    return ExitCode.WELL
