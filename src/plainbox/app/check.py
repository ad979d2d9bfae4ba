"""Checking what a person named: providers, folders and files in them, or a text.

Only what was named is reported on. Ids are looked up in the whole provider that a file belongs
to, then in the providers beside it, as in a source tree with several, and in the installed ones.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.app.extensions import load_extensions
from plainbox.catalog import Catalog, builtin_owners, find_providers, load_catalog, unit_files
from plainbox.catalog.loading import without_collection
from plainbox.catalog.owners import SCRIPT, has_units, owner_of_folder
from plainbox.checking import Finding, World, apply_ignores, check_units
from plainbox.diagnostics import Sink
from plainbox.errors import UsageError
from plainbox.fields import Owner
from plainbox.records import name_is_yaml, read_file, read_pxu, read_yaml
from plainbox.text import Source
from plainbox.units import build_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plainbox.fields import Unit
    from plainbox.records import Record

NOWHERE: Final = Owner("", "")
"""The owner of units that stand in no provider."""


@dataclass(frozen=True)
class Text:
    """A text that takes the place of a file, or stands for itself."""

    name: str
    text: str


@dataclass
class Targets:
    """What to report on: all of some providers, and single files of others or of none.

    `owners` are all providers to load.
    """

    owners: list[Owner] = field(default_factory=list)
    whole: set[Owner] = field(default_factory=set)
    files: dict[str, Owner] = field(default_factory=dict)
    text: Text | None = None
    """A text to read instead of a file; its owner is that of the file of its name."""


@dataclass(frozen=True)
class Inspection:
    """What was found, in the order of files and lines, and the number of files looked at."""

    findings: tuple[Finding, ...]
    files: int


def inspect(
    named: Sequence[str],
    environ: Mapping[str, str],
    *,
    text: Text | None = None,
    shellcheck: bool = False,
) -> Inspection:
    """Check what is named and a text, or the provider of the current folder, or all providers.

    Raise `UsageError` where something that is named does not exist.
    """
    sink = Sink()
    load_extensions(sink)
    targets = _targets(named, text, environ, sink)
    with without_collection():
        return _Inspector(targets, environ, sink).inspection(shellcheck=shellcheck)


def _targets(
    named: Sequence[str], text: Text | None, environ: Mapping[str, str], sink: Sink
) -> Targets:
    targets = Targets(list(builtin_owners()), text=text)
    for name in named:
        _add_named(targets, name, sink)
    if text is not None:
        _add_file(targets, str(Path(text.name).absolute()), sink)
    elif not named:
        here = _provider_above(Path.cwd() / "x", sink)
        found = [here] if here else find_providers([], environ, sink)[len(targets.owners) :]
        targets.owners += found
        targets.whole.update(found)
    return targets


def _add_named(targets: Targets, name: str, sink: Sink) -> None:
    path = Path(name)
    if not path.exists():
        raise UsageError(f"there is no file or folder {name}")
    if path.is_file() and path.suffix != ".provider":
        _add_file(targets, str(path.absolute()), sink)
        return
    probe = Sink()
    found = _providers_in(path, probe)
    if found or path.is_file():
        sink.found.extend(probe.found)
        _add_owners(targets, found)
        targets.whole.update(found)
        return
    owner = _provider_above(path / "x", Sink())
    if owner is None:
        sink.found.extend(probe.found)
        return
    (owner,) = _add_owners(targets, [owner])
    start = f"{path.absolute()}/"
    targets.files.update((file, owner) for file in unit_files(owner) if file.startswith(start))


def _providers_in(path: Path, sink: Sink) -> list[Owner]:
    """The providers that a folder or a `.provider` file stands for, built-in ones included."""
    real = os.path.realpath(path)
    built_in = [each for each in builtin_owners() if each.root and str(each.root) == real]
    return built_in or find_providers([str(path)], {}, sink)[len(builtin_owners()) :]


def _add_owners(targets: Targets, owners: Sequence[Owner]) -> list[Owner]:
    """Add providers that are not there yet; the ones that stand for them."""
    found = []
    for owner in owners:
        same = [each for each in targets.owners if each.root == owner.root and each.root]
        if not same:
            targets.owners.append(owner)
        found.append(same[0] if same else owner)
    return found


def _add_file(targets: Targets, file: str, sink: Sink) -> None:
    owner = _provider_above(Path(file), sink)
    if owner is None:
        owner = NOWHERE
        if NOWHERE not in targets.owners:
            targets.owners.append(NOWHERE)
    else:
        (owner,) = _add_owners(targets, [owner])
    targets.files[file] = owner


def _provider_above(path: Path, sink: Sink) -> Owner | None:
    """The provider in whose source tree a path is."""
    for folder in path.absolute().parents:
        if (folder / SCRIPT).is_file() or has_units(folder):
            inside = path.absolute().relative_to(folder).parts[0]
            if inside in ("units", "jobs") or (folder / SCRIPT).is_file():
                return owner_of_folder(folder, sink)
    return None


class _Inspector:
    """Reads the units of all providers, and checks those that were asked for."""

    def __init__(self, targets: Targets, environ: Mapping[str, str], sink: Sink) -> None:
        self.targets = targets
        self.environ = environ
        self.sink = sink
        self.names: set[str] = set()
        self.checked: list[Unit] = []
        self.here = f"{Path.cwd()}/"

    def inspection(self, *, shellcheck: bool) -> Inspection:
        """Do it."""
        units = [unit for owner in self.targets.owners for unit in self._units(owner)]
        found_later = Sink()
        catalog = Catalog.of(self.targets.owners, units, found_later)
        self.sink.found.extend(
            each for each in found_later if each.span and each.span.source.name in self.names
        )
        world = World(catalog, self._around)
        checked = check_units(self.checked, world, shellcheck=shellcheck)
        findings = [*(self._of_reading()), *checked.findings]
        sources = {id(source): source for source in checked.sources}
        for finding in findings:
            span = finding.diagnostic.span
            if span is not None and span.source.name in self.names:
                sources.setdefault(id(span.source), span.source)
        kept = apply_ignores(findings, sources.values(), shellcheck=shellcheck)
        return Inspection(tuple(sorted(kept, key=_order)), len(self.names))

    def _of_reading(self) -> Iterator[Finding]:
        """The findings of reading, with the units of those that have one."""
        starts = {(id(unit.record.source), unit.record.first_line): unit for unit in self.checked}
        for diagnostic in self.sink.found:
            span = diagnostic.span
            unit = None
            for line in range(span.line, 0, -1) if span and starts else ():
                unit = starts.get((id(span.source), line)) if span else None
                if unit is not None:
                    break
            inside = unit is not None and span and span.line <= unit.record.last_line
            yield Finding(diagnostic, unit if inside else None)

    def _units(self, owner: Owner) -> Iterator[Unit]:
        targets = self.targets
        single = [file for file, whose in targets.files.items() if whose == owner]
        whole = owner in targets.whole
        for file in dict.fromkeys((*unit_files(owner), *single)):
            asked = whole or file in single
            sink = self.sink if asked else Sink()
            if asked:
                self.names.add(self._name(file))
            for record in self._records(file, sink):
                unit = build_unit(record, owner, sink)
                if unit is None:
                    continue
                if asked:
                    self.checked.append(unit)
                yield unit

    def _name(self, file: str) -> str:
        text = self.targets.text
        if text is not None and file == str(Path(text.name).absolute()):
            return text.name
        return file.removeprefix(self.here)

    def _records(self, file: str, sink: Sink) -> list[Record]:
        text = self.targets.text
        name = self._name(file)
        if text is None or name != text.name:
            return read_file(Path(file), name, sink)
        source = Source(text.name, text.text)
        return read_yaml(source, sink) if name_is_yaml(text.name) else read_pxu(source, sink)

    def _around(self) -> Catalog | None:
        """The units of other providers: those beside the loaded ones, and the installed ones."""
        loaded = {owner.root for owner in self.targets.owners}
        folders = {
            owner.root.parent
            for owner in (*self.targets.whole, *self.targets.files.values())
            if owner.root is not None and (owner.root / SCRIPT).is_file()
        }
        owners = [each for folder in sorted(folders) for each in _beside(folder)]
        owners += find_providers([], self.environ, Sink())
        names = {(owner.namespace, owner.name) for owner in self.targets.owners}
        others = {
            owner: None
            for owner in owners
            if owner.root not in loaded and (owner.namespace, owner.name) not in names
        }
        return load_catalog(list(others), Sink()) if others else None


def _beside(folder: Path) -> list[Owner]:
    return find_providers([str(folder)], {}, Sink())


def _order(finding: Finding) -> tuple[str, int, int, str]:
    span = finding.diagnostic.span
    if span is None:
        return "", 0, 0, finding.diagnostic.message
    return span.source.name, span.start, span.end, str(finding.diagnostic.code)
