"""`plainbox resume`: go on with a session that did not come to its end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from plainbox.app.request import Request, understand
from plainbox.cli.execution import execute
from plainbox.cli.options import add_providers, load
from plainbox.clock import SystemClock
from plainbox.errors import UsageError
from plainbox.session.store import OpenSession, Store, state_folder

if TYPE_CHECKING:
    import argparse

    from plainbox.session.store import SessionFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "session", nargs="?", help="its id, or the number it begins with (default: the newest)"
    )
    add_providers(parser)
    parser.add_argument("--output", type=Path, metavar="DIR", help="write the reports there")


def handle(options: argparse.Namespace) -> int:
    """Resume a session."""
    folder = _chosen(options.session)
    session = OpenSession(folder, SystemClock())
    try:
        opened = session.state.opened
        if opened is None or session.state.ended:
            how = "has ended" if session.state.ended else "never began"
            raise UsageError(f"the session {folder.id} {how}: nothing is left to do")
        setup = load(options.provider or list(opened.sources))
        request: Request = understand(opened.request, setup.session)
        return execute(session, setup, request, options.output)
    finally:
        session.close()


def _chosen(wanted: str | None) -> SessionFolder:
    store = Store(state_folder(os.environ))
    if wanted is not None:
        return store.find(wanted)
    newest = store.newest_unfinished()
    if newest is None:
        raise UsageError("no session waits to be resumed", hints=["plainbox run PLAN begins one"])
    return newest
