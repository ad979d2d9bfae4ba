"""What a run is drawn on: plain lines anywhere, or a live terminal where rich can be had.

Plain lines are for files, pipes, `TERM=dumb` and serial lines: nothing is ever rewritten. On a
terminal the last lines stay at the bottom and are drawn anew a few times a second.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from plainbox.files import silence
from plainbox.tui.words import Line, Marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from plainbox.tui.run_screen import Paper

_BETWEEN_DRAWINGS: Final = 0.08
"""Seconds between two drawings; lines that come sooner wait and are drawn together."""

_ENDLESS: Final = 10_000
"""The width of a file: nothing is cut there."""


class PlainPaper:
    """Writes each line once."""

    def __init__(self, stream: TextIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self.marks = Marks(encoding)
        self.width = shutil.get_terminal_size((80, 24)).columns if stream.isatty() else _ENDLESS

    def write(self, lines: Sequence[Line]) -> None:
        """Write lines; what the encoding cannot show is replaced.

        When nobody reads them any more, they go nowhere: a run does not end with its viewer.
        """
        texts = ("".join(part for part, _ in line).rstrip() for line in lines)
        text = "".join(f"{text}\n" for text in texts)
        try:
            self._stream.write(text.encode(self._encoding, "replace").decode(self._encoding))
            self._stream.flush()
        except OSError:
            silence(self._stream)

    def status(self, lines: Sequence[Line]) -> None:
        """Nothing is rewritten here, so there is nothing to show."""

    def close(self) -> None:
        """Nothing has to be taken away."""


class LivePaper:
    """Draws on a terminal with rich."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live

        self.marks = Marks(console.encoding)
        self.width = console.width
        self._console = console
        self._waiting: list[Text] = []
        self._drawn_at = 0.0
        self._live: Live = Live(console=console, auto_refresh=False, transient=True)
        with self._lasting():
            self._live.start()

    def write(self, lines: Sequence[Line]) -> None:
        """Draw lines, at once or together with those that follow within the blink of an eye."""
        self._waiting.extend(map(_text, lines))
        if not self._live.is_started or time.monotonic() - self._drawn_at > _BETWEEN_DRAWINGS:
            self._draw()

    def status(self, lines: Sequence[Line]) -> None:
        """Replace the lines at the bottom."""
        from rich.text import Text

        self._draw()
        self.width = self._console.width
        text = Text("\n", no_wrap=True, overflow="ellipsis").join(map(_text, lines))
        with self._lasting():
            self._live.update(text, refresh=True)

    def close(self) -> None:
        """Draw what waits and take the bottom lines away."""
        self._draw()
        with self._lasting():
            self._live.stop()

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        """Draw into nothing when the terminal is gone: a run does not end with its viewer."""
        try:
            yield
        except (OSError, SystemExit):
            silence(self._console.file)  # type: ignore[arg-type]

    def _draw(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            from rich.text import Text

            with self._lasting():
                self._console.print(Text("\n").join(waiting), soft_wrap=True)
        self._drawn_at = time.monotonic()


def _text(line: Line) -> Text:
    from rich.text import Text

    return Text.assemble(*line)


def paper_for(stream: TextIO, environ: Mapping[str, str]) -> Paper:
    """The best paper that a stream allows."""
    encoding = encoding_of(stream, environ)
    if not stream.isatty() or environ.get("TERM", "dumb") in ("", "dumb"):
        return PlainPaper(stream, encoding)
    if Marks(encoding).ascii:
        return PlainPaper(stream, encoding)
    try:
        from rich.console import Console
    except ImportError:
        return PlainPaper(stream, encoding)
    return LivePaper(Console(file=stream, highlight=False, markup=False, emoji=False))


def encoding_of(stream: TextIO, environ: Mapping[str, str]) -> str:
    """What may be written: ASCII where the locale is `C`, which Python takes for UTF-8."""
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    if locale in ("C", "POSIX") and not environ.get("PYTHONIOENCODING"):
        return "ascii"
    return stream.encoding or "ascii"


def standard_paper(environ: Mapping[str, str]) -> Paper:
    """The paper for standard output."""
    return paper_for(sys.stdout, environ)
