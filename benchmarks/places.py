"""Where sessions can be kept while they are measured, and what is below: memory or a disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from plainbox.config import read_settings
from plainbox.diagnostics import Sink

IN_MEMORY = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True)
class Place:
    """A folder and the type of its file system."""

    folder: Path
    file_system: str

    @property
    def kind(self) -> str:
        """What files cost here, in one word."""
        return "tmpfs" if self.file_system in IN_MEMORY else "disk"


def find_places() -> list[Place]:
    """The default state folder, and one of the other kind where the machine has one."""
    places: list[Place] = []
    state = read_settings(os.environ, Sink()).state_folder
    for folder in (state, Path("/dev/shm"), Path("/var/tmp")):  # noqa: S108
        there = _existing(folder)
        place = Place(there, file_system_of(there))
        if os.access(there, os.W_OK) and place.kind not in {known.kind for known in places}:
            places.append(place)
    return places


def _existing(folder: Path) -> Path:
    """The folder, or the one above it that exists: nothing is made outside of it."""
    return next(it for it in (folder.absolute(), *folder.absolute().parents) if it.is_dir())


def file_system_of(folder: Path) -> str:
    """The type of the file system that a folder is on."""
    device = os.stat(folder).st_dev  # noqa: PTH116 - one kind of number for both
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == wanted:
            return source.split()[0]
    return "unknown"
