"""`plainbox schema`: which fields units have and what can stand in them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from plainbox.app.extensions import load_extensions
from plainbox.catalog import find_providers
from plainbox.cli.options import add_providers
from plainbox.diagnostics import Sink
from plainbox.diagnostics.terminal import render
from plainbox.errors import UsageError
from plainbox.fields import Unit
from plainbox.fields.reference import page
from plainbox.fields.schema import schema_of, schema_of_all
from plainbox.spelling import closest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

FORMATS = ("json", "markdown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "type",
        nargs="*",
        metavar="UNIT-TYPE",
        help="a type of units, as the field `unit` has it (default: all)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="json",
        help="JSON Schema 2020-12 for units in YAML (default), or a reference page to read",
    )
    add_providers(parser)
    parser.epilog = "examples: plainbox schema > unit.schema.json; plainbox schema test plan"


def handle(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    sink = Sink()
    load_extensions(sink)
    owners = find_providers(options.provider, os.environ, sink) if options.provider else []
    for diagnostic in sink:
        sys.stderr.write(render(diagnostic) + "\n\n")
    declared = sorted({key for owner in owners for key in owner.fields})
    chosen = _chosen(" ".join(options.type))
    if options.format == "markdown":
        sys.stdout.write("\n".join(map(page, chosen or Unit.types.values())))
        return 0
    schema = _schema(chosen, declared)
    sys.stdout.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
    return 0


def _schema(chosen: list[type[Unit]], declared: Iterable[str]) -> dict[str, object]:
    if not chosen:
        return schema_of_all(Unit.types, declared)
    return schema_of(chosen[0], Unit.types, declared)


def _chosen(name: str) -> list[type[Unit]]:
    """The type of a name, where `test-plan` will do for `test plan`; none without a name."""
    if not name:
        return []
    found = Unit.types.get(name) or Unit.types.get(name.replace("-", " "))
    if found is None:
        near = closest(name, Unit.types)
        hints = [f"did you mean {near!r}?"] if near else []
        hints.append(f"the types are {', '.join(sorted(Unit.types))}")
        raise UsageError(f"there is no unit type {name!r}", hints=hints)
    return [found]
