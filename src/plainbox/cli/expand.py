"""`plainbox expand`: what a test plan selects, line by line; nothing is run."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from plainbox.app.inventory import plan_called
from plainbox.cli.options import add_providers, load
from plainbox.planning.expanding import expand
from plainbox.tui.expand_screen import expansion_json, expansion_lines
from plainbox.tui.page import Page

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("plan", metavar="PLAN", help="the id of a test plan")
    add_providers(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def handle(options: argparse.Namespace) -> int:
    """Expand a plan."""
    setup = load(options.provider)
    expansion = expand(plan_called(setup, options.plan), setup.session)
    if options.json:
        import msgspec

        content = msgspec.json.format(msgspec.json.encode(expansion_json(expansion)), indent=2)
        sys.stdout.write(content.decode() + "\n")
        return 0
    page = Page(sys.stdout, os.environ)
    page.write(expansion_lines(expansion, page.marks), fits=True)
    return 0
