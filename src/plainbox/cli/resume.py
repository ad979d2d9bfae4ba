"""`plainbox resume`: go on with a session that did not come to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plainbox.app.request import recall
from plainbox.cli.execution import HOW_TO_RUN, execute, prepare, turn
from plainbox.cli.options import add_options, add_providers, load, settings, with_manifest
from plainbox.clock import SystemClock
from plainbox.config import Settings
from plainbox.errors import StorageError, UsageError
from plainbox.session.store import OpenSession, Store

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "session", nargs="?", help="its id, or the number it begins with (default: the newest)"
    )
    add_providers(parser)
    add_options(parser, Settings.output, *HOW_TO_RUN)
    parser.add_argument(
        "--beside", action="store_true", help="go on although another run is on this machine"
    )
    parser.add_argument("--force", action="store_true", help="go on although the session is held")


def handle(options: argparse.Namespace) -> int:
    """Resume a session."""
    found = settings(options)
    prepare(found.output)
    store = Store(found.state_folder)
    if options.session is None:
        session = _newest(store)
    else:
        session = OpenSession(store.find(options.session), SystemClock())
    try:
        opened = session.state.opened
        if opened is None or session.state.ended:
            how = "has ended" if session.state.ended else "never began"
            raise UsageError(f"the session {session.folder.id} {how}: nothing is left to do")
        setup = with_manifest(load(options.provider or list(opened.sources)), found)
        request = recall(session.state, setup.session)
        with turn(found, beside=options.beside):
            return execute(session, setup, request, found, forced=options.force)
    finally:
        session.close()


def _newest(store: Store) -> OpenSession:
    """The newest session that has something left to do; one that somebody runs is passed by."""
    refused: list[StorageError] = []
    for folder in store.sessions():
        try:
            if folder.unfinished():
                return OpenSession(folder, SystemClock())
        except StorageError as error:  # noqa: PERF203 - there are few
            refused.append(error)
            sys.stderr.write(f"plainbox: {error.message}\n")
    if refused:
        raise StorageError("no other session waits to be resumed")
    raise UsageError("no session waits to be resumed", hints=["plainbox run PLAN begins one"])
