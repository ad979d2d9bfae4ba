"""Every option there is, and the values that count on this machine for this call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from plainbox.config.kinds import Folder, Folders, Line, Seconds, Size, Whole, Words
from plainbox.config.options import Layer, Option, Stated
from plainbox.config.places import state_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PARTS: Final = re.compile(r"[^A-Z0-9]+")


class Settings:
    """What was stated for each option, and, as attributes, the values that count.

    `environment` are variables for all jobs (one that plainbox was called with stays as it is),
    `manifest` values of manifest entries by full id, both with their places.
    """

    state_dir: Option[Path | None] = Option(
        Folder(),
        None,
        "Folder in which plainbox keeps sessions, their history and the manifest.",
        section="storage",
        unset="$XDG_STATE_HOME/plainbox, for root /var/lib/plainbox",
    )
    log_size: Option[int] = Option(
        Size(),
        10**9,
        "How much output of one attempt is kept; of more, the beginning and the end.",
        section="storage",
    )
    disk_reserve: Option[int] = Option(
        Size(),
        64 * 10**6,
        "Room on the disk of the state folder that is left free, so that a session can be resumed.",
        section="storage",
    )
    provider: Option[tuple[str, ...]] = Option(
        Folders(),
        (),
        "Use this provider (a folder or a .provider file) and no others but the built-in ones; "
        "may be given again.",
        section="run",
        flag="--provider",
        variable="PLAINBOX_PROVIDERS",
        metavar="PATH",
        unset="those that are installed",
    )
    normal_user: Option[str | None] = Option(
        Line(),
        None,
        "User that jobs run as which name none, where plainbox is root.",
        section="run",
        flag="--normal-user",
        metavar="USER",
        unset="who called sudo",
    )
    jobs: Option[int | None] = Option(
        Whole(1),
        None,
        "How many resource and attachment jobs of the bootstrap run at once; tests never do.",
        section="run",
        flag="--jobs",
        metavar="N",
        unset="one a CPU",
    )
    timeout: Option[float | None] = Option(
        Seconds(),
        None,
        "Longest time that a job may run which has no timeout of its own.",
        section="run",
        flag="--timeout",
        metavar="TIME",
        unset="ten times its estimated duration, at least ten minutes; else twelve hours",
    )
    retry: Option[int] = Option(
        Whole(),
        0,
        "How often a job that failed is run again.",
        section="run",
        flag="--retry",
        metavar="N",
    )
    output: Option[Path | None] = Option(
        Folder(),
        None,
        "Write the reports there.",
        section="run",
        flag="--output",
        metavar="DIR",
        unset="the folder of the session",
    )
    secrets: Option[tuple[str, ...]] = Option(
        Words(),
        ("TOKEN", "SECRET", "PASSWORD", "KEY"),
        "Words in the names of variables whose values are never shown nor kept.",
        section="run",
        adds_up=True,
    )

    def __init__(
        self,
        stated: Mapping[str, Iterable[Stated]],
        environ: Mapping[str, str],
        free: Mapping[str, Mapping[str, Stated]] | None = None,
    ) -> None:
        """Take statements by option, the weakest first, and those of `free` sections by key."""
        self._stated = {name: tuple(statements) for name, statements in stated.items()}
        self._environ = environ
        free = free or {}
        self.environment: Mapping[str, Stated] = free.get("environment", {})
        self.manifest: Mapping[str, Stated] = free.get("manifest", {})

    def statements(self, option: Option[Any]) -> tuple[Stated, ...]:
        """All that was stated for an option, its default first and what counts last."""
        text = option.shown(option.default)
        default = Stated(option.default, text, Layer.DEFAULT, "")
        return (default, *self._stated.get(option.name, ()))

    def value(self, option: Option[Any]) -> Any:
        """The value that counts."""
        statements = self.statements(option)
        if option.adds_up:
            return tuple(dict.fromkeys(word for stated in statements for word in stated.value))
        return statements[-1].value

    @property
    def state_folder(self) -> Path:
        """Where sessions are kept. Raise `UsageError` where there is no home to do so."""
        return self.state_dir or state_folder(self._environ)

    def conceals(self, variable: str) -> bool:
        """Whether the value of a variable is a secret, as its name says."""
        name = variable.upper()
        parts = _PARTS.split(name)
        return any(name.endswith(word.upper()) or word.upper() in parts for word in self.secrets)


OPTIONS: Final[Mapping[str, Option[Any]]] = {
    name: option for name, option in vars(Settings).items() if isinstance(option, Option)
}
"""All options by name."""
