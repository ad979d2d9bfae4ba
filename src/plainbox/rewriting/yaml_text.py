"""Writing YAML as people write it: block style, literal blocks for long texts, few quotes.

PyYAML's own emitter folds and quotes where nobody would; this one writes what unit files hold:
texts, numbers, truth values, lists and mappings. Everything reads back as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEP: Final = 2
_ODD = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_PLAIN = re.compile(r"[\w./(^$\\+<;~=][^\t\n]*", re.ASCII)
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True)
class Item:
    """An item of a list with the comments that stand in front of it."""

    value: object
    comments: tuple[str, ...] = ()


def is_printable(text: str) -> bool:
    """Whether a text can stand in YAML without escapes, on a line of its own."""
    return _ODD.search(text) is None and "\n" not in text


def entry_lines(key: str, value: object, indent: int = 0) -> list[str]:
    """The lines of a key and its value."""
    return _lines(f"{' ' * indent}{scalar(key)}:", value, indent)


def _lines(start: str, value: object, indent: int) -> list[str]:
    """The lines of a value that follows `start`, where `indent` is that of its key or dash."""
    if isinstance(value, str):
        if "\n" in value and _fits_block(value):
            margin = " " * (indent + STEP)
            sign = "|" if value.endswith("\n") else "|-"
            lines = value.removesuffix("\n").split("\n")
            return [f"{start} {sign}", *(margin + line if line else "" for line in lines)]
        return [f"{start} {scalar(value)}"]
    if isinstance(value, dict) and value:
        return [start, *_mapping(value, indent + STEP)]
    if isinstance(value, list) and value:
        return [start, *_list(value, indent + STEP)]
    return [f"{start} {_simple(value)}"]


def _mapping(value: Mapping[object, object], indent: int) -> list[str]:
    return [
        line
        for key, item in value.items()
        for line in _lines(f"{' ' * indent}{_simple(key)}:", item, indent)
    ]


def _list(value: Sequence[object], indent: int) -> list[str]:
    margin = " " * indent
    found: list[str] = []
    for each in value:
        item = each if isinstance(each, Item) else Item(each)
        found += [margin + comment for comment in item.comments]
        inner: list[str] = []
        if isinstance(item.value, dict):
            inner = _mapping(item.value, indent + STEP)
        elif isinstance(item.value, list):
            inner = _list(item.value, indent + STEP)
        if inner:
            first, *rest = inner
            found += [f"{margin}- {first[indent + STEP :]}", *rest]
        else:
            found += _lines(f"{margin}-", item.value, indent)
    return found


def _simple(value: object) -> str:
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        text = repr(value)
        special = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}
        return special.get(text, text if "." in text else text.replace("e", ".0e"))
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return str(value)


def scalar(text: str) -> str:
    """A text on one line: plain where it can be, else in quotes."""
    if is_plain(text):
        return text
    if is_printable(text) and "\t" not in text:
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(character) for character in text) + '"'


def is_plain(text: str) -> bool:
    """Whether a text means itself without quotes."""
    if not _PLAIN.fullmatch(text) or _ODD.search(text) or text != text.strip():
        return False
    if ": " in text or " #" in text or text.endswith(":") or text.startswith(("---", "...")):
        return False
    resolvers = _resolvers()
    return not any(
        pattern.match(text) for first in (text[0], None) for _, pattern in resolvers.get(first, ())
    )


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if _ODD.match(character) is None:
        return character
    return f"\\U{ord(character):08x}"


def _fits_block(text: str) -> bool:
    """Whether a literal block can hold a text as it is."""
    lines = text.removesuffix("\n").split("\n")
    return (
        _ODD.search(text) is None
        and bool(lines[0])
        and not lines[0][0].isspace()
        and bool(lines[-1])
        and not any(line.isspace() for line in lines)
    )


@lru_cache(maxsize=1)
def _resolvers() -> Mapping[Any, Sequence[tuple[str, re.Pattern[str]]]]:
    import yaml  # 15 ms, and only what is converted needs it

    found: Mapping[Any, Sequence[tuple[str, re.Pattern[str]]]]
    found = yaml.SafeLoader.yaml_implicit_resolvers
    return found
