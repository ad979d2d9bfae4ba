"""Having plainbox started again after the machine restarts.

===================  ==================================================  ===================
means                where                                               for
===================  ==================================================  ===================
system unit          /etc/systemd/system                                 root, with systemd
user unit            ~/.config/systemd/user                              others, with systemd
autostart entry      ~/.config/autostart                                 a desktop without it
===================  ==================================================  ===================

A unit is enabled as `systemctl enable` does it: by a link in the folder of a target. systemd
reads both when it starts, so nothing has to be told now, and nothing can be half done that
matters: a link without a unit is passed over.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from plainbox.files import replace_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNIT: Final = "plainbox-resume.service"
ENTRY: Final = "plainbox-resume.desktop"

_UNIT_TEXT: Final = """\
# Written by plainbox, which removes it when the session goes on.
[Unit]
Description=Resume the plainbox session after a restart
After={after}

[Service]
Type=simple
ExecStart={command}
KillMode=process

[Install]
WantedBy={target}
"""
_ENTRY_TEXT: Final = """\
[Desktop Entry]
Type=Application
Version=1.0
Name=plainbox
Comment=Resume the plainbox session after a restart
Exec={command}
Terminal=true
StartupNotify=false
"""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_@+=:,./-]+")


class Restart(Protocol):
    """A way to be started again."""

    def prime(self, command: Sequence[str]) -> None:
        """Have a command run after the next restart; the program is an absolute path.

        Raise `OSError`; then nothing will be started.
        """
        ...

    def diffuse(self) -> None:
        """Have nothing run any more. Raise `OSError`."""
        ...

    def describe(self) -> str:
        """What happens after a restart, in words that follow "after a restart "."""
        ...


class Account(NamedTuple):
    """Whose plainbox is to be started: the number, home and name of a user."""

    number: int
    home: Path
    name: str


class SystemdUnit:
    """A unit of systemd, of the system or of one user."""

    def __init__(self, folder: Path, target: str, after: str, words: str) -> None:
        self._unit = folder / UNIT
        self._link = folder / f"{target}.wants" / UNIT
        self._target = target
        self._after = after
        self._words = words

    def prime(self, command: Sequence[str]) -> None:
        """Write the unit, then the link that enables it."""
        text = _UNIT_TEXT.format(
            command=" ".join(map(quoted_for_systemd, _one_line(command))),
            target=self._target,
            after=self._after,
        )
        self._link.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._unit, text.encode())
        temporary = self._link.with_name(f".{UNIT}.{os.getpid()}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(os.path.join("..", UNIT))  # noqa: PTH118 - stays relative
        temporary.replace(self._link)
        sync_folder(self._link.parent)

    def diffuse(self) -> None:
        """Remove the link, then the unit."""
        _remove(self._link, self._unit)

    def describe(self) -> str:
        """What happens after a restart."""
        return self._words


class Autostart:
    """An entry that desktops start when the user logs in."""

    def __init__(self, folder: Path, user: str) -> None:
        self._entry = folder / ENTRY
        self._user = user

    def prime(self, command: Sequence[str]) -> None:
        """Write the entry."""
        words = " ".join(map(quoted_for_desktops, _one_line(command)))
        self._entry.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._entry, _ENTRY_TEXT.format(command=words).encode())

    def diffuse(self) -> None:
        """Remove the entry."""
        _remove(self._entry)

    def describe(self) -> str:
        """What happens after a restart."""
        return f"the session goes on in a terminal when {self._user} logs in to the desktop"


def find_restart(
    account: Account, environ: Mapping[str, str], root: Path = Path("/")
) -> Restart | None:
    """The way that this machine has; none where plainbox has to be started by hand."""
    config = _config_folder(account, environ, root)
    if (root / "run/systemd/system").is_dir():
        if account.number == 0:
            folder = root / "etc/systemd/system"
            if not _can_be_written(folder):
                return None
            return SystemdUnit(
                folder, "multi-user.target", "multi-user.target", "the session goes on by itself"
            )
        if (root / f"run/user/{account.number}/systemd").is_dir() and _can_be_written(config):
            lingers = (root / "var/lib/systemd/linger" / account.name).exists()
            when = "by itself" if lingers else f"when {account.name} logs in"
            words = f"the session goes on {when}"
            return SystemdUnit(config / "systemd/user", "default.target", "basic.target", words)
    if (root / "etc/xdg/autostart").is_dir() and _can_be_written(config):
        return Autostart(config / "autostart", account.name)
    return None


def _config_folder(account: Account, environ: Mapping[str, str], root: Path) -> Path:
    """Where the user manager and the desktop look, which know nothing of our environment."""
    stated = environ.get("XDG_CONFIG_HOME", "")
    folder = Path(stated) if stated.startswith("/") else account.home / ".config"
    return root / str(folder).lstrip("/")


def _can_be_written(folder: Path) -> bool:
    """Whether files can be made in a folder, or in the nearest one above it that exists."""
    for place in (folder, *folder.parents):
        if place.exists():
            return os.access(place, os.W_OK | os.X_OK)
    return False


def _one_line(command: Sequence[str]) -> Sequence[str]:
    if any(ord(character) < ord(" ") for word in command for character in word):
        raise OSError(22, "a command with control characters cannot be started after a restart")
    return command


def quoted_for_systemd(word: str) -> str:
    """A word for `ExecStart=`, taken as it is: nothing in it is replaced."""
    word = word.replace("%", "%%").replace("$", "$$")
    if _PLAIN.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted_for_desktops(word: str) -> str:
    """A word for `Exec=`: quoted for the command line, then escaped as a value of the file."""
    word = word.replace("%", "%%")
    if _PLAIN.fullmatch(word):
        return word
    quoted = re.sub(r'(["`$\\])', r"\\\1", word)
    return '"' + quoted.replace("\\", "\\\\") + '"'


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
