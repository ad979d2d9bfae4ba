"""What the commands of jobs need that the device lacks: programs, interpreters, Python modules.

Commands are not run and only skimmed: the program that a command names first, and the words in it
that are programs of the provider.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from plainbox.catalog import executables
from plainbox.machine.busy import Remark
from plainbox.machine.python_programs import (
    PACKAGES,
    imported_names,
    interpreter_of,
    is_python,
    missing_modules,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.fields import Owner
    from plainbox.units import Job

_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_FIRST: Final = re.compile(r"\s*(?:[A-Za-z_]\w*=[\w./:-]*\s+)*([A-Za-z0-9_./][\w./+-]*)(?=\s|;|$)")
_SYSTEM_PROGRAMS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_SHELL_WORDS: Final = (
    ". : [ alias bg bind break builtin caller case cd command compgen complete continue coproc "
    "declare dirs disown do done echo elif else enable esac eval exec exit export false fc fg fi "
    "for function getopts hash help history if in jobs kill let local logout mapfile popd printf "
    "pushd pwd read readarray readonly return select set shift shopt source suspend test then "
    "time times trap true type typeset ulimit umask unalias unset until wait while"
)
_OF_SHELLS: Final = frozenset(_SHELL_WORDS.split())
_MOST_NAMED: Final = 3


class JobPrograms:
    """Looks for what jobs need, on a device with a PATH and the providers of a session."""

    def __init__(self, owners: Iterable[Owner], path: str) -> None:
        self._path = os.pathsep.join((path, *_SYSTEM_PROGRAMS))
        self._python_path = path
        self._own: dict[str, dict[str, str]] = defaultdict(dict)
        self._owners = tuple(owners)
        self._find = lru_cache(maxsize=None)(self._is_there)

    def remarks(self, jobs: Iterable[Job]) -> Iterator[Remark]:
        """What jobs lack, each thing once with the number of the jobs."""
        used: dict[str, list[Job]] = defaultdict(list)
        lacking: dict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            if not job.has_command:
                continue
            own = self._programs(job.owner.namespace)
            for word in set(_WORD.findall(job.command or "")) & own.keys():
                used[own[word]].append(job)
            first = self._first(job)
            if first and first not in own and not self._find(first):
                lacking[first].append(job)
        yield from self._of_interpreters(used)
        for name, those in lacking.items():
            yield Remark(f"{_jobs(those)} {_need(those)} the program {name}, which is not here")
        yield from self._of_modules(used)

    def _programs(self, namespace: str) -> Mapping[str, str]:
        if namespace not in self._own:
            found = self._own[namespace]
            for owner in self._owners:
                if owner.namespace == namespace:
                    for name, path in executables(owner):
                        found.setdefault(name, path)
        return self._own[namespace]

    def _first(self, job: Job) -> str:
        """The program that a command names first; empty where that is not plain to see."""
        match = _FIRST.match(job.command or "")
        word = match[1] if match else ""
        return "" if word in _OF_SHELLS or "()" in (job.command or "") else word

    def _is_there(self, name: str) -> bool:
        if "/" in name:
            return not name.startswith("/") or os.path.exists(name)  # noqa: PTH110 - a text
        return shutil.which(name, path=self._path) is not None

    def _of_interpreters(self, used: Mapping[str, list[Job]]) -> Iterator[Remark]:
        affected: dict[str, list[Job]] = defaultdict(list)
        for program, jobs in used.items():
            interpreter = interpreter_of(program)
            if interpreter and not self._find(interpreter):
                affected[interpreter].extend(jobs)
        for interpreter, jobs in affected.items():
            yield Remark(f"{_jobs(jobs)} {_need(jobs)} {interpreter}, which is not here")

    def _of_modules(self, used: Mapping[str, list[Job]]) -> Iterator[Remark]:
        affected: dict[str, list[Job]] = defaultdict(list)
        for program, jobs in used.items():
            if is_python(interpreter_of(program)):
                for name in imported_names(program):
                    affected[name].extend(jobs)
        missing = missing_modules(affected, self._python_path)
        for name in sorted(missing, key=lambda it: (-len(affected[it]), it)):
            jobs = affected[name]
            package = PACKAGES.get(name)
            hint = f"apt install {package}" if package and self._find("apt") else ""
            text = f"{_jobs(jobs)} {_need(jobs)} {name}, which is not installed"
            yield Remark(f"{text}: {'it' if _number(jobs) == 1 else 'they'} will fail", hint)


def _number(jobs: Iterable[Job]) -> int:
    return len({job.id for job in jobs})


def _jobs(jobs: Iterable[Job]) -> str:
    """The jobs by name where they are few, else their number."""
    names = list(dict.fromkeys(job.partial_id for job in jobs))
    return ", ".join(names) if len(names) < _MOST_NAMED else f"{len(names)} jobs"


def _need(jobs: Iterable[Job]) -> str:
    return "needs" if _number(jobs) == 1 else "need"
