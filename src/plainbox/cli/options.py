"""Options that several commands have, and what they all say in the same way."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from plainbox.app.setup import Setup, set_up
from plainbox.diagnostics import Severity
from plainbox.diagnostics.terminal import render

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_SHOWN: Final = 5


def add_providers(parser: argparse.ArgumentParser) -> None:
    """Add the option that names providers."""
    parser.add_argument(
        "--provider",
        action="append",
        default=[],
        metavar="PATH",
        help="use this provider (a folder or a .provider file) and no others but the built-in "
        "ones; may be given again",
    )


def load(providers: Sequence[str]) -> Setup:
    """Load providers and say on standard error what is wrong with them."""
    setup = set_up(providers, os.environ)
    errors = [found for found in setup.sink if found.severity is Severity.ERROR]
    for diagnostic in errors[:_SHOWN]:
        sys.stderr.write(render(diagnostic) + "\n\n")
    if len(errors) > _SHOWN:
        sys.stderr.write(f"... and {len(errors) - _SHOWN} more errors in unit files\n")
    return setup
