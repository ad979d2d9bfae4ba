"""`plainbox show`: units as they are written, and all that has to do with them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from plainbox.app.about import about, units_called
from plainbox.app.inventory import plan_called
from plainbox.cli.options import add_providers, load
from plainbox.tui.page import Page
from plainbox.tui.show_screen import ShowScreen, about_json

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "id", metavar="ID", help="full or partial id of a job, template, test plan, category ..."
    )
    add_providers(parser)
    parser.add_argument("--plan", metavar="PLAN", help="show what this test plan overrides")
    parser.add_argument("--all", action="store_true", help="leave nothing out of long lists")
    parser.add_argument("--json", action="store_true", help="print a JSON array")


def handle(options: argparse.Namespace) -> int:
    """Show the units of an id."""
    setup = load(options.provider)
    plan = plan_called(setup, options.plan) if options.plan else None
    units = units_called(options.id, setup.session)
    found = [about(unit, setup, plan) for unit in units]
    if options.json:
        import msgspec

        content = msgspec.json.encode([about_json(it) for it in found])
        sys.stdout.write(msgspec.json.format(content, indent=2).decode() + "\n")
        return 0
    page = Page(sys.stdout, os.environ)
    for place, it in enumerate(found):
        page.write([[]] if place else [])
        page.write(ShowScreen(it, everything=options.all).lines())
    return 0
