"""A page of lines that is written once, on a terminal or into a file.

On a terminal words have colours and lines are cut at its width; in a file, a pipe or where
`NO_COLOR` or `TERM=dumb` say so, they are plain, and never cut in a file.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from plainbox.text import harmless
from plainbox.tui.paper import encoding_of
from plainbox.tui.words import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from plainbox.tui.words import Line

ENDLESS: Final = 1_000_000
"""The width of what is no terminal."""

_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
}
_FLUSHED: Final = 200


class Page:
    """Where lines go; `fits` says that lines are cut where the terminal ends."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self._encoding = encoding_of(stream, environ)
        self.marks = Marks(self._encoding)
        self.terminal = stream.isatty()
        self.width = shutil.get_terminal_size((80, 24)).columns if self.terminal else ENDLESS
        dumb = environ.get("TERM", "dumb") in ("", "dumb") or bool(environ.get("NO_COLOR"))
        self._colours = self.terminal and not dumb

    def write(self, lines: Iterable[Line], *, fits: bool = False) -> None:
        """Write lines; what the encoding lacks is replaced, and nothing steers the terminal."""
        texts = (self._text(line, self.width if fits else ENDLESS) for line in lines)
        for text in _together(texts):
            self._stream.write(text.encode(self._encoding, "replace").decode(self._encoding))

    def _text(self, line: Line, width: int) -> str:
        parts = [(harmless(text).replace("\n", " "), style) for text, style in line]
        while parts and not parts[-1][0].rstrip():
            parts.pop()
        if parts:
            parts[-1] = (parts[-1][0].rstrip(), parts[-1][1])
        if sum(len(text) for text, _ in parts) > width:
            parts = _cut(parts, width, "..." if self.marks.ascii else "…")
        if not self._colours:
            return "".join(text for text, _ in parts) + "\n"
        return "".join(_coloured(text, style) for text, style in parts) + "\n"


def _together(texts: Iterable[str]) -> Iterator[str]:
    """Many lines in one piece: a write for each takes longer than making them."""
    waiting: list[str] = []
    for text in texts:
        waiting.append(text)
        if len(waiting) == _FLUSHED:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)


def _cut(parts: Line, width: int, dots: str) -> Line:
    left = max(0, width - len(dots))
    kept: Line = []
    for text, style in parts:
        kept.append((text[:left], style))
        left -= len(kept[-1][0])
    return [*kept, (dots[:width], "dim")]


def _coloured(text: str, style: str) -> str:
    codes = ";".join(_CODES[word] for word in style.split() if word in _CODES)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text
