"""Options that several commands have, and what they all say in the same way."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from plainbox.app.manifest import with_answers
from plainbox.app.setup import Setup, check_usable, set_up
from plainbox.config import OPTIONS, Option, Settings, read_settings
from plainbox.diagnostics import Severity, Sink
from plainbox.diagnostics.terminal import headline, render

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_SHOWN: Final = 5


def add_providers(parser: argparse._ActionsContainer) -> None:
    """Add the option that names providers."""
    parser.add_argument(
        Settings.provider.flag,
        action="append",
        default=[],
        metavar=Settings.provider.metavar,
        help=_help(Settings.provider),
    )


def add_options(parser: argparse.ArgumentParser, *options: Option[Any]) -> None:
    """Add the flags of options; `settings` reads them."""
    for option in options:
        parser.add_argument(option.flag, metavar=option.metavar, help=_help(option))


def _help(option: Option[Any]) -> str:
    default = option.shown(option.default)
    text = f"{option.help[0].lower()}{option.help[1:-1]} (default: {default})"
    return text.replace("%", "%%")


def settings(options: argparse.Namespace | None = None) -> Settings:
    """What holds for this call; mistakes in configuration files are said on standard error."""
    sink = Sink()
    given = vars(options) if options else {}
    flags = {name: given[name] for name in OPTIONS if isinstance(given.get(name), str)}
    found = read_settings(os.environ, sink, flags)
    for diagnostic in sink:
        sys.stderr.write(headline(diagnostic) + "\n")
    return found


def load(providers: Sequence[str]) -> Setup:
    """Load providers and say on standard error what is wrong with them.

    Those that the configuration names count where none are named.
    """
    setup = set_up(providers or settings().provider, os.environ)
    errors = [found for found in setup.sink if found.severity is Severity.ERROR]
    for diagnostic in errors[:_SHOWN]:
        sys.stderr.write(render(diagnostic) + "\n\n")
    if len(errors) > _SHOWN:
        sys.stderr.write(f"... and {len(errors) - _SHOWN} more errors in unit files\n")
    check_usable(setup)
    return setup


def with_manifest(setup: Setup, found: Settings) -> Setup:
    """The same with what people set of the manifest; bad values are said on standard error."""
    told = len(setup.sink)
    setup = with_answers(setup, found)
    for diagnostic in setup.sink.found[told:]:
        sys.stderr.write(headline(diagnostic) + "\n")
    return setup
