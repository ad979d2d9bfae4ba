"""Kinds of values that options have: how each is read from text, and shown.

`read` raises `ValueError` with what was expected. A path that is relative counts from `base`: the
folder of the file that states it, else the working directory.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)

_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}
_LENGTH: Final = re.compile(r"(?:(\d+) ?h)?[ :]*(?:(\d+) ?m(?:in)?)?[ :]*(?:(\d+) ?s)?")
_BYTES: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", re.IGNORECASE)
_BINARY: Final = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


class Kind(ABC, Generic[T_co]):
    """What values an option can have; `form` says it to people, `example` is one of them."""

    form: str
    example: str

    @abstractmethod
    def read(self, text: str, base: Path) -> T_co:
        """The value that a text means. Raise `ValueError`."""

    def show(self, value: Any) -> str:
        """A value as text that reads as the same value."""
        return str(value)


class Line(Kind[str]):
    """One line of text."""

    form = "a text"
    example = "tester"

    def read(self, text: str, base: Path) -> str:  # noqa: ARG002
        """The text itself."""
        if not text or "\n" in text:
            raise ValueError("expected one line of text")
        return text


class Whole(Kind[int]):
    """A whole number that is not too small."""

    example = "4"

    def __init__(self, least: int = 0) -> None:
        self.least = least
        self.form = f"a whole number from {least} on"

    def read(self, text: str, base: Path) -> int:  # noqa: ARG002
        """The number."""
        if not (text.isascii() and text.isdecimal()) or int(text) < self.least:
            raise ValueError(f"expected {self.form}")
        return int(text)


class Seconds(Kind[float]):
    """A length of time: `90`, `1.5`, `20m`, `1h 30m`."""

    form = "a length of time: seconds, or hours, minutes and seconds as in 1h 30m"
    example = "1h 30m"

    def read(self, text: str, base: Path) -> float:  # noqa: ARG002
        """The seconds."""
        if text and (match := _LENGTH.fullmatch(text)):
            parts = zip(_SECONDS.values(), match.groups(), strict=True)
            seconds = float(sum(unit * int(part or 0) for unit, part in parts))
        else:
            seconds = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0
        if seconds <= 0:
            raise ValueError(f"expected {self.form}")
        return seconds

    def show(self, value: Any) -> str:
        """Hours, minutes and seconds, where these are whole."""
        if value != int(value):
            return str(value)
        shown, rest = [], int(value)
        for letter, unit in _SECONDS.items():
            number, rest = divmod(rest, unit)
            shown += [f"{number}{letter}"] if number else []
        return " ".join(shown)


class Size(Kind[int]):
    """A number of bytes: `4096`, `100 MB`, `1 GiB`."""

    form = "a number of bytes, also as 100 MB or 1 GiB"
    example = "100 MB"

    def read(self, text: str, base: Path) -> int:  # noqa: ARG002
        """The bytes."""
        match = _SIZE.fullmatch(text)
        if match is None:
            raise ValueError(f"expected {self.form}")
        units = _BINARY if match[3] else _BYTES
        return int(float(match[1]) * units[match[2].lower()])

    def show(self, value: Any) -> str:
        """In the largest unit that leaves a whole number."""
        for letter, unit in reversed(_BYTES.items()):
            if letter and value and value % unit == 0:
                return f"{value // unit} {letter.upper()}B"
        return str(value)


class Folder(Kind[Path]):
    """A path; `~` is the home folder."""

    form = "a path"
    example = "~/plainbox"

    def read(self, text: str, base: Path) -> Path:
        """The path from the root on."""
        if not text or "\n" in text or "\0" in text:
            raise ValueError("expected a path")
        return Path(os.path.abspath(base / Path(text).expanduser()))  # noqa: PTH100 - keeps links


class Folders(Kind["tuple[str, ...]"]):
    """Paths, one a line or with a colon between them."""

    form = "paths, one a line or with colons between them"
    example = "/srv/providers"

    def read(self, text: str, base: Path) -> tuple[str, ...]:
        """The paths from the root on."""
        named = [part.strip() for part in text.replace("\n", ":").split(":")]
        return tuple(str(Folder().read(part, base)) for part in named if part)

    def show(self, value: Any) -> str:
        """With colons."""
        return ":".join(value)


class Words(Kind["tuple[str, ...]"]):
    """Words with spaces or commas between them."""

    form = "words, with spaces or commas between them"
    example = "PIN COOKIE"

    def read(self, text: str, base: Path) -> tuple[str, ...]:  # noqa: ARG002
        """The words."""
        return tuple(text.replace(",", " ").split())

    def show(self, value: Any) -> str:
        """With spaces."""
        return " ".join(value)
