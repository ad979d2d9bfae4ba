"""Folders of a session that jobs of several users work in.

A working folder belongs to the user that runs the job. The session share belongs to the user
that jobs normally run as; every other user that the plan names gets an access entry (POSIX ACL),
which files made in it inherit. Where the file system has no such entries the share is open to
all, sticky, which is bearable because the session folder can be entered but not listed.
Nothing here follows a link.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from plainbox.engine.users import Account

_VERSION: Final = struct.pack("<I", 2)
_ENTRY: Final = struct.Struct("<HHI")
_NOBODY: Final = 0xFFFFFFFF
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_ALL: Final = 7
_LISTS: Final = ("system.posix_acl_access", "system.posix_acl_default")


def hand_over(folder: Path, account: Account) -> None:
    """Let a folder be a user's alone. Raise `OSError`.

    Where plainbox may not give files away, it stays the owner, and the user gets an entry.
    """
    share_with(folder, account, ())


def share_with(folder: Path, owner: Account, others: Iterable[Account]) -> None:
    """Let a folder be a user's, and let others read and write in it. Raise `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        named = {account.uid: account for account in (owner, *others)}
        has = os.fstat(descriptor).st_uid
        if has != owner.uid and os.geteuid() == 0:
            os.fchown(descriptor, owner.uid, owner.gid)
            has = owner.uid
        named.pop(has, None)
        named.pop(0, None)  # root may enter anyway
        os.fchmod(descriptor, 0o700)
        if named:
            _open_to(descriptor, sorted(named))
    finally:
        os.close(descriptor)


def _open_to(descriptor: int, users: list[int]) -> None:
    entries = _VERSION + b"".join(_ENTRY.pack(*entry) for entry in _entries(users))
    try:
        for name in _LISTS:
            os.setxattr(descriptor, name, entries)
    except OSError:
        os.fchmod(descriptor, 0o1777)


def _entries(users: list[int]) -> Iterator[tuple[int, int, int]]:
    yield _OWNER, _ALL, _NOBODY
    for user in users:
        yield _USER, _ALL, user
    yield _GROUP, 0, _NOBODY
    yield _MASK, _ALL, _NOBODY
    yield _OTHERS, 0, _NOBODY
