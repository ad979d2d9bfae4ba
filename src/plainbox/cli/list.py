"""`plainbox list`: what there is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plainbox.catalog import builtin_owners, rows
from plainbox.cli.options import add_providers, load
from plainbox.text import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping

    from plainbox.app.setup import Setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("what", choices=tuple(_KINDS), help="what to list")
    add_providers(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON array")


def handle(options: argparse.Namespace) -> int:
    """List what was asked for."""
    setup = load(options.provider)
    found = list(_KINDS[options.what](setup))
    if options.json:
        import msgspec

        content = msgspec.json.format(msgspec.json.encode(found), indent=2)
        sys.stdout.write(content.decode() + "\n")
        return 0
    for row in found:
        sys.stdout.write(_line(row) + "\n")
    return 0


def _line(row: Mapping[str, object]) -> str:
    first, *rest = (str(value) for value in row.values() if value not in (None, ""))
    return harmless(f"{first:<48} {'  '.join(rest)}").rstrip()


def _plans(setup: Setup) -> Iterable[Mapping[str, object]]:
    for plan in setup.catalog.plans.values():
        yield {"id": plan.id, "name": plan.name}


def _jobs(setup: Setup) -> Iterable[Mapping[str, object]]:
    for job in setup.catalog.jobs.values():
        yield {"id": job.id, "plugin": job.plugin.value, "summary": job.summary}


def _providers(setup: Setup) -> Iterable[Mapping[str, object]]:
    for owner in setup.owners:
        yield {
            "name": owner.name,
            "namespace": owner.namespace,
            "version": owner.version,
            "folder": str(owner.root or owner.units_dir or ""),
        }


def _units(setup: Setup) -> Iterable[Mapping[str, object]]:
    listed = [owner for owner in setup.owners if owner not in builtin_owners()]
    return rows(setup.catalog, listed)


_KINDS: dict[str, Callable[[Setup], Iterable[Mapping[str, object]]]] = {
    "plans": _plans,
    "jobs": _jobs,
    "providers": _providers,
    "units": _units,
}
