"""What a job finds around it: its environment, its shell, its programs.

Jobs run with the programs of the device. Nothing of the interpreter or the virtual environment
that plainbox itself runs in is passed on to them.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from plainbox.fields import Owner
    from plainbox.session.store import SessionFolder
    from plainbox.units import Job

    Programs = Callable[[str], Iterable[tuple[str, str]]]

_COERCED: Final = ("C.UTF-8", "C.utf8", "UTF-8")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_OF_PLAINBOX: Final = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "__PYVENV_LAUNCHER__")


def caller_environment(own: Path = Path("/proc/self/environ")) -> dict[str, str]:
    """The environment that plainbox was called with, which Python may have added to.

    Where the caller asks for no language, Python sets `LC_CTYPE` for itself and all it starts.
    """
    environment = dict(os.environ)
    if environment.get("LC_CTYPE") not in _COERCED:
        return environment
    try:
        variables = own.read_bytes().split(b"\0")
    except OSError:
        return environment
    del environment["LC_CTYPE"]
    start = b"LC_CTYPE="
    given = [os.fsdecode(it.removeprefix(start)) for it in variables if it.startswith(start)]
    environment.update(("LC_CTYPE", value) for value in given)
    return environment


def device_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that plainbox was called in, without what is plainbox's own."""
    environment = {k: v for k, v in environ.items() if k not in _OF_PLAINBOX}
    path = environment.get("PATH", os.defpath)
    if sys.prefix != sys.base_prefix:
        own = {os.path.realpath(os.path.join(sys.prefix, "bin"))}  # noqa: PTH118 - text, not a path
        path = os.pathsep.join(p for p in path.split(os.pathsep) if os.path.realpath(p) not in own)
    environment["PATH"] = path or os.defpath
    environment["SYSTEMD_IGNORE_CHROOT"] = "1"
    return environment


class Surroundings:
    """Makes the environments of the jobs of one session.

    The programs of all providers of a namespace are linked into one folder, made when the
    first job of that namespace runs; where two have the same name the first provider wins.
    """

    def __init__(
        self, folder: SessionFolder, environ: Mapping[str, str], programs: Programs
    ) -> None:
        """`programs` tells the names and paths of the executables of a namespace."""
        self._folder = folder
        self._programs = programs
        self._base = device_environment(environ)
        self._base["PLAINBOX_SESSION_SHARE"] = self._base["CHECKBOX_DATA"] = str(folder.share)
        self._by_owner: dict[Owner, dict[str, str]] = {}
        self._shell = shutil.which("bash", path=self._base["PATH"]) or "/bin/sh"

    def environment(self, job: Job) -> dict[str, str]:
        """The whole environment of a job."""
        environment = self._by_owner.get(job.owner)
        if environment is None:
            environment = self._by_owner[job.owner] = self._of_owner(job.owner)
        if "reset-locale" in job.flags:
            return _without_locale(environment)
        return environment

    def arguments(self, job: Job, command: str) -> list[str]:
        """The argument vector that runs the command of a job."""
        shell = self._shell if job.shell in ("", "bash") else job.shell
        return [shell, "-c", command]

    def _of_owner(self, owner: Owner) -> dict[str, str]:
        environment = dict(self._base)
        links = self._link_programs(owner.namespace)
        environment["PATH"] = f"{links}{os.pathsep}{environment['PATH']}"
        if owner.root is not None:
            environment["CHECKBOX_SHARE"] = str(owner.root)
        if owner.data_dir is not None:
            environment["PLAINBOX_PROVIDER_DATA"] = str(owner.data_dir)
        if owner.units_dir is not None:
            environment["PLAINBOX_PROVIDER_UNITS"] = str(owner.units_dir)
        if owner.gettext_domain:
            for key in ("TEXTDOMAIN", "PLAINBOX_PROVIDER_GETTEXT_DOMAIN"):
                environment[key] = owner.gettext_domain
        if owner.locale_dir is not None:
            for key in ("TEXTDOMAINDIR", "PLAINBOX_PROVIDER_LOCALE_DIR"):
                environment[key] = str(owner.locale_dir)
        return environment

    def _link_programs(self, namespace: str) -> Path:
        links = self._folder.programs / _folder_name(namespace)
        wanted: dict[str, str] = {}
        for name, path in self._programs(namespace):
            wanted.setdefault(name, path)
        try:
            links.mkdir(mode=0o755, exist_ok=True)
            for link in links.iterdir():
                if wanted.get(link.name) == str(link.readlink()):
                    del wanted[link.name]
                else:
                    link.unlink()
            for name, path in wanted.items():
                (links / name).symlink_to(path)
        except OSError as error:
            raise StorageError(f"programs cannot be linked in {links}: {error}") from error
        return links


def _folder_name(namespace: str) -> str:
    """A name for the folder of a namespace, which may hold any letters."""
    if _PLAIN.fullmatch(namespace):
        return namespace
    return "other-" + namespace.encode("utf-8", "surrogateescape").hex()


def _without_locale(environment: Mapping[str, str]) -> dict[str, str]:
    gone = ("LANGUAGE", "TEXTDOMAIN", "TEXTDOMAINDIR")
    kept = {
        key: value
        for key, value in environment.items()
        if key not in gone
        and not key.startswith("LC_")
        and key not in ("PLAINBOX_PROVIDER_GETTEXT_DOMAIN", "PLAINBOX_PROVIDER_LOCALE_DIR")
    }
    kept["LANG"] = "C.UTF-8"
    return kept
