"""What the commands that rewrite unit files share: finding, reading, comparing, writing them."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics.terminal import render
from plainbox.errors import PlainboxError, UsageError
from plainbox.files import replace_file
from plainbox.records import name_is_yaml, read_source
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plainbox.diagnostics import Diagnostic, Sink

STDIN: Final = "-"
_UNITS: Final = (".pxu", ".txt", ".txt.in", ".yaml", ".yml")
_FOLDERS: Final = {"units", "jobs"}


class UnitText:
    """One text and the file that it is from; none for standard input."""

    def __init__(self, source: Source, path: Path | None) -> None:
        self.source = source
        self.path = path

    @property
    def is_yaml(self) -> bool:
        """Whether the name says that it is YAML."""
        return name_is_yaml(self.source.name)

    def write(self, text: str) -> None:
        """Put a text in the place of the old one, or on standard output."""
        if self.path is None:
            sys.stdout.write(text)
            return
        target = self.path.resolve()
        try:
            replace_file(target, text.encode(), mode=target.stat().st_mode & 0o777)
        except OSError as error:
            raise PlainboxError(
                f"{self.source.name} cannot be written: {error.strerror}"
            ) from error


def unit_texts(named: Sequence[str], sink: Sink) -> Iterator[UnitText]:
    """The texts of files, of the unit files in folders, and of standard input for `-`.

    In a folder these are all `.pxu` files, and below `units` and `jobs` the other kinds too.
    """
    for name in named:
        if name == STDIN:
            yield UnitText(Source("<stdin>", _standard_input()), None)
            continue
        if not Path(name).exists():
            raise UsageError(f"there is no file or folder {name}")
        for path in _files(name):
            source = read_source(path, str(path), sink)
            if source is not None:
                yield UnitText(source, path)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError("standard input is not UTF-8 text") from error


def _files(name: str) -> Iterator[Path]:
    if not Path(name).is_dir():
        yield Path(name)
        return
    for folder, folders, files in os.walk(name):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        units = not _FOLDERS.isdisjoint(Path(folder).absolute().parts)
        for file in sorted(files):
            if file.endswith(_UNITS if units else ".pxu"):
                yield Path(folder, file)


def difference(source: Source, text: str) -> str:
    """The changes as a unified diff."""
    name = source.name
    lines = difflib.unified_diff(_lines(source.text), _lines(text), name, name)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Show findings on standard error."""
    for diagnostic in diagnostics:
        sys.stderr.write(f"{render(diagnostic)}\n\n")


def count(number: int, thing: str, some: str = "") -> str:
    """A number and what is counted."""
    return f"{number} {thing if number == 1 else some or thing + 's'}"
