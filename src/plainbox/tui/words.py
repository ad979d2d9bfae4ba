"""Lines of styled words: what the screens are made of, before anything is drawn.

A line is a list of `(text, style)`; a style is a word that `rich` knows, or nothing. The plain
view joins the texts and forgets the styles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from plainbox.outcome import Outcome

Line: TypeAlias = "list[tuple[str, str]]"

_MINUTE, _HOUR = 60, 3600


def length_of_time(seconds: float) -> str:
    """A length of time as a person says it: `4.1 s`, `3 min 20 s`, `1 h 37 min`."""
    if seconds < 10:  # noqa: PLR2004 - below ten seconds tenths matter
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"  # noqa: PLR2004
    hours, rest = divmod(whole // _MINUTE, _MINUTE)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def count(number: int, thing: str, plural: str = "") -> str:
    """A number of things: `1 job`, `2 jobs`."""
    return f"{number} {thing if number == 1 else plural or thing + 's'}"


def cut(text: str, width: int) -> str:
    """The text in at most so many characters; where it is longer it ends in dots."""
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."


class Marks:
    """The signs that a terminal can show: ASCII where its encoding asks for it."""

    def __init__(self, encoding: str) -> None:
        try:
            "✔✘▶━╸·…→".encode(encoding)
        except (UnicodeEncodeError, LookupError):
            self.ascii = True
        else:
            self.ascii = False

    def outcome(self, outcome: Outcome) -> str:
        """The mark of an outcome."""
        return outcome.look.ascii_mark if self.ascii else outcome.look.mark

    @property
    def running(self) -> str:
        """The mark of a job that runs."""
        return ">" if self.ascii else "▶"

    @property
    def dot(self) -> str:
        """What stands between the parts of a line."""
        return "|" if self.ascii else "·"

    def bar(self, done: float, width: int) -> str:
        """A bar of so many characters, filled to a share between 0 and 1."""
        filled = min(width, max(0, int(done * width)))
        if self.ascii:
            return "#" * filled + "-" * (width - filled)
        return "━" * filled + "╸" * (filled < width) + "─" * (width - filled - 1)
