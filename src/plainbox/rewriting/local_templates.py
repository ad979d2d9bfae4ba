"""The template units that say what a local job prints, if it can be proved that they do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Sink
from plainbox.records.syntax import Block, Comment, parse_syntax, without_end
from plainbox.rewriting.formatting import format_pxu
from plainbox.rewriting.local_commands import Constant, Loop, Piped
from plainbox.templating.formats import parse_format
from plainbox.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.records import Record

_NAME = re.compile(r"[^A-Za-z0-9_]")
_FORGOTTEN: Final = {
    *("id", "name", "plugin", "command", "unit", "shell", "summary", "description", "purpose"),
    *("category_id", "estimated_duration", "requires", "imports", "depends", "user", "environ"),
    *("flags",),
}
_PASSED_ON: Final = (("summary", "template-summary"), ("description", "template-description"))
_HARMLESS: Final = {"simple", "preserve-locale", "has-leftovers", "deprecated"}


class Resource(NamedTuple):
    """A resource job: its partial id, its namespace if that is another one, what it runs."""

    id: str
    namespace: str
    command: str
    user: str = ""
    environ: str = ""


@dataclass(frozen=True)
class Made:
    """What takes the place of a local job.

    `resource` is what has to be run to have the units, `keeps_id` says whether the id of the job
    still selects them.
    """

    text: str
    resource: str
    keeps_id: bool


@dataclass(frozen=True)
class Unproved:
    """Why units cannot take the place of the job, and the field that is the reason."""

    reason: str
    key: str = "command"


def make(
    block: Block, printed: Piped | Loop | Constant, resources: Sequence[Resource], ids: set[str]
) -> Made | Unproved:
    """The units that a local job prints; `ids` are taken by other units."""
    record = block.record
    units = _units(printed.text)
    if isinstance(units, str):
        return Unproved(units)
    fault = _fault_of_job(record) or _fault_of_units(units, constant=isinstance(printed, Constant))
    if fault:
        return fault
    above = _comments(block)
    if isinstance(printed, Constant):
        return _done(above + printed.text, "", keeps_id=False) if _alone(record) else _bound(record)
    if isinstance(printed, Loop):
        return _from_words(record, above, printed, units, ids) if _alone(record) else _bound(record)
    return _from_records(record, above, printed, units, resources)


def _bound(record: Record) -> Unproved:
    for key in ("requires", "depends"):
        if record.get(key):
            return Unproved(f"what it makes would no longer depend on its '{key}'", key)
    return Unproved("it reads its environment", "environ" if record.get("environ") else "user")


def _alone(record: Record) -> bool:
    return not any(record.get(key) for key in ("requires", "depends"))


def _units(text: str) -> list[Block] | str:
    """The records of a text; what is wrong with it."""
    sink = Sink()
    blocks: list[Block] = []
    comments: list[Comment] = []
    for part in parse_syntax(Source("", text), sink).parts:
        if isinstance(part, Comment):
            comments.append(part)
        elif isinstance(part, Block):
            part.items[:0] = comments
            comments = []
            blocks.append(part)
    for found in sink:
        return f"what it prints has a mistake: {found.message}"
    return blocks or "it prints no unit"


def _fault_of_job(record: Record) -> Unproved | None:
    for key in record.entries:
        if key.removeprefix("_") not in _FORGOTTEN:
            return Unproved(f"a template has no place for its '{key}'", key.removeprefix("_"))
    flags = record.get("flags")
    if flags and set(re.split(r"[\s,]+", str(flags.value))) - _HARMLESS:
        return Unproved("a template has no place for its flags", "flags")
    shell, command = record.get("shell"), record.get("command")
    if shell and command and shell.value == "/bin/sh" and "\\" in str(command.value):
        return Unproved("'echo' of a plain shell changes backslashes", "shell")
    return None


def _fault_of_units(units: list[Block], *, constant: bool) -> Unproved | None:
    for block in () if constant else units:
        record = block.record
        kind = record.get("unit")
        unit_id = record.get("id") or record.get("name")
        if kind and kind.value == "template":
            return Unproved("it prints templates")
        if unit_id is None or parse_format(str(unit_id.value)).constant:
            return Unproved("the ids of its units do not vary")
        for key in record.entries:
            if not parse_format(key).constant or key.startswith("template-"):
                return Unproved(f"it prints a field '{key}'")
    return None


def _comments(block: Block) -> str:
    """The comments of a local job, which go above what takes its place."""
    lines = []
    for item in block.items:
        own = item.lines if isinstance(item, Comment) else item.lines[1:]
        lines += [f"{without_end(line)}\n" for line in own if line.startswith("#")]
    return "".join(lines)


def _from_records(
    record: Record, above: str, printed: Piped, units: list[Block], resources: Sequence[Resource]
) -> Made | Unproved:
    resource = next((each for each in resources if each.command == printed.source), None)
    if resource is None:
        return Unproved(f"no resource job runs '{printed.source}'")
    for key in ("user", "environ"):
        entry = record.get(key)
        if (str(entry.value) if entry else "") != getattr(resource, key):
            return Unproved(f"the resource job '{resource.id}' has another '{key}'", key)
    name = _NAME.sub("_", resource.id)
    if name != resource.id and printed.wanted and not resource.namespace:
        return Unproved(f"expressions cannot call the resource '{resource.id}' by its name")
    wanted = [f"{name}.{key} == '{value}'" for key, value in printed.wanted]
    if fault := _fault_of_bounds(record, resource, wanted):
        return fault
    lines = [f"template-resource: {name if resource.namespace else resource.id}"]
    if resource.namespace:
        alias = "" if name == resource.id else f" as {name}"
        lines.append(f"template-imports: from {resource.namespace} import {resource.id}{alias}")
    if wanted:
        lines += ["template-filter:", *(f" {line}" for line in wanted)]
    text = above + _templates(record, units, lines)
    full_id = f"{resource.namespace}::{resource.id}" if resource.namespace else resource.id
    return _done(text, full_id, keeps_id=len(units) == 1)


def _fault_of_bounds(record: Record, resource: Resource, wanted: list[str]) -> Unproved | None:
    """What the local job needs must follow from there being a record that passes the filter."""
    needs, depends = record.get("requires"), record.get("depends")
    lines = str(needs.value).split("\n") if needs else []
    if any(_plain(line) not in {_plain(each) for each in wanted} for line in lines):
        return Unproved("what it makes would no longer depend on its 'requires'", "requires")
    words = re.split(r"[\s,]+", str(depends.value)) if depends else []
    if any(word.rpartition("::")[2] != resource.id for word in words):
        return Unproved("what it makes would no longer depend on its 'depends'", "depends")
    return None


def _plain(expression: str) -> str:
    return expression.replace('"', "'").replace(" ", "")


def _from_words(
    record: Record, above: str, printed: Loop, units: list[Block], ids: set[str]
) -> Made | Unproved:
    job_id = _id(record)
    resource = f"{job_id}-values"
    if resource in ids:
        return Unproved(f"there is a unit '{resource}' already", "id")
    summary = record.get("summary") or record.get("id") or record.get("name")
    lines = [f"id: {resource}", "plugin: resource"]
    lines += [f"summary: Values for: {summary.value}"] if summary else []
    lines.append("command:")
    for number, word in enumerate(printed.words):
        lines += [" echo"] if number else []
        lines.append(f" echo '{printed.name}: {word}'")
    made = "".join(f"{line}\n" for line in lines)
    templates = _templates(record, units, [f"template-resource: {resource}"])
    return _done(f"{above}{made}\n{templates}", resource, keeps_id=len(units) == 1)


def _templates(record: Record, units: list[Block], lines: list[str]) -> str:
    return "\n".join(
        "".join(f"{line}\n" for line in _template(record, block, lines, single=len(units) == 1))
        for block in units
    )


def _template(record: Record, block: Block, lines: list[str], *, single: bool) -> Iterator[str]:
    yield "unit: template"
    kind = block.record.get("unit")
    if kind and kind.value != "job":
        yield f"template-unit: {kind.value}"
    if single:
        yield f"template-id: {_id(record)}"
        for key, passed in _PASSED_ON:
            yield from _passed(record, key, passed)
    yield from lines
    old_name = block.record.get("id") is None
    for item in block.items:
        for number, line in enumerate(item.lines):
            key, colon, rest = without_end(line).partition(":")
            if number == 0 and key.strip() == "unit":
                break
            renamed = old_name and number == 0 and key.strip() == "name"
            yield f"id{colon}{rest}" if renamed else without_end(line)


def _passed(record: Record, key: str, passed: str) -> Iterator[str]:
    """The lines of a field of the local job that the template has under another name."""
    for name in (f"_{key}", key):
        entry = record.entries.get(name)
        if entry is not None and str(entry.value):
            first, *rest = str(entry.raw).rstrip("\n").split("\n")
            mark = name.removesuffix(key)
            inline = entry.text_line == entry.line
            yield f"{mark}{passed}: {first}" if inline else f"{mark}{passed}:"
            yield from (f" {line}" for line in (rest if inline else [first, *rest]))
            return


def _id(record: Record) -> str:
    entry = record.get("id") or record.get("name")
    return str(entry.value) if entry else ""


def _done(text: str, resource: str, *, keeps_id: bool) -> Made:
    return Made(format_pxu(Source("", text), Sink()), resource, keeps_id=keeps_id)
