"""How a session is to be run: what a person chose, and what this process has to do it with."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.config import Layer, Settings
from plainbox.engine.companions import Observer, Waker
from plainbox.engine.means import GOING_DOWN_SECONDS
from plainbox.engine.record_cache import RecordCache, cache_folder
from plainbox.engine.runner import ProcessRunner
from plainbox.engine.users import own_account
from plainbox.machine.happenings import Watch
from plainbox.machine.inhibit import Inhibitor
from plainbox.machine.restart import Account, find_restart

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence

    from plainbox.engine.means import Companion
    from plainbox.engine.runner import Runner
    from plainbox.engine.spawner import Spawners
    from plainbox.machine.restart import Restart

    MakeRunner = Callable[[asyncio.AbstractEventLoop, str], Runner]

_STATE_VARIABLE: Final = "PLAINBOX_STATE_DIR"


@dataclass(frozen=True)
class Choices:
    """What a person chose for a session, which a resume goes on with.

    `retry` is how often what failed runs again, `timeout` the deadline of jobs that have none, in
    seconds, `jobs` how many run at once in the bootstrap (None: one a CPU).
    """

    retry: int = 0
    timeout: float | None = None
    jobs: int | None = None
    normal_user: str | None = None

    @property
    def places(self) -> int:
        """How many jobs run at once in the bootstrap."""
        return self.jobs or len(os.sched_getaffinity(0))

    @property
    def recorded(self) -> dict[str, str]:
        """What differs from the defaults, as text that reads back."""
        chosen = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in chosen.items() if value not in (None, 0)}

    @classmethod
    def of(cls, settings: Settings) -> Choices:
        """What the settings say."""
        return cls(**{each.name: getattr(settings, each.name) for each in fields(cls)})

    @classmethod
    def again(cls, recorded: Mapping[str, str], settings: Settings) -> Choices:
        """What a session was begun with, but for what is said anew on the command line."""
        chosen = {}
        for each in fields(cls):
            option = vars(Settings)[each.name]
            stated = settings.statements(option)[-1]
            known = recorded.get(each.name)
            if known is None or stated.layer is Layer.COMMAND_LINE:
                chosen[each.name] = stated.value
            else:
                chosen[each.name] = _READERS.get(each.name, str)(known)
        return cls(**chosen)


_READERS: Final[dict[str, Callable[[str], object]]] = {"retry": int, "timeout": float, "jobs": int}


def _process_runner(loop: asyncio.AbstractEventLoop, name: str) -> Runner:
    return ProcessRunner(loop, name)


@dataclass(frozen=True)
class Way:
    """What a run is done with.

    `resume` is the command that resumes a session, without the id; `forced` says that a person
    wants a session to go on although it is held.
    """

    choices: Choices = Choices()
    make_runner: MakeRunner = _process_runner
    resume: Sequence[str] = field(default_factory=lambda: resume_command(os.environ))
    restart: Restart | None = None
    cache: RecordCache | None = None
    companions: Sequence[Companion] = ()
    forced: bool = False
    going_down_seconds: float = GOING_DOWN_SECONDS


def way_here(
    choices: Choices,
    environ: Mapping[str, str],
    spawners: Spawners | None = None,
    *,
    forced: bool = False,
) -> Way:
    """The way that this machine has, for the user that plainbox runs as."""
    own = own_account()
    place = cache_folder(environ)
    return Way(
        choices=choices,
        make_runner=lambda loop, name: ProcessRunner(loop, name, spawners),
        restart=find_restart(Account(own.uid, Path(own.home), own.name), environ),
        cache=RecordCache(place) if place else None,
        companions=(Observer(Watch()), Waker(Inhibitor("tests are running"))),
        forced=forced,
    )


def resume_command(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command that resumes a session of this state folder, its program an absolute path."""
    program = os.path.abspath(sys.argv[0])  # noqa: PTH100 - links stay
    if os.path.basename(program) != "plainbox" or not os.access(program, os.X_OK):  # noqa: PTH119
        found = shutil.which("plainbox", path=environ.get("PATH"))
        command: tuple[str, ...] = (found,) if found else _as_module()
    else:
        command = (program,)
    folder = environ.get(_STATE_VARIABLE)
    if folder:
        place = os.path.abspath(folder)  # noqa: PTH100 - links stay
        command = (shutil.which("env") or "/usr/bin/env", f"{_STATE_VARIABLE}={place}", *command)
    return (*command, "resume")


def _as_module() -> tuple[str, ...]:
    return (sys.executable, "-c", "import sys; from plainbox.cli import main; sys.exit(main())")
