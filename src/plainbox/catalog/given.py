"""Values that a provider states about itself, with the places where they stand.

Both forms of a definition, a `.provider` file and the `setup(...)` call of a `manage.py`, are
read into such values; what they mean is decided in `plainbox.catalog.owners`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from plainbox.catalog.suggest import closest
from plainbox.diagnostics import Code, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from plainbox.diagnostics import Sink
    from plainbox.text import Source, Span


class Given(NamedTuple):
    """One value as stated, and where its key stands."""

    value: object
    span: Span


def absolute(path: Path) -> Path:
    """The path from the root on, without `..` but with links as they are named."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`


def is_folder(path: Path) -> bool:
    """Whether a path is a folder, as far as this user may know."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a folder is closed


def is_file(path: Path) -> bool:
    """Whether a path is a file, as far as this user may know."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises where a folder is closed


def read_text(path: Path, sink: Sink) -> str | None:
    """The text of a definition, with plain line feeds; a file that cannot be read is reported."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 at byte {error.start}"
    except OSError as error:
        reason = error.strerror or str(error)
    sink.add(Diagnostic(Code.UNREADABLE_FILE, f"cannot read {path}: {reason}"))
    return None


def report_unknown(
    given: Mapping[str, Given], known: Collection[str], what: str, sink: Sink
) -> None:
    """Warn of every key that means nothing, and say which one may be meant."""
    for key, stated in given.items():
        if key in known:
            continue
        near = closest(key, known)
        notes = (f"did you mean '{near}'?",) if near else ()
        message = f"unknown {what} '{key}' is ignored"
        sink.add(Diagnostic(Code.UNKNOWN_KEY, message, stated.span, notes=notes))


def whole(source: Source) -> Span:
    """The first line of a source: the place of what a file lacks."""
    return source.span_of_lines(1, 1)
