"""The first stage of everything: the providers that are meant, loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from plainbox.app.extensions import load_extensions
from plainbox.catalog import Catalog, builtin_owners, find_providers, load_catalog
from plainbox.diagnostics import Sink
from plainbox.errors import InputError, UsageError
from plainbox.planning import with_copies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plainbox.fields import Owner
    from plainbox.machine.manifest import Value


@dataclass(frozen=True)
class Setup:
    """Loaded providers and what there is to say about them.

    `sources` are the absolute paths of the providers that were named, to find them again;
    `answers` the manifest entries that somebody has set.
    """

    catalog: Catalog
    sink: Sink
    sources: tuple[str, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=dict)

    @cached_property
    def session(self) -> Catalog:
        """The catalog as a session sees it, with the copies of jobs."""
        return with_copies(self.catalog)

    @property
    def owners(self) -> Sequence[Owner]:
        """The providers, built-in ones first."""
        return self.catalog.owners


def set_up(providers: Sequence[str], environ: Mapping[str, str]) -> Setup:
    """Find and load providers: those that are named, else those that the machine has.

    Raise `UsageError` where a named one does not exist.
    """
    sink = Sink()
    sources = tuple(str(Path(named).absolute()) for named in providers)
    for named in providers:
        if not Path(named).exists():
            raise UsageError(f"there is no provider {named}", hints=["name a folder that exists"])
    load_extensions(sink)
    owners = find_providers(providers, environ, sink)
    return Setup(load_catalog(owners, sink), sink, sources)


def check_usable(setup: Setup) -> None:
    """Raise `InputError` where providers were named and none of them could be loaded."""
    if setup.sources and len(setup.owners) == len(builtin_owners()):
        raise InputError("none of the named providers can be loaded")
