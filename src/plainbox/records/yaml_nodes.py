"""The nodes of one YAML document: their plain values and their places in the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.records.model import Entry
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from plainbox.text import Source

_STANDARD = "tag:yaml.org,2002:"
_MERGE = _STANDARD + "merge"
_TEXTS = {_STANDARD + name for name in ("str", "timestamp", "value", "merge")}
_SCALARS = {_STANDARD + name for name in ("null", "bool", "int", "float")}
MAX_DEPTH = 64
"""Lists in lists in lists: no unit comes near, and the parser in C dies of 100,000."""

_MAX_NODES = 100_000
"""Aliases of aliases can make gigabytes of a few lines."""


class Refused(Exception):
    """A document cannot be used; never leaves this package."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Part:
    """The part of a source that PyYAML was given; its marks count from the start of that."""

    __slots__ = ("source", "start", "text")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.text = source.text[start:end]

    def place(self, mark: Any) -> Span:
        """The character at a mark; nothing where the line ends."""
        offset = min(mark.index, len(self.text))
        visible = self.text[offset : offset + 1] not in ("", "\n", "\r")
        return Span(self.source, self.start + offset, self.start + offset + visible)

    def span(self, node: Any) -> Span:
        """The characters of a node, without the blank lines that may follow it."""
        start, last = node.start_mark.index, node
        while last.id != "scalar" and not last.flow_style and last.value:
            child = last.value[-1]
            child = child[1] if last.id == "mapping" else child
            if child.start_mark.index <= last.start_mark.index:
                break  # an alias of something earlier, perhaps of the node itself
            last = child
        length = len(self.text[start : last.end_mark.index].rstrip())
        return Span(self.source, self.start + start, self.start + start + length)

    def characters(self, node: Any, start: int | None, end: int | None) -> tuple[int, int]:
        """Where some of the characters of a scalar stand, or all of the node."""
        whole = self.span(node)
        places = _align(self.source.text, whole, node) if node.id == "scalar" else None
        if not places:
            return whole.start, whole.end
        places.append(places[-1] + 1)
        size = len(places) - 1
        first = min(max(start or 0, 0), size)
        last = size if end is None else min(max(end, first), size)
        return places[first], places[last - 1] + 1 if last > first else places[first]


class NodeEntry(Entry):
    """A field of a YAML document; its raw value is its value."""

    __slots__ = ("_key_node", "_node", "_part", "_text_line", "_value")

    def __init__(self, part: Part, key_node: Any, node: Any, value: object) -> None:
        super().__init__(part.source, str(key_node.value), part.span(key_node).line)
        self._part = part
        self._key_node = key_node
        self._node = node
        self._value = value
        span = part.span(node)
        is_block = node.id == "scalar" and node.style in ("|", ">")
        self._text_line = span.line + is_block
        self.last_line = max(self.line, span.end_line)

    @property
    def raw(self) -> object:
        """The value itself."""
        return self._value

    @property
    def value(self) -> object:
        """The plain value: text, number, truth value, None, list or mapping."""
        return self._value

    @property
    def text_line(self) -> int:
        """The line of the first character; the one after the `|` of a block."""
        return self._text_line

    def key_range(self) -> tuple[int, int]:
        """Where the key stands, without quotes."""
        return self._part.characters(self._key_node, None, None)

    def value_range(
        self, path: Sequence[int | str] = (), start: int | None = None, end: int | None = None
    ) -> tuple[int, int]:
        """Where the value stands, or one item of it, or some of its characters."""
        node = self._node
        for step in path:
            child = _child(node, step)
            if child is None:
                return self._part.characters(node, None, None)
            node = child
        return self._part.characters(node, start, end)


class Builder:
    """Makes plain values of the nodes of one document, or raises `Refused`."""

    def __init__(self, yaml: ModuleType, part: Part) -> None:
        self._constructor = yaml.constructor.SafeConstructor()
        self._part = part
        self._nodes = 0

    def fields(self, node: Any) -> dict[str, tuple[Any, Any]]:
        """The key and value nodes of the outermost mapping, by key as text."""
        self._check_tag(node)
        return {str(key): nodes for key, nodes in self._pairs(node, self._field_name, 0).items()}

    def value(self, node: Any, depth: int = 0) -> object:
        """The plain value of a node."""
        self._check_tag(node)
        self._check_size(node, 1, depth)
        if node.id == "sequence":
            return [self.value(item, depth + 1) for item in node.value]
        if node.id == "mapping":
            pairs = self._pairs(node, self._key, depth)
            return {key: self.value(value, depth + 1) for key, (_, value) in pairs.items()}
        return self._scalar(node)

    def _check_size(self, node: Any, nodes: int, depth: int) -> None:
        self._nodes += nodes
        if self._nodes > _MAX_NODES or depth > MAX_DEPTH:
            raise self._refused(node, "this value is too large, or contains itself")

    def _check_tag(self, node: Any) -> None:
        plain = {"sequence": {_STANDARD + "seq"}, "mapping": {_STANDARD + "map"}}
        if node.tag not in plain.get(node.id, _TEXTS | _SCALARS):
            raise self._refused(
                node,
                f"tag '{node.tag.replace(_STANDARD, '!!')}' is not allowed",
                notes=("values are text, numbers, true, false, null, lists and mappings",),
            )

    def _scalar(self, node: Any) -> object:
        if node.tag in _TEXTS:
            return node.value
        kind = node.tag.removeprefix(_STANDARD)
        try:
            return getattr(self._constructor, f"construct_yaml_{kind}")(node)
        except (ValueError, LookupError, ArithmeticError):
            raise self._refused(node, f"this is no {kind}") from None

    def _field_name(self, node: Any) -> str:
        if node.id != "scalar":
            raise self._refused(node, "the name of a field is text")
        self._check_tag(node)
        if not node.value.strip():
            raise self._refused(node, "this field has no name")
        return str(node.value)

    def _key(self, node: Any) -> object:
        if node.id != "scalar":
            raise self._refused(node, "a key is text or a number")
        return self.value(node)

    def _pairs(
        self, node: Any, name: Callable[[Any], object], depth: int
    ) -> dict[object, tuple[Any, Any]]:
        """The pairs of a mapping by key; those that `<<` merges into it come first."""
        self._check_size(node, len(node.value), depth)
        own: dict[object, tuple[Any, Any]] = {}
        merged: dict[object, tuple[Any, Any]] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                for mapping in self._merged(value_node):
                    merged = {**self._pairs(mapping, name, depth + 1), **merged}
                continue
            key = name(key_node)
            if key in own:
                raise self._given_twice(key_node, own[key][0])
            own[key] = (key_node, value_node)
        return {**merged, **own}

    def _merged(self, node: Any) -> list[Any]:
        mappings = node.value if node.id == "sequence" else [node]
        if any(each.id != "mapping" for each in mappings):
            raise self._refused(node, "'<<' takes a mapping or a list of mappings")
        return list(mappings)

    def _refused(self, node: Any, message: str, notes: tuple[str, ...] = ()) -> Refused:
        return Refused(Diagnostic(Code.SYNTAX, message, self._part.span(node), notes=notes))

    def _given_twice(self, node: Any, first: Any) -> Refused:
        return Refused(
            Diagnostic(
                Code.DUPLICATE_FIELD,
                f"field '{node.value}' is given twice",
                self._part.span(node),
                "given again here",
                others=(Label(self._part.span(first), "given here first"),),
            )
        )


def _child(node: Any, step: int | str) -> Any | None:
    if node.id == "sequence" and isinstance(step, int) and 0 <= step < len(node.value):
        return node.value[step]
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar" and key.value == str(step):
                return value
    return None


def _align(text: str, whole: Span, node: Any) -> list[int] | None:
    """The place of each character of a scalar; None where it is written with escapes.

    YAML changes only whitespace of a text without escapes, so the rest is found in order.
    """
    place, end = whole.start, whole.end
    if node.style in ("|", ">"):
        place = text.find("\n", place, end) + 1 or end
    elif node.style in ("'", '"'):
        place, end = text.index(node.style, place, end) + 1, end - 1
    places: list[int] = []
    for character in node.value:
        while place < end and text[place].isspace() and not character.isspace():
            place += 1
        if text[place : place + 1] == "\\" and node.style == '"':
            place += 1
            if text[place] not in '"\\/':
                return None
        places.append(place)
        if place < end and text[place] == character:
            place += 2 if character == node.style == "'" else 1
        elif not character.isspace():
            return None
    return places
