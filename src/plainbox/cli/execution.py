"""What `run` and `resume` share: run the session in front of the person, then report."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial as bind
from typing import TYPE_CHECKING, Final

from plainbox.app.hosting import host_session
from plainbox.app.past import remember
from plainbox.app.planned import MAIN
from plainbox.app.preflight import place_here, preflight
from plainbox.app.restarted import wait_until_settled
from plainbox.app.run import Run
from plainbox.app.shield import Shield
from plainbox.app.turn import lock_file, take_turn
from plainbox.app.users import named_users
from plainbox.app.way import Choices, way_here
from plainbox.config import Settings
from plainbox.engine.decide import Abilities
from plainbox.engine.environment import caller_environment
from plainbox.engine.record_cache import RecordCache, cache_folder
from plainbox.engine.spawner import Spawners, obtain
from plainbox.engine.users import normal_user
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
    from collections.abc import Iterator
    from pathlib import Path

    from plainbox.app.request import Request
    from plainbox.app.setup import Setup
    from plainbox.history import News
    from plainbox.session.state import State
    from plainbox.session.store import OpenSession

PAUSED = ExitCode.PAUSED
HOW_TO_RUN: Final = (Settings.retry, Settings.timeout, Settings.jobs, Settings.normal_user)
"""The options that say how a session is run, which a resume goes on with."""


def execute(
    session: OpenSession,
    setup: Setup,
    request: Request,
    settings: Settings,
    *,
    forced: bool = False,
) -> int:
    """Run what is left of a session, show it, write its reports; return the exit code.

    `forced` says that a person wants it to go on although it is held.
    """
    stated = {name: value.text for name, value in settings.environment.items()}
    environ = stated | caller_environment()
    session.conceal({name: text for name, text in environ.items() if settings.conceals(name)})
    paper = standard_paper(environ)
    opened = session.state.opened
    choices = Choices.again(opened.options if opened else {}, settings)
    spawners, abilities = _become(setup, request, choices, session.folder.id)
    way = way_here(choices, environ, spawners, forced=forced)
    place = place_here(setup.owners, settings.state_folder, environ, way)
    namespace = namespace_of(request.plan.id) if request.plan else ""
    screen = RunScreen(paper, namespace, bind(preflight, place=place))
    if opened is not None:
        about = opened.machine
        keys = ("product", "system", "kernel")
        dot = f" {paper.marks.dot} "
        screen.header(opened.title, dot.join(about[key] for key in keys if key in about))
    wait_until_settled(session, screen.warn)
    run = Run(session, setup, request, abilities, environ, way)
    shield = Shield(screen)
    try:
        host_session(session, run, shield)
    finally:
        screen.close()
        spawners.close()
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


def _become(
    setup: Setup, request: Request, choices: Choices, name: str
) -> tuple[Spawners, Abilities]:
    """Get hold of the users that jobs run as. Raise `UsageError` where there is no normal one."""
    own = own_name()
    normal, notice = normal_user(choices.normal_user, os.environ)
    wanted = named_users(setup.session, request)
    if notice and wanted:
        sys.stderr.write(harmless(f"plainbox: {notice}") + "\n")
    if normal.name != own:
        wanted.insert(0, normal.name)
    spawners = obtain(wanted, name, terminal=_person_is_there())
    abilities = Abilities(own, others=spawners.users - {own}, normal_user=normal.name)
    return spawners, abilities


def _person_is_there() -> bool:
    """Whether a program can ask for a password; a stream that is closed is None."""
    streams = (sys.__stdin__, sys.__stderr__)
    return all(stream is not None and stream.isatty() for stream in streams)


@contextmanager
def turn(settings: Settings, *, beside: bool) -> Iterator[None]:
    """Have the machine for this run, unless it is to be beside others. Raise `MachineBusy`."""
    if beside:
        yield
        return
    descriptor = take_turn(lock_file(settings.state_folder, os.environ))
    try:
        yield
    finally:
        os.close(descriptor)


def clear_cache() -> None:
    """Forget what cachable resource jobs told. Raise `StorageError`."""
    place = cache_folder(os.environ)
    try:
        if place is not None:
            RecordCache(place).clear()
    except OSError as error:
        raise StorageError(f"{place} cannot be cleared: {error.strerror}") from error


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
