"""Reading files of records: picks the reader, and turns what the system refuses to a diagnostic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic, Sink
from plainbox.records.pxu import read_pxu
from plainbox.records.yaml_reader import read_yaml
from plainbox.text import Source, Span

if TYPE_CHECKING:
    from pathlib import Path

    from plainbox.records.model import Record

YAML_SUFFIXES = (".yaml", ".yml")


def read_file(path: Path, name: str, sink: Sink) -> list[Record]:
    """Read a file as YAML or PXU, whichever its extension says; `name` is shown to people."""
    source = read_source(path, name, sink)
    if source is None:
        return []
    return read_yaml(source, sink) if name_is_yaml(path.name) else read_pxu(source, sink)


def read_source(path: Path, name: str, sink: Sink) -> Source | None:
    """The text of a file; none, and a diagnostic, where there is no such text."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        reason = error.strerror or str(error)
        span = Span(Source(name, ""), 0, 0)
        sink.add(Diagnostic(Code.UNREADABLE_FILE, f"cannot read {name}: {reason.lower()}", span))
        return None
    try:
        return Source(name, content.decode())
    except UnicodeDecodeError as error:
        sink.add(_not_text(name, content, error.start))
        return None


def name_is_yaml(name: str) -> bool:
    """Whether a file of that name is read as YAML."""
    return name.endswith(YAML_SUFFIXES)


def _not_text(name: str, content: bytes, position: int) -> Diagnostic:
    place = len(content[:position].decode())
    source = Source(name, content.decode(errors="replace"))
    return Diagnostic(
        Code.UNREADABLE_FILE,
        f"{name} is not UTF-8 text",
        Span(source, place, place + 1),
        f"byte 0x{content[position]:02x} belongs to no character",
    )
