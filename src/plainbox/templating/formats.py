"""Texts with replacement fields in the manner of Python's format strings, without its dangers.

```
text        = { literal | "{{" | "}}" | "{" field [ "!" conversion ] [ ":" spec ] "}" }
field       = name { "." key | "[" key "]" }
conversion  = "r" | "s" | "a"
spec        = text with replacement fields, but those of its own have none in theirs
```

A key leads from the variable that stands for the whole record to one of the record's fields; in a
field only an index leads on, to one character. Nothing else of an object can be reached.
What does not fit is a `Fault`, in parsing as in rendering; the rest of the text stays usable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from plainbox.templating.scope import INDEX, Fault, Mentions, RecordView, placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BRACE = re.compile(r"\{\{|\}\}|[{}]")
_FIELD = re.compile(r"(?:[^{}\[:!]|\[[^\]]*(?:\]|\Z))*")
_STEP = re.compile(r"\.([^.\[]+)|\[([^\]]+)\]")
_UP_TO_STEP = re.compile(r"[^.\[]*")
_SINGLE = re.compile(r"[{}]")
_HUGE = re.compile(r"[0-9]{5}")
_CONVERSIONS: Final = {"": None, "r": repr, "s": str, "a": ascii}
_WIDEST: Final = 9999
_DIGITS: Final = 9
_DEEPEST: Final = 1
_DOUBLED: Final = ("{{", "}}")


@dataclass(frozen=True, slots=True)
class Slot:
    """One replacement field: a variable, the way from it to a value, and how to write that."""

    name: str
    path: tuple[str | int, ...]
    conversion: str
    spec: str | Format
    source: str
    start: int
    end: int


Piece: TypeAlias = "str | Slot | Fault"


class Format:
    """A parsed text: literals, slots, and faults in the order of the text.

    A literal that stands for itself is as long as the text that it was parsed from.
    """

    __slots__ = ("faults", "pieces", "places", "slots")

    def __init__(self, parsed: list[tuple[Piece, int, int]]) -> None:
        self.pieces = tuple(piece for piece, _, _ in parsed)
        self.places = tuple((start, end) for _, start, end in parsed)
        self.slots = tuple(_slots(self.pieces))
        self.faults = tuple(piece for piece in self.pieces if isinstance(piece, Fault))

    @property
    def constant(self) -> bool:
        """Whether every record makes the same text of it."""
        return not self.slots and not self.faults

    def mentions(self, resource: str) -> Mentions:
        """The variables that it mentions, where the record's own variable is called so."""
        own = [slot for slot in self.slots if slot.name == resource]
        return Mentions(
            names=frozenset(slot.name for slot in self.slots),
            reached=frozenset(str(slot.path[0]) for slot in own if slot.path),
        )

    def render(self, scope: Mapping[str, object]) -> tuple[str, tuple[Fault, ...]]:
        """The text for one record; a placeholder stands where a slot has no value."""
        parts: list[str] = []
        faults: list[Fault] = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            text = write(piece, scope) if isinstance(piece, Slot) else piece
            if isinstance(text, Fault):
                faults.append(text)
                text = _placeholder(scope)
            parts.append(text)
        return "".join(parts), tuple(faults)

    def origin(self, scope: Mapping[str, object], start: int, end: int) -> tuple[int, int]:
        """The characters of the parsed text that some of the rendered ones were made of."""
        first, last = self.places[-1][1], 0
        position = 0
        for piece, (begin, finish) in zip(self.pieces, self.places, strict=True):
            length = len(Format([(piece, begin, finish)]).render(scope)[0])
            if position < end and position + length > start:
                exact = isinstance(piece, str) and length == finish - begin
                first = min(first, begin + (max(0, start - position) if exact else 0))
                last = max(last, finish - (max(0, position + length - end) if exact else 0))
            position += length
        return first, max(first, last)


def _placeholder(scope: Mapping[str, object]) -> str:
    index = scope.get(INDEX, 0)
    return placeholder(index if isinstance(index, int) else 0)


def write(slot: Slot, scope: Mapping[str, object]) -> str | Fault:
    """The text of one slot."""
    value = scope.get(slot.name)
    if type(value) is str and not slot.path and not slot.conversion and not slot.spec:
        return value
    if slot.name not in scope:
        return _fault(slot, f"there is no parameter {slot.name!r}", slot.name)
    found = _follow(slot, value)
    if isinstance(found, Fault):
        return found
    convert = _CONVERSIONS[slot.conversion]
    shown = found if convert is None else convert(found)
    return _shape(slot, shown, scope)


def _follow(slot: Slot, value: object) -> str | int | Fault:
    for step in slot.path:
        if isinstance(value, RecordView):
            key = str(step)
            if key not in value:
                return _fault(slot, f"there is no parameter {key!r}", key)
            value = value[key]
        elif isinstance(value, str) and isinstance(step, int):
            if step >= len(value):
                return _fault(slot, f"{slot.source!r} is beyond the end of {value!r}")
            value = value[step]
        else:
            return _fault(slot, f"{slot.source!r} is no field of the record")
    if isinstance(value, (str, int)):
        return value
    return _fault(slot, f"{slot.name!r} is the whole record, expected one of its fields")


def _shape(slot: Slot, value: str | int, scope: Mapping[str, object]) -> str | Fault:
    if isinstance(slot.spec, str):
        spec = slot.spec
    else:
        spec, faults = slot.spec.render(scope)
        if faults:
            return _fault(slot, faults[0].message, faults[0].missing)
    if _HUGE.search(spec):
        return _fault(slot, f"the width in {spec!r} is more than {_WIDEST}")
    try:
        return format(value, spec)
    except ValueError:
        return _fault(slot, f"{spec!r} is no format for {value!r}")


def _fault(slot: Slot, message: str, missing: str = "") -> Fault:
    return Fault(message, slot.start, slot.end, missing)


def _slots(pieces: tuple[Piece, ...]) -> Iterator[Slot]:
    for piece in pieces:
        if isinstance(piece, Slot):
            yield piece
            if isinstance(piece.spec, Format):
                yield from piece.spec.slots


def parse_format(text: str) -> Format:
    """Parse a text."""
    return _parse(text, 0, _DEEPEST)


def _parse(text: str, offset: int, depth: int) -> Format:
    parsed: list[tuple[Piece, int, int]] = []
    position = 0
    piece: Piece
    while (brace := _BRACE.search(text, position)) is not None:
        start = brace.start()
        if start > position:
            parsed.append((text[position:start], offset + position, offset + start))
        if brace.group() in _DOUBLED:
            piece, position = brace.group()[0], brace.end()
        else:
            piece, position = _replacement(text, brace, offset, depth)
        parsed.append((piece, offset + start, offset + position))
    if position < len(text):
        parsed.append((text[position:], offset + position, offset + len(text)))
    return Format(parsed)


def _replacement(
    text: str, brace: re.Match[str], offset: int, depth: int
) -> tuple[Slot | Fault, int]:
    """What the brace begins, and where the text goes on."""
    start = brace.start()
    if brace.group() == "}":
        fault = Fault("'}' closes nothing, write '}}' for the character", start, start + 1)
        return _shift(fault, offset), start + 1
    end = _closing(text, start)
    if end < 0:
        fault = Fault("'{' is never closed, write '{{' for the character", start, len(text))
        return _shift(fault, offset), len(text)
    return _slot(text[start + 1 : end], offset + start, depth), end + 1


def _closing(text: str, start: int) -> int:
    """Where the replacement field that begins at `start` ends; -1 where it does not."""
    field = _FIELD.match(text, start + 1)
    position = field.end() if field else start + 1
    level = 1
    while (brace := _SINGLE.search(text, position)) is not None:
        level += 1 if brace.group() == "{" else -1
        if not level:
            return brace.start()
        position = brace.end()
    return -1


def _slot(inner: str, start: int, depth: int) -> Slot | Fault:
    end = start + len(inner) + 2
    field = _FIELD.match(inner)
    source = field.group() if field else ""
    rest = inner[len(source) :]
    conversion = ""
    if rest.startswith("!"):
        conversion, rest = rest[1:2], rest[2:]
        if conversion not in ("r", "s", "a"):
            return Fault(f"conversion {conversion!r} is unknown, expected r, s or a", start, end)
    if rest and not rest.startswith(":"):
        return Fault(f"{rest!r} is unexpected after {source!r}", start, end)
    path = _path(source)
    if isinstance(path, str):
        return Fault(path, start, end)
    spec: str | Format = rest[1:]
    if "{" in rest or "}" in rest:
        if not depth:
            return Fault("replacement fields are nested too deeply", start, end)
        spec = _parse(rest[1:], end - len(rest), depth - 1)
    return Slot(path[0], path[1], conversion, spec, source, start, end)


def _path(source: str) -> tuple[str, tuple[str | int, ...]] | str:
    """The variable of a field and the way from it; a text says what is wrong."""
    name = _UP_TO_STEP.match(source)
    first = name.group() if name else ""
    if not first or first.isdecimal():
        return "a replacement field needs the name of a parameter, write '{{' for the character"
    steps: list[str | int] = []
    position = len(first)
    while position < len(source):
        step = _STEP.match(source, position)
        if step is None:
            return f"{source!r} is no parameter, expected a name"
        key, item = step.groups()
        steps.append(key if item is None else _index(item))
        position = step.end()
    return first, tuple(steps)


def _index(item: str) -> str | int:
    return int(item) if item.isdecimal() and len(item) <= _DIGITS else item


def _shift(fault: Fault, offset: int) -> Fault:
    return Fault(fault.message, fault.start + offset, fault.end + offset) if offset else fault
