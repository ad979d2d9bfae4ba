"""What `run` and `resume` share: run the session in front of the person, then report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plainbox.app.run import Run, run_session
from plainbox.engine.decide import Abilities
from plainbox.errors import PlainboxError
from plainbox.files import replace_file
from plainbox.ids import namespace_of
from plainbox.reports import submission
from plainbox.tui.paper import standard_paper
from plainbox.tui.run_screen import RunScreen
from plainbox.tui.summary import summary

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.app.request import Request
    from plainbox.app.setup import Setup
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession

PAUSED = 130


def execute(session: OpenSession, setup: Setup, request: Request, output: Path | None) -> int:
    """Run what is left of a session, show it, write its reports; return the exit code."""
    paper = standard_paper(os.environ)
    screen = RunScreen(paper, namespace_of(request.plan.id) if request.plan else "")
    opened = session.state.opened
    if opened is not None:
        about = opened.machine
        keys = ("product", "system", "kernel")
        dot = f" {paper.marks.dot} "
        screen.header(opened.title, dot.join(about[key] for key in keys if key in about))
    run = Run(session, setup, request, Abilities(_user()), os.environ)
    try:
        run_session(run, screen)
    finally:
        screen.close()
    report = _report(session, output)
    paper.write(summary(session.state, paper.marks, screen.name, [str(report)]))
    return exit_code(session.state)


def exit_code(state: State) -> int:
    """0 when all went well, 1 when a job failed or crashed, 130 when the run was paused."""
    if not state.ended:
        return PAUSED
    return int(any(job.outcome is not None and job.outcome.bad for job in state.jobs.values()))


def _report(session: OpenSession, output: Path | None) -> Path:
    folder = output or session.folder.reports
    path = folder / submission.NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, submission.render(session.state, session.folder.logs))
    except OSError as error:
        raise PlainboxError(f"the report {path} cannot be written: {error.strerror}") from error
    return path


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
