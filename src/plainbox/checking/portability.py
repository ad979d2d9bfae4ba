"""What Checkbox reads differently, refuses, or dies of, although plainbox does what was meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from plainbox.diagnostics import Code, Diagnostic, Edit, Fix
from plainbox.fields import Place, Unit
from plainbox.ids import PLAINBOX, SEPARATOR
from plainbox.planning.dead_lines import FIELDS
from plainbox.records.files import name_is_yaml
from plainbox.text import Span
from plainbox.units import Job, ManifestEntry, Template, TestPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.fields import IncludeLine
    from plainbox.ids import Pattern
    from plainbox.planning.job_index import JobIndex
    from plainbox.templating import Skeleton
    from plainbox.text import Source

_LINE_ENDS: Final = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPECIAL: Final = re.compile(r"[.^$*+?{}\[\]|()]")
_MADE_THERE: Final = ("job", "category")
_AS: Final = re.compile(r"(?<=\s)A[Ss]|(?<=\s)aS(?=\s)")
_ESCAPED: Final = re.compile(r"\\.")
_CLASS: Final = re.compile(r"\\[dDsSwWbBAZ]")
_COMMENT_LINE: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


def source_portability(source: Source) -> Iterator[Diagnostic]:
    """What Checkbox makes of odd characters in a file."""
    text = source.text
    if name_is_yaml(source.name):
        return
    if text.startswith("\ufeff"):
        span = Span(source, 0, 1)
        fix = Fix("remove the mark", (Edit(span, ""),))
        message = "Checkbox takes the byte order mark for a part of the first field's name"
        yield Diagnostic(Code.PORTABILITY, message, span, fix=fix)
    if text.isascii() and text.isprintable():
        return
    for match in _LINE_ENDS.finditer(text):
        message = f"Checkbox ends the line at the character U+{ord(match.group()):04X}"
        yield Diagnostic(Code.PORTABILITY, message, Span(source, *match.span()))


def portability(unit: Unit) -> Iterator[Diagnostic]:
    """What Checkbox makes of a unit."""
    if isinstance(unit, Template):
        yield from _template(unit)
    elif isinstance(unit, TestPlan):
        yield from _plan(unit)
    elif isinstance(unit, Job):
        yield from _job(unit)
    elif isinstance(unit, ManifestEntry):
        yield from _manifest_entry(unit)


def _finding(unit: Unit, key: str, message: str, place: Place | None = None) -> Diagnostic:
    return unit.finding(key, Code.PORTABILITY, f"{key}: {message}", place)


def _job(job: Job) -> Iterator[Diagnostic]:
    for key in ("requires", "imports"):
        yield from _comment_lines(job, key)
    yield from _imports(job, "imports")
    hyphenated = {field.key for field in job.fields.values() if "-" in field.key}
    for sibling in job.siblings:
        for key in sibling:
            name = key.removeprefix("_")
            if not key.startswith("_") and "_" + key in job.record.entries:
                message = f"Checkbox keeps '_{name}' of the job, write '_{name}' here too"
                yield _finding(job, "siblings", message)
            elif name in hyphenated:
                yield _finding(job, "siblings", f"Checkbox refuses '{name}' in a sibling")


def _comment_lines(unit: Unit, key: str) -> Iterator[Diagnostic]:
    """Lines of a program that hold only a comment."""
    entry = unit.record.get(key)
    if entry is None or not isinstance(entry.value, str) or "#" not in entry.value:
        return
    for match in _COMMENT_LINE.finditer(entry.value):
        message = "Checkbox refuses a line with only a comment"
        yield _finding(unit, key, message, Place(*match.span()))


def _imports(unit: Unit, key: str) -> Iterator[Diagnostic]:
    entry = unit.record.get(key)
    if entry is None or not isinstance(entry.value, str):
        return
    for match in _AS.finditer(entry.value):
        yield _finding(unit, key, "Checkbox knows only a small 'as'", Place(*match.span()))


def _template(template: Template) -> Iterator[Diagnostic]:
    if template.template_unit not in _MADE_THERE and template.template_unit in Unit.types:
        message = f"Checkbox makes jobs and categories of templates, no {template.template_unit}"
        yield _finding(template, "template-unit", message)
    if len(template.template_imports) > 1:
        message = "Checkbox reads one import statement here"
        yield _finding(template, "template-imports", message)
    yield from _imports(template, "template-imports")
    yield from _comment_lines(template, "template-filter")
    own = {name for name, full_id in template.resources.items() if _is_alias(name, full_id)}
    expressions = template.template_filter.expressions
    for number, expression in enumerate(expressions):
        if own & set(expression.names) and (number or len([*expression.parts()]) > 1):
            place = Place(expression.start, expression.end)
            entry = template.record.get("template-filter")
            if entry is not None and isinstance(entry.value, list):
                place = Place(expression.start, expression.end, (expression.item,))
            message = "Checkbox knows an imported name only in the first comparison"
            yield _finding(template, "template-filter", message, place)
            return


def _is_alias(name: str, full_id: str) -> bool:
    return not full_id.endswith(SEPARATOR + name)


def dotted_parameters(template: Template, skeleton: Skeleton) -> Iterator[Diagnostic]:
    """Parameters that are reached through the name of the resource."""
    for entry, path, slot in skeleton.slots():
        if slot.path and slot.name == template.variable:
            span = template.record.item_span(entry, path, slot.start, slot.end)
            key = entry.key.removeprefix("_")
            field = str(slot.path[0])
            message = f"{key}: Checkbox knows no '{slot.source}', only '{field}'"
            yield Diagnostic(Code.PORTABILITY, message, span)


def _manifest_entry(entry: ManifestEntry) -> Iterator[Diagnostic]:
    old = entry.record.get("value-units")
    if old is not None and entry.record.get("value-unit") is None:
        span = entry.record.key_span(old)
        start = span.end - len("value-units")
        fix = Fix("write 'value-unit'", (Edit(Span(span.source, start, span.end), "value-unit"),))
        message = "Checkbox does not read 'value-units', but 'value-unit'"
        yield Diagnostic(Code.PORTABILITY, message, span, fix=fix)


def _plan(plan: TestPlan) -> Iterator[Diagnostic]:
    is_yaml = name_is_yaml(plan.record.source.name)
    entry = plan.record.get("estimated_duration")
    if entry is not None and isinstance(entry.value, (int, float)):
        yield _finding(plan, "estimated_duration", "Checkbox dies of a number, write it as text")
    for key in ("category_overrides", "certification_status_overrides"):
        overrides = plan.record.get(key)
        if overrides is not None and isinstance(overrides.value, list):
            yield _finding(plan, key, "Checkbox dies of a list here, write it as text")
    for key in FIELDS:
        lines: tuple[IncludeLine, ...] = getattr(plan, key)
        for line in lines:
            yield from _pattern(plan, key, line, is_yaml=is_yaml)
    for key in ("category_overrides", "certification_status_overrides"):
        for override in getattr(plan, key):
            yield from _alternatives(plan, key, override.pattern, override.place)


def _pattern(plan: TestPlan, key: str, line: IncludeLine, *, is_yaml: bool) -> Iterator[Diagnostic]:
    text = line.pattern.text
    for name, value in line.overrides:
        if name == "category_id" and not value.startswith(PLAINBOX) and key != "exclude":
            written = value.removeprefix(plan.namespace + SEPARATOR)
            if written != value and f"{SEPARATOR}{written}" not in _line_text(line, is_yaml):
                message = f"Checkbox reads '{written}' as a full id, write '{value}'"
                yield _finding(plan, key, message, line.place)
    if line.pattern.fixed is not None:
        return
    yield from _alternatives(plan, key, line.pattern, line.place)
    if line.overrides and (text.startswith("^") or text.endswith("$")):
        message = "Checkbox loses the overrides of a line with '^' or '$'"
        yield _finding(plan, key, message, line.place)
    elif "\\" in text and not (_SPECIAL.search(_ESCAPED.sub("", text)) or _CLASS.search(text)):
        message = "Checkbox takes this for an id, backslashes included, and finds none"
        yield _finding(plan, key, message, line.place)


def _line_text(line: IncludeLine, is_yaml: bool) -> str:  # noqa: FBT001 - private
    return line.text if not is_yaml else ""


def _alternatives(plan: TestPlan, key: str, pattern: Pattern, place: Place) -> Iterator[Diagnostic]:
    """`a|b`, of which Checkbox anchors only the outer ends."""
    if "|" not in pattern.text or pattern.fixed is not None:
        return
    depth = 0
    for part in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", pattern.text, re.DOTALL):
        depth += (part.group() == "(") - (part.group() == ")")
        if part.group() == "|" and not depth:
            span = plan.span(key, place)
            text = pattern.text
            fix = Fix(f"write '({text})'", (Edit(span, f"({text})"),))
            message = f"{key}: Checkbox reads '{text}' as two halves, put it in parentheses"
            yield Diagnostic(
                Code.PORTABILITY, message, span, fix=fix if span.text == text else None
            )
            return


def override_order(plan: TestPlan, index: JobIndex) -> Iterator[Diagnostic]:
    """Jobs for which another line wins in Checkbox, which goes by the alphabet."""
    lines = [*_overrides(plan)]
    values: dict[str, set[str]] = {}
    for _, name, value, *_ in lines:
        values.setdefault(name, set()).add(value)
    lines = [line for line in lines if len(values[line[1]]) > 1]
    if all(pattern.fixed is not None for pattern, *_ in lines):
        return
    ours: dict[tuple[str, str], int] = {}
    theirs: dict[tuple[str, str], int] = {}
    order = sorted(range(len(lines)), key=lambda number: _sort_key(lines[number][0], plan))
    means = [index.meant(pattern) for pattern, *_ in lines]
    for table, numbers in ((ours, range(len(lines))), (theirs, order)):
        for number in numbers:
            for job_id in means[number]:
                table[job_id, lines[number][1]] = number
    told: set[int] = set()
    for at, number in ours.items():
        other = theirs[at]
        if lines[other][2] != lines[number][2] and number not in told:
            told.add(number)
            _, _, value, key, place = lines[number]
            job_id = at[0].rpartition(SEPARATOR)[2]
            message = f"Checkbox gives '{job_id}' {lines[other][2]!r}, not {value!r}"
            yield _finding(plan, key, f"{message}: it goes by the alphabet", place)


def _overrides(plan: TestPlan) -> Iterator[tuple[Pattern, str, str, str, Place]]:
    for key in ("mandatory_include", "include"):
        lines: tuple[IncludeLine, ...] = getattr(plan, key)
        for line in lines:
            for name, value in line.overrides:
                yield line.pattern, name, value, key, line.place
    for category in plan.category_overrides:
        key = "category_overrides"
        yield category.pattern, "category_id", category.value, key, category.place
    for status in plan.certification_status_overrides:
        key = "certification_status_overrides"
        yield status.pattern, "certification_status", status.value, key, status.place


def _sort_key(pattern: Pattern, plan: TestPlan) -> str:
    text = pattern.text
    full = text if SEPARATOR in text else f"{plan.namespace}{SEPARATOR}{text}"
    return f"^{full}$"
