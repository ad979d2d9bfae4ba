"""JSON inside of unit files, also where the text is that of a template.

In a template a field is filled in as a whole, so in PXU the braces of JSON are doubled. In YAML
each text of a value is filled in by itself: there the braces of JSON are gone, and those inside
of its texts stay doubled.
"""

from __future__ import annotations

import re
from typing import Any

from plainbox.templating.expansion import DEFAULT
from plainbox.templating.formats import Slot, parse_format

_STRING = re.compile(r'("(?:[^"\\]|\\.)*")')
_MARKED = re.compile("\ue000([0-9]+)\ue001")


def decoded(text: str, engine: str) -> Any:
    """The value of a JSON text; the text itself where it is none."""
    import json

    if engine not in ("", DEFAULT):
        return text
    slots: list[str] = []
    try:
        if not engine:
            return json.loads(text)
        return _filled(json.loads(_without_slots(text, slots)), slots)
    except (ValueError, RecursionError):
        return text


def encoded(value: object, engine: str) -> str | None:
    """The JSON text of a value; None where a template could not fill it in."""
    import json

    try:
        text = json.dumps(value, ensure_ascii=False, indent=2)
    except (TypeError, ValueError, RecursionError):
        return None
    if not engine:
        return text
    if engine != DEFAULT or _has_braces_in_keys(value):
        return None
    parts = _STRING.split(text)
    parts[::2] = [part.replace("{", "{{").replace("}", "}}") for part in parts[::2]]
    return "".join(parts)


def _without_slots(text: str, slots: list[str]) -> str:
    """The text with a mark for each replacement field; raises `ValueError` for what is none."""
    if "\ue000" in text:
        raise ValueError
    parts: list[str] = []
    parsed = parse_format(text)
    if parsed.faults:
        raise ValueError
    for piece, (start, end) in zip(parsed.pieces, parsed.places, strict=True):
        if isinstance(piece, Slot):
            parts.append(f"\ue000{len(slots)}\ue001")
            slots.append(text[start:end])
        else:
            parts.append(str(piece))
    return "".join(parts)


def _filled(value: object, slots: list[str]) -> object:
    """The value with its replacement fields; raises `ValueError` where one stands in a key."""
    if isinstance(value, str):
        text = value.replace("{", "{{").replace("}", "}}")
        return _MARKED.sub(lambda mark: slots[int(mark[1])], text)
    if isinstance(value, list):
        return [_filled(item, slots) for item in value]
    if isinstance(value, dict):
        if any("\ue000" in key for key in value):
            raise ValueError
        return {key: _filled(item, slots) for key, item in value.items()}
    return value


def _has_braces_in_keys(value: object) -> bool:
    if isinstance(value, dict):
        braces = any("{" in str(key) or "}" in str(key) for key in value)
        return braces or any(_has_braces_in_keys(item) for item in value.values())
    return isinstance(value, list) and any(_has_braces_in_keys(item) for item in value)
