"""Writing records in PXU, so that they read back as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.records.values import is_dot

if TYPE_CHECKING:
    from collections.abc import Mapping


def format_record(data: Mapping[str, object]) -> str:
    """Write one record and the blank line after it.

    Numbers and truth values become text, a list of texts becomes its lines. Raises `ValueError`
    for what the grammar has no words for: whitespace around a key or value, a line of only
    whitespace or only a dot in a longer text, a line that ends in a carriage return.
    """
    if not data:
        raise ValueError("a record has at least one field")
    return "".join(_field(key, value) for key, value in data.items()) + "\n"


def _field(key: str, value: object) -> str:
    if not key or key != key.strip() or key[0] in "#\ufeff" or ":" in key or "\n" in key:
        raise ValueError(f"{key!r} cannot be written as the name of a field")
    text = _text(key, value)
    if text != text.strip():
        raise ValueError(f"the value of '{key}' has whitespace around it")
    lines = text.split("\n")
    if len(lines) == 1:
        return f"{key}: {text}\n" if text else f"{key}:\n"
    return f"{key}:\n" + "".join(f" {_line(key, line)}\n" for line in lines)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return str(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    raise ValueError(f"the value of '{key}' is a {type(value).__name__}, not text")


def _line(key: str, line: str) -> str:
    if is_dot(line) or line.isspace() or line.endswith("\r"):
        raise ValueError(f"the value of '{key}' has a line that cannot be written: {line!r}")
    return line or "."
