"""Identifiers of units and patterns that select them.

A *partial id* is `usb/detect`, a *full id* is `org.example::usb/detect`; the part before `::`
is the namespace of the provider that the unit comes from.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

SEPARATOR: Final = "::"
PLAINBOX: Final = "com.canonical.plainbox"
"""The namespace of the units that every plainbox has."""

_PLAIN = re.compile(r"[^.^$*+?{}\[\]\\|()]*")
_HARMLESS = re.compile(r"\^?(?:[^.^$*+?{}\[\]\\|()]|\.\*?)*\$?")
_GLOBAL_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")


def qualify(text: str, namespace: str) -> str:
    """Make a full id of an id that may be partial; without a namespace it stays as it is."""
    if SEPARATOR in text or not namespace:
        return text
    return namespace + SEPARATOR + text


def partial(full_id: str) -> str:
    """The part of a full id after its namespace."""
    return full_id.rpartition(SEPARATOR)[2]


def namespace_of(full_id: str) -> str:
    """The namespace of a full id; empty where it has none."""
    return full_id.rpartition(SEPARATOR)[0]


class Pattern:
    """An id as written in a list that selects: one fixed id, or a regular expression.

    Text without any character that is special in a regular expression is a fixed id, and is
    compared, not matched. An expression has to match the whole full id; without a namespace
    of its own it looks only into the one that it was written in. A leading `^` and a trailing
    `$` change nothing, `a|b` means either as a whole.
    """

    __slots__ = ("_regex", "fixed", "namespace", "text")

    def __init__(self, text: str, namespace: str) -> None:
        """Raise `re.error` for a text that is no regular expression."""
        self.text = text
        self.namespace = namespace
        self.fixed: str | None = None
        self._regex: re.Pattern[str] | None = None
        if _PLAIN.fullmatch(text):
            self.fixed = qualify(text, namespace)
        elif not _HARMLESS.fullmatch(text):
            self._regex = _compile(text, namespace)

    @property
    def regex(self) -> re.Pattern[str] | None:
        """The expression, made when it is first needed; none of a fixed id."""
        if self._regex is None and self.fixed is None:
            self._regex = _compile(self.text, self.namespace)
        return self._regex

    def matches(self, full_id: str) -> bool:
        """Whether a full id is meant."""
        regex = self.regex
        if regex is None:
            return full_id == self.fixed
        return regex.fullmatch(full_id) is not None


@lru_cache(maxsize=4096)
def _compile(text: str, namespace: str) -> re.Pattern[str]:
    body = text.removeprefix("^")
    flags = _GLOBAL_FLAGS.match(body)
    start = flags.group() if flags else ""
    body = body[len(start) :].removeprefix("^")
    if body.endswith("$") and not body.endswith("\\$"):
        body = body[:-1]
    if SEPARATOR not in body and namespace:
        return re.compile(f"{start}{re.escape(namespace + SEPARATOR)}(?:{body})")
    return re.compile(f"{start}(?:{body})")
