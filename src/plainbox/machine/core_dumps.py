"""Core dumps that appear: files in the folder that the kernel's core pattern leads to.

A pattern that is a plain name puts them into the working folder of the process, where they are
files that a job left; nothing is looked for then.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_OF_PROGRAMS: Final = {
    "systemd-coredump": "var/lib/systemd/coredump",
    "apport": "var/crash",
    "abrt-hook-ccpp": "var/spool/abrt",
}
_MOST: Final = 10_000


class CoreDumps:
    """The folder of core dumps and what was in it at the last look."""

    def __init__(self, root: Path) -> None:
        self._folder = _folder(root)
        self._changed = -1
        self._known: set[str] = set()
        self.new()

    def new(self) -> list[str]:
        """The names of files that are new since the last look."""
        if self._folder is None:
            return []
        try:
            changed = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - called after every job
            if changed == self._changed:
                return []
            names = set(os.listdir(self._folder)[:_MOST])  # noqa: PTH208 - names are enough
        except OSError:
            return []
        self._changed = changed
        found = sorted(name for name in names - self._known if not name.startswith("."))
        self._known = names
        return found


def _folder(root: Path) -> str | None:
    try:
        pattern = (root / "proc/sys/kernel/core_pattern").read_text("utf-8", "replace").strip()
    except OSError:
        return None
    if pattern.startswith("|"):
        program = os.path.basename(pattern[1:].split()[0]) if pattern[1:].split() else ""  # noqa: PTH119
        place = _OF_PROGRAMS.get(program)
        return str(root / place) if place else None
    if pattern.startswith("/"):
        folder = os.path.dirname(pattern)  # noqa: PTH120 - a text with % in it
        return None if "%" in folder else str(root / folder.lstrip("/"))
    return None
