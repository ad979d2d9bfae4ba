"""What other packages add to plainbox: unit types, and fields of unit types.

A package names them in the entry points of its distribution::

    [project.entry-points."plainbox.units"]
    shelf = "warehouse.units:Shelf"            # a class derived from Unit, with a type_name

    [project.entry-points."plainbox.fields"]
    inventory = "warehouse.fields:Inventory"   # a class derived from Extension

Importing the class is all that is needed. `importlib.metadata` would take 20 ms in every start
to find out that there is mostly nothing; here only files that name one of the groups are parsed.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import Extension, Unit
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.diagnostics import Sink
    from plainbox.text import Span

GROUPS: Final = {"plainbox.units": Unit, "plainbox.fields": Extension}
OLD_GROUP: Final = "plainbox.unit"
_FILE: Final = "entry_points.txt"
_MARK: Final = b"[plainbox."
_FOLDERS: Final = (".dist-info", ".egg-info")


class EntryPoint(NamedTuple):
    """One line of a file of entry points, and where it stands."""

    group: str
    name: str
    value: str
    span: Span


def load_extensions(sink: Sink, path: Sequence[str] | None = None) -> None:
    """Import what the distributions on a path, by default that of Python, add to plainbox.

    One that cannot be imported is reported and left out.
    """
    seen = set()
    for entry in entry_points(sys.path if path is None else path):
        if entry[:3] in seen:
            continue
        seen.add(entry[:3])
        fault = _load(entry)
        if fault:
            message = f"{entry.group} {entry.name!r} is left out: {fault}"
            sink.add(Diagnostic(Code.BAD_EXTENSION, message, entry.span))


def entry_points(path: Sequence[str]) -> Iterator[EntryPoint]:
    """The entry points for plainbox of the distributions in some folders."""
    for folder in dict.fromkeys(path):
        for file in _files(folder):
            yield from _parse(file)


def _files(folder: str) -> Iterator[str]:
    """The files that name a group of plainbox."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - texts are faster
    except OSError:
        return
    for name in names:
        if not name.endswith(_FOLDERS):
            continue
        file = f"{folder}/{name}/{_FILE}"
        try:
            with open(file, "rb") as stream:
                content = stream.read()
        except OSError:
            continue
        if _MARK in content:
            yield file


def _parse(file: str) -> Iterator[EntryPoint]:
    with open(file, encoding="utf-8", errors="replace") as stream:
        source = Source(file, stream.read())
    group = ""
    for number, line in enumerate(source.text.split("\n"), 1):
        text = line.strip()
        if text.startswith("["):
            group = text.strip("[]").strip()
        elif text and text[0] not in "#;" and (group in GROUPS or group == OLD_GROUP):
            name, _, value = text.partition("=")
            yield EntryPoint(
                group, name.strip(), value.strip(), source.span_of_lines(number, number)
            )


def _load(entry: EntryPoint) -> str:
    """Import what an entry point names; return what is wrong with it."""
    if entry.group == OLD_GROUP:
        return "this group belongs to Checkbox, that of plainbox is 'plainbox.units'"
    module, _, name = entry.value.partition("[")[0].strip().partition(":")
    try:
        found = import_module(module)
        for part in name.split(".") if name else ():
            found = getattr(found, part)
    except Exception as error:  # noqa: BLE001 - whatever a package of somebody else does wrong
        return f"{type(error).__name__}: {error}".rstrip(": ")
    wanted = GROUPS[entry.group]
    if not (isinstance(found, type) and issubclass(found, wanted)):
        return f"{entry.value!r} is no class derived from {wanted.__name__}"
    if issubclass(found, Unit) and Unit.types.get(found.type_name) is not found:
        return f"{entry.value!r} has no type_name of its own"
    return ""
