"""Find the providers that a request is about.

What the caller names comes alone; else first the side-loaded ones, then the installed ones in
the order of their paths. The built-in ones always come before all. No provider counts twice:
of two with one name or one folder the first stays.

Nothing found is ever executed. Places where any user may write are used only as far as
they belong to root or to the user that plainbox runs as.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.catalog.builtin import builtin_owners
from plainbox.catalog.given import is_file, is_folder
from plainbox.catalog.owners import SCRIPT, has_units, owner_of_file, owner_of_folder
from plainbox.diagnostics import Code, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.fields import Owner

FOLDER: Final = "plainbox-providers-1"


@dataclass(frozen=True)
class Places:
    """The fixed folders that are searched; tests have their own."""

    system: tuple[Path, ...] = (Path("/usr/local/share", FOLDER), Path("/usr/share", FOLDER))
    develop: Path = Path("/var/tmp/checkbox-providers-develop")  # noqa: S108 - checked before use
    sideload: Path = Path("/var/tmp/checkbox-providers")  # noqa: S108 - checked before use


STANDARD: Final = Places()


def find_providers(
    explicit: Sequence[str], environ: Mapping[str, str], sink: Sink, places: Places = STANDARD
) -> list[Owner]:
    """The providers to load, built-in ones first; what is wrong with others goes to the sink.

    Each of `explicit` is a `.provider` file, the folder of a provider, or a folder that holds
    folders of providers.
    """
    found = _Found(sink)
    for owner in builtin_owners():
        found.add(owner)
    if explicit:
        for named in explicit:
            found.add_named(Path(named))
        return found.owners
    for folder in _sideloaded(places.sideload, set(), sink):
        found.add_sideloaded(folder)
    for path in sorted(_installed(environ, places, sink), key=str):
        found.add(owner_of_file(path, sink))
    return found.owners


class _Found:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.owners: list[Owner] = []
        self._names: set[tuple[str, str]] = set()
        self._folders: set[Path] = set()

    def add(self, owner: Owner | None) -> bool:
        """Keep a provider unless there is one of its name or in its folder."""
        if owner is None:
            return False
        name = (owner.namespace, owner.name.rpartition(":")[2])
        folder = owner.root and _real(owner.root)
        if name in self._names or folder in self._folders:
            return False
        self._names.add(name)
        if folder is not None:
            self._folders.add(folder)
        self.owners.append(owner)
        return True

    def add_named(self, path: Path) -> None:
        if is_file(path):
            self.add(owner_of_file(path, self.sink))
            return
        before = len(self.sink)
        owners = list(_owners_in(path, self.sink))
        if not owners and len(self.sink) == before:
            what = "no provider in" if is_folder(path) else "no such provider:"
            self.sink.add(
                Diagnostic(
                    Code.BAD_PROVIDER,
                    f"{what} {path}",
                    notes=("a provider is a folder with manage.py or units, or a .provider file",),
                )
            )
        for owner in owners:
            self.add(owner)

    def add_sideloaded(self, folder: Path) -> None:
        owner = owner_of_folder(folder, self.sink)
        if owner is not None and self.add(owner):
            message = f"provider '{owner.name}' is side-loaded from {folder}"
            note = "it takes the place of an installed provider of the same name"
            self.sink.add(Diagnostic(Code.PROVIDER_SOURCE, message, notes=(note,)))


def _owners_in(folder: Path, sink: Sink) -> Iterator[Owner | None]:
    """The provider that a folder is, or else those in it."""
    before = len(sink)
    owner = owner_of_folder(folder, sink) if _has_script(folder) else None
    definitions = _definitions(folder)
    if owner is not None or len(sink) > before:
        yield owner
    elif definitions:
        yield from (owner_of_file(path, sink) for path in definitions)
    elif has_units(folder):
        yield owner_of_folder(folder, sink)
    else:
        for inner in _subfolders(folder):
            if _has_script(inner):
                yield owner_of_folder(inner, sink)
            else:
                yield from (owner_of_file(path, sink) for path in _definitions(inner))


def _installed(environ: Mapping[str, str], places: Places, sink: Sink) -> Iterator[Path]:
    """The `.provider` files of the machine."""
    stated = [Path(folder) for folder in environ.get("PROVIDERPATH", "").split(":") if folder]
    if stated:
        for folder in stated:
            if not is_folder(folder):
                _warn(f"PROVIDERPATH names {folder}, which is no folder", sink)
            yield from _definitions(folder)
        return
    snap = environ.get("SNAP") or environ.get("SNAP_APP_PATH")
    for folder in _snap_folders(Path(snap), sink) if snap else places.system:
        yield from _definitions(folder)
    yield from _definitions(_user_folder(environ) / FOLDER)
    if _trusted(places.develop, sink):
        yield from (path for path in _definitions(places.develop) if _trusted(path, sink))


def _user_folder(environ: Mapping[str, str]) -> Path:
    folder = Path(environ.get("XDG_DATA_HOME", ""))
    if folder.is_absolute():
        return folder
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / ".local" / "share"


def _snap_folders(snap: Path, sink: Sink) -> Iterator[Path]:
    yield from _subfolders(snap / "providers")
    for frontend in _subfolders(snap / "custom_frontends"):
        if is_folder(frontend / "providers"):
            yield from _subfolders(frontend / "providers")
        elif _entries(frontend):
            _warn(f"the custom frontend {frontend} has no folder 'providers'", sink)


def _sideloaded(folder: Path, seen: set[Path], sink: Sink) -> Iterator[Path]:
    """Every folder below with a manage.py, as far as its owner may be trusted."""
    real = _real(folder)
    if real in seen or not _trusted(folder, sink):
        return
    seen.add(real)
    if _has_script(folder):
        yield folder
        return
    for inner in _subfolders(folder):
        yield from _sideloaded(inner, seen, sink)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises for a loop of links


def _trusted(path: Path, sink: Sink) -> bool:
    """Whether a path is there, and nobody but root and this user could have made its content."""
    try:
        link, target = path.lstat(), path.stat()
    except OSError:
        return False
    users = {0, os.geteuid()}
    if link.st_uid not in users or target.st_uid not in users:
        _warn(f"{path} is ignored: it belongs to another user", sink)
    elif target.st_mode & stat.S_IWOTH:
        _warn(f"{path} is ignored: every user may write to it", sink)
    else:
        return True
    return False


def _warn(message: str, sink: Sink) -> None:
    sink.add(Diagnostic(Code.PROVIDER_SOURCE, message))


def _has_script(folder: Path) -> bool:
    return is_file(folder / SCRIPT)


def _definitions(folder: Path) -> list[Path]:
    """The `.provider` files right in a folder."""
    return [path for path in _entries(folder) if path.name.endswith(".provider") and is_file(path)]


def _subfolders(folder: Path) -> list[Path]:
    """The folders right in a folder, without hidden ones."""
    return [path for path in _entries(folder) if path.name[0] != "." and is_folder(path)]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
