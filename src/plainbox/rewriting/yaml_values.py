"""The YAML value of a PXU field, by the kind of the field.

====================================  ====================================================
texts, ids, choices, durations        a text
lists of words or ids                 a list
programs, imports, status overrides   a list, an item a line
lists of patterns                     a list; a pattern with overrides is a mapping
JSON                                  what it means
fields that nobody declares           a text
====================================  ====================================================

A value that cannot be in that form stays a text, which YAML units may have everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from plainbox.fields import IncludeList, Reading
from plainbox.fields.words import WORD, tokens
from plainbox.rewriting.formatting import interleaved
from plainbox.rewriting.json_text import decoded
from plainbox.rewriting.meaning import IDS, JSON, LINES, WORDS
from plainbox.rewriting.yaml_text import Item
from plainbox.templating.expansion import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.fields import Kind
    from plainbox.records.syntax import FieldLines

_COMMENT = re.compile(r"(?:^|(?<=[\s,]))#.*")


class Value(NamedTuple):
    """A value for YAML, and the comments that have no better place than above its key."""

    value: object
    comments: tuple[str, ...] = ()


class _NoList(Exception):
    """A value cannot be a list; never leaves this module."""


def as_text(node: FieldLines) -> Value:
    """The value as the text that it is."""
    comments = tuple(text.rstrip() for comment, text in node.pieces() if comment)
    return Value(node.entry.value, comments)


def as_yaml(node: FieldLines, kind: Kind[Any] | None, engine: str) -> Value:
    """The value in the form of its kind; `engine` is the language of templates that it is in."""
    text = node.entry.value
    if isinstance(kind, JSON):
        return as_text(node)._replace(value=decoded(text, engine))
    if not isinstance(kind, (*IDS, *WORDS, *LINES, IncludeList)):
        return as_text(node)
    if engine and engine != DEFAULT and ("{%" in text or "{#" in text):
        return as_text(node)
    try:
        items = list(_items(node, kind))
    except _NoList:
        return as_text(node)
    if any(item.value == "." or (engine and not _is_whole(item)) for item in items):
        return as_text(node)  # PXU could not have a dot on a line of its own
    trailing = items.pop().comments if items and items[-1].value is None else ()
    return Value(items, tuple(trailing))


def _items(node: FieldLines, kind: Kind[Any]) -> Iterator[Item]:
    """The items of a value; a last one without a value has the comments at the end."""
    comments: list[str] = []
    lines = [f" {line}" for line in node.entry.value.split("\n")]
    for line in interleaved(node, lines):
        if line.startswith("#"):
            comments.append(line)
            continue
        values, comment = _line(line.strip(), kind)
        if comment:
            comments.append(comment.rstrip())
        for value in values:
            yield Item(value, tuple(comments))
            comments = []
    if comments:
        yield Item(None, tuple(comments))


def _line(line: str, kind: Kind[Any]) -> tuple[list[object], str]:
    """The items of one line, and its comment."""
    if isinstance(kind, LINES):
        return ([], line) if line.startswith("#") else ([line] if line else [], "")
    if isinstance(kind, WORDS):
        comment = _COMMENT.search(line)
        words = line[: comment.start()] if comment else line
        separators = getattr(kind, "separators", ",")
        return list(re.findall(rf"[^\s{separators}]+", words)), comment[0] if comment else ""
    found = list(tokens(line))
    rest = line[found[-1].end if found else 0 :].lstrip(" \t\0")
    if isinstance(kind, IncludeList):
        return _pattern(line, kind), rest
    if any(token.type not in (WORD, ",") for token in found):
        raise _NoList
    return [token.text for token in found if token.type == WORD], rest


def _pattern(line: str, kind: IncludeList) -> list[object]:
    """The pattern of one line: a text, or a mapping that has its overrides."""
    reading = Reading("")
    found = kind.parse(line, reading)
    if reading.faults:
        raise _NoList
    values: list[object] = []
    for each in found:
        overrides = {name.replace("_", "-"): value for name, value in each.overrides}
        if len(overrides) != len(each.overrides):
            raise _NoList
        values.append({each.pattern.text: overrides} if overrides else each.pattern.text)
    return values


def _is_whole(item: Item) -> bool:
    """Whether no replacement field was cut by making a list, nor stands where none is filled in."""
    if isinstance(item.value, dict):
        (pattern,) = item.value
        return "{" not in pattern and "}" not in pattern
    text = str(item.value or "")
    return text.count("{") == text.count("}")
