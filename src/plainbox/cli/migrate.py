"""`plainbox migrate`: local jobs that print templates become template units."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from plainbox.app.setup import set_up
from plainbox.cli.options import add_providers
from plainbox.cli.unit_texts import count, difference, show, unit_texts
from plainbox.diagnostics import Sink
from plainbox.rewriting import Resource, migrate
from plainbox.units import JobKind

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "path", nargs="+", metavar="PATH", help="the folder of one provider, or files of it"
    )
    parser.add_argument("--diff", action="store_true", help="show what changes")
    parser.add_argument("--write", action="store_true", help="change the files")
    add_providers(parser)
    parser.epilog = "a local job whose meaning could change stays, with the reason"


def handle(options: argparse.Namespace) -> int:
    """Migrate the local jobs of what was named; they are only counted without --write."""
    sink = Sink()
    texts = [text for text in unit_texts(options.path, sink) if not text.is_yaml]
    resources = (
        _resources(options.provider) if any(_has_local(t.source.text) for t in texts) else []
    )
    results = migrate([text.source for text in texts], resources)
    for text, result in zip(texts, results, strict=True):
        if options.diff:
            sys.stdout.write(difference(text.source, result.text))
        if result.text != text.source.text and options.write:
            text.write(result.text)
        for diagnostic in result.diagnostics:
            sink.add(diagnostic)
    show(sink)
    migrated = count(sum(result.migrated for result in results), "local job")
    verb = "migrated" if options.write else "can be migrated: --diff shows, --write does it"
    sys.stderr.write(f"{migrated} {verb}; {count(len(sink), 'finding')}\n")
    return int(bool(len(sink)))


def _has_local(text: str) -> bool:
    return JobKind.LOCAL.value in text


def _resources(providers: Sequence[str]) -> list[Resource]:
    """The resource jobs of the providers that are named, or of those that the machine has."""
    return [
        Resource(
            job.partial_id, job.namespace, job.command or "", job.user or "", " ".join(job.environ)
        )
        for job in set_up(providers, os.environ).catalog.jobs.values()
        if job.plugin is JobKind.RESOURCE
    ]
