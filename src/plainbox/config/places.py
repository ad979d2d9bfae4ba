"""Where configuration files are, and where plainbox keeps what it has to remember."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = Path("plainbox", "plainbox.conf")


def config_files(environ: Mapping[str, str]) -> list[Path]:
    """The configuration files that may exist, the weakest first: of the system, of the user."""
    stated = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    system = [Path(folder) for folder in reversed(stated.split(":")) if folder.startswith("/")]
    own = own_config_file(environ)
    return [*(folder / NAME for folder in system), *([own] if own else [])]


def own_config_file(environ: Mapping[str, str]) -> Path | None:
    """The configuration file of this user; none where there is no home."""
    if (folder := environ.get("XDG_CONFIG_HOME", "")).startswith("/"):
        return Path(folder) / NAME
    home = environ.get("HOME")
    return Path(home, ".config") / NAME if home else None


def state_folder(environ: Mapping[str, str]) -> Path:
    """The state folder of this user where none is set. Raise `UsageError`."""
    if chosen := environ.get("XDG_STATE_HOME"):
        return Path(chosen, "plainbox")
    if os.geteuid() == 0:
        return Path("/var/lib/plainbox")
    if home := environ.get("HOME"):
        return Path(home, ".local", "state", "plainbox")
    raise UsageError("there is no HOME to keep sessions in", hints=["set PLAINBOX_STATE_DIR"])
