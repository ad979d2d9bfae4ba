"""PXU to YAML: each record a document, each value in the form that its kind has in YAML.

Comments stay in front of what they stood in front of. Each document is read back: a value that
would mean something else stays a text, a unit that cannot be written at all stops the conversion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Diagnostic, Sink
from plainbox.records import read_yaml
from plainbox.records.syntax import Block, Broken, Comment, FieldLines, parse_syntax
from plainbox.rewriting.conversion import Conversion, differences, is_error, not_carried
from plainbox.rewriting.schema import declared, language
from plainbox.rewriting.yaml_text import entry_lines, is_printable
from plainbox.rewriting.yaml_values import as_text, as_yaml
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.text import Span

_KEY_LENGTH = 1000


def to_yaml(source: Source) -> Conversion:
    """Convert a PXU text."""
    sink = Sink()
    file = parse_syntax(source, sink)
    writer = _Writer()
    for part in file.parts:
        if isinstance(part, Comment):
            writer.comment([line.rstrip() for line in part.lines])
        elif isinstance(part, Block):
            writer.record(part)
        elif not isinstance(part, Broken):
            writer.gap()
    found = (*sink, *writer.diagnostics())
    complete = writer.complete and not any(is_error(each) for each in found)
    return Conversion(writer.text() if complete else None, found)


class _Writer:
    """Collects the lines of documents, and what there is to say."""

    def __init__(self) -> None:
        self.complete = True
        self._lines: list[str] = []
        self._above: list[str] = []
        self._found: list[Diagnostic] = []
        self._lost: list[str] = []
        self._retitled: list[Span] = []

    def text(self) -> str:
        """All lines, without blank ones at the end."""
        return "".join(f"{line}\n" for line in (*self._lines, *self._above)).rstrip("\n") + "\n"

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What could not be carried."""
        yield from self._found
        if self._lost:
            count = len(self._lost)
            comments = "1 comment has" if count == 1 else f"{count} comments have"
            message = f"{comments} characters that YAML does not allow"
            yield not_carried(message, None, f"the first is {self._lost[0]!r}")
        if self._retitled:
            count = len(self._retitled)
            texts = "1 text has its" if count == 1 else f"{count} texts have their"
            note = "translations are looked up by a text as it is laid out in PXU"
            message = f"{texts} translations under another key in YAML"
            yield not_carried(message, self._retitled[0], note)

    def comment(self, lines: list[str]) -> None:
        """Keep comments for the document that follows."""
        self._above += self._writable(lines)

    def gap(self) -> None:
        """Keep a blank line between comments."""
        if self._above and self._above[-1]:
            self._above.append("")

    def record(self, block: Block) -> None:
        """Add a document."""
        record = block.record
        texts: set[str] = set()
        lines = self._document(block, texts)
        if different := _differences(block, lines):
            texts = different
            lines = self._document(block, texts)
            if _differences(block, lines):
                self.complete = False
                message = "this unit cannot be written in YAML"
                self._found.append(not_carried(message, record.span()))
        self._report(block, texts)
        self._lines += [*(["---"] if self._lines else []), *self._above, *self._writable(lines)]
        self._above = []

    def _document(self, block: Block, texts: set[str]) -> list[str]:
        """The lines of a record; the fields in `texts` are to be texts whatever their kind."""
        found: list[str] = []
        fields = declared(block.record)
        for item in block.items:
            if isinstance(item, Comment):
                found += [line.rstrip() for line in item.lines]
                continue
            key = item.entry.key
            field = fields.get(key.removeprefix("_"))
            if field is None or key in texts:
                value = as_text(item)
            else:
                value = as_yaml(item, field.kind, language(block.record, key))
            found += [*value.comments, *entry_lines(key, value.value)]
        return found

    def _report(self, block: Block, texts: set[str]) -> None:
        """Say what of a record does not come over as it is."""
        record = block.record
        fields = declared(record)
        for item in block.items:
            if not isinstance(item, FieldLines):
                continue
            entry = item.entry
            span = record.key_span(entry)
            if entry.key in texts:
                message = f"{entry.key}: stays a text, it would mean something else as a list"
                self._found.append(not_carried(message, span))
            elif fields and entry.key.removeprefix("_") not in fields:
                message = f"{entry.key}: nothing declares this field, it stays a text"
                self._found.append(not_carried(message, span))
            if entry.key.startswith("_") and entry.raw.rstrip("\n") != entry.value:
                self._retitled.append(span)

    def _writable(self, lines: list[str]) -> list[str]:
        """The lines without comments that YAML has no characters for."""
        odd = [line for line in lines if line.startswith("#") and not is_printable(line)]
        self._lost += odd
        return [line for line in lines if line not in odd] if odd else lines


def _differences(block: Block, lines: list[str]) -> set[str]:
    """The keys whose values the lines of a document say otherwise than its record."""
    if any(len(key) > _KEY_LENGTH for key in block.record.entries):
        return set(block.record.entries)
    shown = [line for line in lines if not line.startswith("#") or is_printable(line)]
    text = "\n".join(shown) + "\n"
    return differences(block.record, Source("", text), read_yaml, Sink())
