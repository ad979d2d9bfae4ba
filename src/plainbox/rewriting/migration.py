"""Local jobs that print templates become template units, where that can be proved.

A local job is an ordinary job whose output are units. Its command is understood without running
it (`local_commands`); the program that it reads records from has to be the command of a resource
job, run by the same user; whatever else the job does must be nothing. The template keeps the id
of the job, so that test plans go on selecting what it makes; where a plan runs the job to have
the units, it runs the resource.

What cannot be proved stays as it is, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics import Code, Diagnostic, Edit, Label, Sink
from plainbox.fields.words import WORD, tokens
from plainbox.ids import partial
from plainbox.records.pxu import BYTE_ORDER_MARK
from plainbox.records.syntax import Block, parse_syntax
from plainbox.rewriting.local_commands import Unclear, understand
from plainbox.rewriting.local_templates import Made, Resource, Unproved, make
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.records import Record
    from plainbox.text import Source

_RUN_FIRST: Final = ("bootstrap_include",)
_WAITING: Final = ("depends", "after", "before", "salvages")
_SELECTING: Final = ("include", "mandatory_include", "exclude")


@dataclass(frozen=True)
class Migration:
    """A text without the local jobs that could be migrated, and why the others stay."""

    text: str
    migrated: int
    diagnostics: tuple[Diagnostic, ...]


def migrate(sources: Sequence[Source], known: Sequence[Resource] = ()) -> list[Migration]:
    """Migrate the local jobs of PXU texts of one provider; `known` are resources of others."""
    files = [parse_syntax(source, Sink()) for source in sources]
    blocks = [part for file in files for part in file.parts if isinstance(part, Block)]
    records = [block.record for block in blocks]
    resources = [
        *(_resource(record) for record in records if _plugin(record) == "resource"),
        *known,
    ]
    ids = {_id(record) for record in records}
    edits: list[Edit] = []
    found: list[Diagnostic] = []
    done: list[Source] = []
    for block in blocks:
        if _plugin(block.record) != "local":
            continue
        result = _migrated(block, records, resources, ids)
        if isinstance(result, Diagnostic):
            found.append(result)
            continue
        done.append(block.record.source)
        edits.append(Edit(_span(block), result.text))
        for record in records:
            changes, remarks = _mentions(record, _id(block.record), result)
            edits += changes
            found += remarks
    return [
        Migration(
            _edited(source, edits),
            sum(each is source for each in done),
            tuple(each for each in found if each.span and each.span.source is source),
        )
        for source in sources
    ]


def _plugin(record: Record) -> str:
    return _text(record, "plugin") if _text(record, "unit") in ("", "job") else ""


def _id(record: Record) -> str:
    return _text(record, "id") or _text(record, "name")


def _text(record: Record, key: str) -> str:
    entry = record.get(key)
    return str(entry.value) if entry else ""


def _resource(record: Record) -> Resource:
    fields = {key: _text(record, key) for key in ("command", "user", "environ")}
    return Resource(_id(record), "", **fields)


def _migrated(
    block: Block, records: Sequence[Record], resources: Sequence[Resource], ids: set[str]
) -> Made | Diagnostic:
    """What takes the place of a local job, or why it stays."""
    record = block.record
    command = record.get("command")
    plugin = record.get("plugin")
    place = record.value_span(plugin) if plugin else record.span()
    if command is None:
        return _stays(record, "it has no command", place)
    others = tuple(_waiting(records, _id(record)))
    if others:
        return _stays(record, "other jobs wait for it", place, others)
    printed = understand(str(command.value))
    if isinstance(printed, Unclear):
        span = record.value_span(command, printed.start, printed.end)
        return _stays(record, printed.reason, span)
    made = make(block, printed, resources, ids)
    if isinstance(made, Unproved):
        entry = record.get(made.key)
        return _stays(record, made.reason, record.value_span(entry) if entry else place)
    return made


def _stays(record: Record, reason: str, span: Span, others: tuple[Label, ...] = ()) -> Diagnostic:
    message = f"local job '{_id(record)}' stays: {reason}"
    return Diagnostic(Code.NOT_MIGRATED, message, span, others=others)


def _waiting(records: Sequence[Record], job_id: str) -> Iterator[Label]:
    """Where jobs name a local job that they have to be ordered with."""
    for record in records:
        for key in _WAITING:
            for span in _named(record, key, job_id):
                yield Label(span, f"'{_id(record)}' names it here")


def _named(record: Record, key: str, job_id: str) -> Iterator[Span]:
    """The words of a field that name a unit, by its partial or by some full id."""
    entry = record.get(key)
    if entry is None or not isinstance(entry.value, str):
        return
    for token in tokens(entry.value):
        if token.type == WORD and job_id in (token.text, partial(token.text)):
            yield record.value_span(entry, token.start, token.end)


def _mentions(record: Record, job_id: str, made: Made) -> tuple[list[Edit], list[Diagnostic]]:
    """What changes where a test plan names a job that was migrated."""
    edits: list[Edit] = []
    found: list[Diagnostic] = []
    for key in _RUN_FIRST:
        for span in _named(record, key, job_id):
            if made.resource:
                edits.append(Edit(span, made.resource))
            else:
                message = f"{key}: '{job_id}' is gone, its units need nothing to be run first"
                found.append(Diagnostic(Code.NOT_MIGRATED, message, span))
    for key in _SELECTING if not made.keeps_id else ():
        for span in _named(record, key, job_id):
            message = f"{key}: '{job_id}' is gone, name the units that it made"
            found.append(Diagnostic(Code.NOT_MIGRATED, message, span))
    return edits, found


def _span(block: Block) -> Span:
    source = block.record.source
    start = max(source.offset(block.record.first_line), source.text.startswith(BYTE_ORDER_MARK))
    return Span(source, start, start + sum(map(len, block.lines)))


def _edited(source: Source, edits: Sequence[Edit]) -> str:
    text = source.text
    own = [edit for edit in edits if edit.span.source is source]
    for edit in sorted(own, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
