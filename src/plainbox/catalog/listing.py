"""The files of a provider: which ones hold units, which ones are programs.

=========  ==================================  =======================================
folder     unit files                          written in
=========  ==================================  =======================================
units_dir  ``.pxu .txt``                       the record language
units_dir  ``.yaml .yml``                      YAML
jobs_dir   ``.pxu .txt .in``, so ``.txt.in``   the record language
jobs_dir   ``.yaml .yml``                      YAML
=========  ==================================  =======================================

Folders are searched to the bottom, links to folders are not followed. Paths are plain texts
here: there are hundreds of them in every start of the program.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plainbox.fields import Owner

UNITS: Final = (".pxu", ".txt", ".yaml", ".yml")
JOBS: Final = (*UNITS, ".in")


def unit_files(owner: Owner) -> list[str]:
    """The paths of the unit files of a provider, in the order in which they are read."""
    paths: set[str] = set()
    for folder, endings in ((owner.units_dir, UNITS), (owner.jobs_dir, JOBS)):
        if folder is not None:
            paths.update(path for path in _files(str(folder)) if path.endswith(endings))
    return sorted(paths)


def executables(owner: Owner) -> list[tuple[str, str]]:
    """The programs of a provider by name, each with its path; of one name the first counts.

    They are the executable files below its `bin` folder, and those below `build/bin` that
    `src/EXECUTABLES` names.
    """
    found: dict[str, str] = {}
    for path in _programs(owner.bin_dir):
        found.setdefault(_name(path), path)
    if owner.root is not None:
        built = _built(owner.root)
        for path in _programs(owner.root / "build" / "bin") if built else ():
            if _name(path) in built:
                found.setdefault(_name(path), path)
    return sorted(found.items())


def _files(folder: str) -> Iterator[str]:
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file():
                    yield entry.path


def _programs(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    return sorted(path for path in _files(str(folder)) if os.access(path, os.X_OK))


def _built(root: Path) -> frozenset[str]:
    try:
        text = (root / "src" / "EXECUTABLES").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(line.strip() for line in text.splitlines())


def _name(path: str) -> str:
    return path.rpartition("/")[2]
