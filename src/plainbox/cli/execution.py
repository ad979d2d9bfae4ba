"""What `run` and `resume` share: run the session in front of the person, then report."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from plainbox.app.past import remember
from plainbox.app.run import MAIN, Run, run_session
from plainbox.app.shield import Shield
from plainbox.engine.decide import Abilities
from plainbox.engine.environment import caller_environment
from plainbox.errors import ExitCode, InputError, PlainboxError, StorageError, UsageError
from plainbox.files import replacing
from plainbox.ids import namespace_of
from plainbox.reports import submission
from plainbox.session.store import Store
from plainbox.text import harmless
from plainbox.tui.paper import standard_paper
from plainbox.tui.run_screen import RunScreen
from plainbox.tui.summary import summary

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.app.request import Request
    from plainbox.app.setup import Setup
    from plainbox.config import Settings
    from plainbox.history import News
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession

PAUSED = ExitCode.PAUSED


def execute(session: OpenSession, setup: Setup, request: Request, settings: Settings) -> int:
    """Run what is left of a session, show it, write its reports; return the exit code."""
    stated = {name: value.text for name, value in settings.environment.items()}
    environ = stated | caller_environment()
    paper = standard_paper(environ)
    screen = RunScreen(paper, namespace_of(request.plan.id) if request.plan else "")
    opened = session.state.opened
    if opened is not None:
        about = opened.machine
        keys = ("product", "system", "kernel")
        dot = f" {paper.marks.dot} "
        screen.header(opened.title, dot.join(about[key] for key in keys if key in about))
    run = Run(session, setup, request, Abilities(own_name()), environ)
    shield = Shield(screen)
    try:
        run_session(run, shield)
    finally:
        screen.close()
    reports, failure = _report(session, settings.output)
    news = _remember(session)
    paper.write(summary(session.state, paper.marks, screen.name, reports, news))
    if failure is not None:
        raise failure
    if shield.error is not None:
        message = f"the session is complete, but showing it failed: {shield.error!r}"
        raise PlainboxError(message) from shield.error
    check_selected(session.state)
    return exit_code(session.state)


def _remember(session: OpenSession) -> News | None:
    """Take the outcomes into the history; a history that cannot be kept is only said."""
    try:
        return remember(session, Store(session.folder.path.parents[1]))
    except StorageError as error:
        sys.stderr.write(harmless(f"plainbox: {error.message}") + "\n")
        return None


def check_selected(state: State) -> None:
    """Raise `UsageError` where there was nothing to run, `InputError` where nothing could be."""
    if not state.ended or state.phases.get(MAIN):
        return
    if state.left_out:
        raise InputError("none of the selected jobs can run: plans or jobs have errors")
    raise UsageError("nothing is selected: there is no job to run on this machine")


def exit_code(state: State) -> int:
    """0 when all went well, 1 when a job failed or crashed, 130 when the run was paused."""
    if not state.ended:
        return PAUSED
    return int(any(job.outcome is not None and job.outcome.bad for job in state.jobs.values()))


def prepare(output: Path | None) -> None:
    """Find out before a long run whether its reports can be kept. Raise `PlainboxError`."""
    if output is None:
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlainboxError(f"no report can be written to {output}: {error.strerror}") from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise PlainboxError(f"no report can be written to {output}: Permission denied")


def _report(session: OpenSession, output: Path | None) -> tuple[list[str], PlainboxError | None]:
    """Write the reports: the paths of those that are there, and why others are not."""
    folder = output or session.folder.reports
    path = folder / submission.NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as out:
            submission.render(session.state, session.folder.logs, out)
    except OSError as error:
        message = f"the report {path} cannot be written: {error.strerror or error}"
        return [], PlainboxError(message, hints=[f"the session {session.folder.id} has it all"])
    return [str(path)], None


def own_name() -> str:
    """The name of the user that plainbox runs as; the number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
