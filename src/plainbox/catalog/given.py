"""Files and folders in which providers are defined, as far as this user may look at them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plainbox.text import Source, Span


def absolute(path: Path) -> Path:
    """The path from the root on, without `..` but with links as they are named."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`


def is_folder(path: Path) -> bool:
    """Whether a path is a folder, as far as this user may know."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a folder is closed


def is_file(path: Path) -> bool:
    """Whether a path is a file, as far as this user may know."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises where a folder is closed


def whole(source: Source) -> Span:
    """The first line of a source: the place of what a file lacks."""
    return source.span_of_lines(1, 1)
