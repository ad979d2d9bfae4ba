"""Reading YAML unit files: each document is a mapping and becomes one record.

Only the parser of PyYAML is used, written in C where it is there; the nodes are walked here, so
that spans are kept, keys given twice are noticed, and no tag makes anything but plain values:
text, numbers, true and false, null, lists, mappings. A date stays text. A mistake costs its
document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plainbox.diagnostics import Code, Diagnostic, Label
from plainbox.records.model import Record
from plainbox.records.yaml_nodes import MAX_DEPTH, Builder, NodeEntry, Part, Refused
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from plainbox.diagnostics import Sink
    from plainbox.records.model import Entry
    from plainbox.text import Source

_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_PROLOGUE = re.compile(r"(?:\s*(?:[#%].*)?\n)*\s*")
_OPENERS = ("[", "{", "- ", "? ", "-\t", "?\t")


def read_yaml(source: Source, sink: Sink) -> list[Record]:
    """Read all documents that are mappings without mistakes; empty documents are skipped."""
    yaml = _yaml()
    records: list[Record] = []
    for start, end in _documents(source.text):
        _read_document(yaml, Part(source, start, end), records, sink)
    return records


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """Cut a stream before each `---`; comments and directives stay with what follows them."""
    start = 1 if text.startswith("\ufeff") else 0
    for marker in _DOCUMENT.finditer(text):
        if not _PROLOGUE.fullmatch(text, start, marker.start()):
            yield start, marker.start()
            start = marker.start()
    yield start, len(text)


def _yaml() -> ModuleType:
    import yaml  # 15 ms, and most providers have no YAML file

    return yaml


def _read_document(yaml: ModuleType, part: Part, records: list[Record], sink: Sink) -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(yaml, loader, part)
        records.extend(
            _record(Builder(yaml, part), part, node)
            for node in yaml.compose_all(part.text, Loader=loader)
            if node.tag != "tag:yaml.org,2002:null"
        )
    except Refused as refused:
        sink.add(refused.diagnostic)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        sink.add(_explain(yaml, part, error))


def _check_depth(yaml: ModuleType, loader: Any, part: Part) -> None:
    """Refuse nesting that would exhaust the stack of the parser, which is not in Python."""
    if sum(part.text.count(opener) for opener in _OPENERS) <= MAX_DEPTH:
        return
    depth = 0
    try:
        for event in yaml.parse(part.text, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                span = part.place(event.start_mark)
                message = f"values are nested more than {MAX_DEPTH} deep"
                raise Refused(Diagnostic(Code.SYNTAX, message, span))
    except (yaml.YAMLError, ValueError):
        return  # reading the nodes says what is wrong


def _record(builder: Builder, part: Part, node: Any) -> Record:
    span = part.span(node)
    if node.id != "mapping":
        kind = "list" if node.id == "sequence" else "text"
        message = f"expected the fields of a unit, not a {kind}"
        notes = ("write 'field: value' lines, and '---' between units",)
        raise Refused(Diagnostic(Code.SYNTAX, message, span, notes=notes))
    entries: dict[str, Entry] = {}
    for key, (key_node, value_node) in builder.fields(node).items():
        entries[key] = NodeEntry(part, key_node, value_node, builder.value(value_node))
    if not entries:
        raise Refused(Diagnostic(Code.SYNTAX, "this unit has no fields", span))
    return Record(part.source, entries, span.line, span.end_line)


def _explain(yaml: ModuleType, part: Part, error: Exception) -> Diagnostic:
    context, begin = getattr(error, "context", None), getattr(error, "context_mark", None)
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem is None or mark is None:
        return _not_marked(yaml, part, error)
    others: tuple[Label, ...] = ()
    if context and begin and begin.index != mark.index:
        others = (Label(part.place(begin), context),)
    return Diagnostic(Code.SYNTAX, problem, part.place(mark), others=others)


def _not_marked(yaml: ModuleType, part: Part, error: Exception) -> Diagnostic:
    """Explain what PyYAML says without a place: odd characters, above all."""
    odd = yaml.reader.Reader.NON_PRINTABLE.search(part.text)
    if odd is None:
        reason = str(error).partition("\n")[0] or type(error).__name__
        span = Span(part.source, part.start, part.start)
        return Diagnostic(Code.SYNTAX, f"this is not YAML: {reason}", span)
    return Diagnostic(
        Code.SYNTAX,
        f"character U+{ord(odd.group()):04X} is not allowed in YAML",
        Span(part.source, part.start + odd.start(), part.start + odd.end()),
    )
