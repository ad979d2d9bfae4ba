"""The one layout of PXU files that everybody can agree on.

* fields stand in the order in which their unit type declares them, unknown ones last;
* one space after the colon; a value of several lines begins below its key, each line after four
  spaces; a value of one line stays where its author began it;
* one blank line between records, none at the ends; lines end in a line feed;
* records keep their order, comments stay in front of what they stand in front of.

No value changes, nor the text by which a translation is looked up. Where the layout would change
one, the record stays as it is; so does one with a syntax error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.diagnostics import Sink
from plainbox.records import is_dot, read_pxu
from plainbox.records.pxu import BYTE_ORDER_MARK
from plainbox.records.syntax import Block, Comment, FieldLines, parse_syntax, without_end
from plainbox.rewriting.schema import declared
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from plainbox.records import Record
    from plainbox.records.syntax import File

INDENTATION: Final = "    "
_SHAPED_FROM: Final = 3


def format_pxu(source: Source, sink: Sink) -> str:
    """The text in canonical layout; what cannot be read goes to the sink and stays as it is."""
    file = parse_syntax(source, sink)
    text = _laid_out(file, _block)
    if text == source.text or _same(file.records(), text):
        return text
    text = _laid_out(file, _careful_block)
    for candidate in (text, text.removesuffix("\n")):  # a last line feed can be part of a value
        if _same(file.records(), candidate):
            return candidate
    return source.text


def _laid_out(file: File, lay_out: Callable[[Block], list[str]]) -> str:
    sections: list[list[str]] = []
    section: list[str] | None = None
    for part in file.parts:
        if isinstance(part, (Block, Comment)):
            lines = lay_out(part) if isinstance(part, Block) else _comment(part)
        else:
            lines = [line.removesuffix("\n") for line in part.lines]
            if not lines[0].strip():
                section = None
                continue
        if section is None:
            section = []
            sections.append(section)
        section += lines
    text = "\n\n".join(["\n".join(section) for section in sections])
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""  # else a key would lose it
    return f"{mark}{text}\n" if text else ""


def _comment(part: Comment) -> list[str]:
    return [line.rstrip() for line in part.lines]


def _same(records: Sequence[Record], text: str) -> bool:
    """Whether a text has the same records, down to the texts that translators know."""
    found = read_pxu(Source("", text), Sink())
    return len(found) == len(records) and all(
        _content(one) == _content(other) for one, other in zip(records, found, strict=True)
    )


def _content(record: Record) -> tuple[dict[str, object], dict[str, str]]:
    keys = {
        key: str(entry.raw).rstrip("\n")
        for key, entry in record.entries.items()
        if key.startswith("_")
    }
    return record.data(), keys


def _careful_block(block: Block) -> list[str]:
    """The canonical lines of a record, or its own where they would read differently."""
    lines = _block(block)
    if _same([block.record], "\n".join(lines) + "\n"):
        return lines
    return [line.removesuffix("\n") for line in block.lines]


def _block(block: Block) -> list[str]:
    above: list[str] = []
    fields: list[tuple[int, list[str]]] = []
    known = _ranks(block.record)
    for item in block.items:
        if isinstance(item, Comment):
            above = _comment(item)
            continue
        if item.lines[0][0].isspace():  # a tab, meant to go on with a value perhaps
            return [line.removesuffix("\n") for line in block.lines]
        rank = known.get(item.entry.key.removeprefix("_"), len(known))
        fields.append((rank, above + _field(item)))
        above = []
    fields.sort(key=lambda field: field[0])
    return [line for _, lines in fields for line in lines] + above


def _ranks(record: Record) -> Mapping[str, int]:
    return {key: rank for rank, key in enumerate(declared(record))}


def _field(node: FieldLines) -> list[str]:
    entry = node.entry
    if entry.key.startswith("_"):
        return _translatable(node)
    value = entry.value
    commented = len(node.lines) > 1 and any(line[0] == "#" for line in node.lines)
    if not commented and not value:
        return [f"{entry.key}:"]
    if not commented and "\n" not in value and entry.text_line == entry.line:
        return [f"{entry.key}: {value}"]
    lines = [INDENTATION + (line or ".") for line in value.split("\n")] if value else []
    return [f"{entry.key}:", *(interleaved(node, lines) if commented else lines)]


def _translatable(node: FieldLines) -> list[str]:
    """The lines of a field whose very layout is the key of its translations."""
    inline = without_end(node.lines[0]).partition(":")[2].lstrip()
    first = f"{node.entry.key}: {inline}" if inline else f"{node.entry.key}:"
    return [first, *(without_end(line) for line in node.lines[1:])]


def interleaved(node: FieldLines, lines: list[str]) -> list[str]:
    """The lines of a value with the comments of the field between them, where they were."""
    pieces = list(node.pieces())
    texts = [text for comment, text in pieces if not comment]
    if node.entry.text_line == node.entry.line:
        texts.insert(0, node.entry.inline)
    dropped = 0
    while len(texts) >= _SHAPED_FROM and dropped < len(texts) and is_dot(texts[dropped]):
        dropped += 1
    found: list[str] = []
    position = -dropped + (node.entry.text_line == node.entry.line)
    done = 0
    for comment, text in pieces:
        if comment:
            upto = min(max(position, 0), len(lines))
            found += [*lines[done:upto], text.rstrip()]
            done = max(done, upto)
        else:
            position += 1
    return found + lines[done:]
