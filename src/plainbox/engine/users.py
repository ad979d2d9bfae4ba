"""Which users jobs run as, and what they find in their environment.

A job with `user` runs as that one. A job without runs as plainbox's own user; where that is
root, as the normal user: `--normal-user`, else who called sudo, doas, run0 or pkexec, else root
itself, with a notice.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plainbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT: Final = "root"
_CALLERS: Final = ("SUDO_USER", "DOAS_USER")
_CALLERS_BY_NUMBER: Final = ("PKEXEC_UID", "SUDO_UID")
_SYSTEM_PROGRAMS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_KEPT: Final = ("PATH", "TERM", "TZ", "LANG", "LANGUAGE", "SYSTEMD_IGNORE_CHROOT")
_LANGUAGE: Final = ("LANG", "LANGUAGE", "LC_")


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str

    @property
    def groups(self) -> list[int]:
        """The groups that the user is in."""
        return os.getgrouplist(self.name, self.gid)


def find_account(wanted: str | int) -> Account | None:
    """The user of a name or number; None where there is none."""
    import pwd

    try:
        entry = pwd.getpwuid(wanted) if isinstance(wanted, int) else pwd.getpwnam(wanted)
    except (KeyError, ValueError, OverflowError):
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell)


def own_account() -> Account:
    """The user that plainbox runs as, who need not have a name."""
    uid = os.geteuid()
    home = os.environ.get("HOME", "/")
    return find_account(uid) or Account(str(uid), uid, os.getegid(), home, "/bin/sh")


def normal_user(
    wanted: str | None, environ: Mapping[str, str], own: Account | None = None
) -> tuple[Account, str]:
    """Who jobs without `user` run as, and a notice where that may surprise.

    `wanted` is what `--normal-user` says. Raise `UsageError` where there is no such user.
    """
    own = own or own_account()
    if wanted is not None:
        account = find_account(wanted)
        if account is None:
            raise UsageError(f"there is no user {wanted!r} on this machine")
        return account, ""
    if own.uid != 0:
        return own, ""
    for account in _callers(environ):
        if account.uid != 0:
            return account, ""
    return own, "jobs that name no user run as root: --normal-user NAME says otherwise"


def _callers(environ: Mapping[str, str]) -> Iterable[Account]:
    names: list[str | int] = [environ[key] for key in _CALLERS if environ.get(key)]
    numbers = (environ.get(key, "") for key in _CALLERS_BY_NUMBER)
    names += [int(number) for number in numbers if number.isdecimal()]
    return filter(None, map(find_account, names))


def environment_for(
    account: Account,
    job_environment: Mapping[str, str],
    caller: Mapping[str, str],
    names: Iterable[str] = (),
) -> dict[str, str]:
    """What a job of another user finds: that user's own, and what plainbox adds for the job.

    `job_environment` is what it would find as plainbox's user, `caller` what plainbox itself was
    called in; what differs between them, and the variables of these `names`, is passed on.
    """
    named = set(names)
    environment = {
        key: value
        for key, value in job_environment.items()
        if key in _KEPT or key in named or key.startswith("LC_") or caller.get(key) != value
    }
    path = environment.get("PATH", os.defpath).split(os.pathsep)
    if account.uid == 0:
        path += [folder for folder in _SYSTEM_PROGRAMS if folder not in path]
    own = {
        "HOME": account.home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell or "/bin/sh",
        "PATH": os.pathsep.join(path),
    }
    runtime = f"/run/user/{account.uid}"
    if os.path.isdir(runtime):  # noqa: PTH112 - text
        own["XDG_RUNTIME_DIR"] = runtime
        if os.path.exists(f"{runtime}/bus"):  # noqa: PTH110 - text
            own["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/bus"
    chosen = {key: value for key, value in own.items() if key == "PATH" or key not in named}
    return {**own, **environment, **chosen}


@dataclass(frozen=True)
class Way:
    """A program that starts another one as root.

    `quietly` is how it does so only if it need not ask, None where it cannot be told so.
    """

    program: str
    quietly: tuple[str, ...] | None
    asking: tuple[str, ...] = ()


WAYS: Final = (
    Way("sudo", ("-n", "--"), ("--",)),
    Way("sudo-rs", ("-n", "--"), ("--",)),
    Way("doas", ("-n", "--"), ("--",)),
    Way("run0", ("--no-ask-password", "--"), ("--",)),
    Way("pkexec", None),
)


def ways_to_root(path: str | None = None) -> list[Way]:
    """The programs of this machine that can make root of us, by their paths."""
    found = ((shutil.which(way.program, path=path), way) for way in WAYS)
    return [Way(there, way.quietly, way.asking) for there, way in found if there]


def available_users(wanted: Iterable[str], own: Account | None = None) -> frozenset[str]:
    """Those of some users whom plainbox may be able to become, before it has tried."""
    own = own or own_account()
    able = own.uid == 0 or bool(ways_to_root())
    return frozenset({own.name}) | {name for name in wanted if able and find_account(name)}
