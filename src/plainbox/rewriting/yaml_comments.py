"""The comments of a YAML text, which its parser throws away, and what they stand in front of."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.records import Entry, Record
    from plainbox.text import Source

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_HEADER = re.compile(r"[|>][^\s#]*[ \t]+(#[^\n]*)")


class Remark(NamedTuple):
    """A comment: its line and its text, with the `#`."""

    line: int
    text: str


class Places:
    """The comments of one document, by what they stand in front of."""

    def __init__(self) -> None:
        self.above: list[Remark] = []
        self.fields: dict[str, list[str]] = {}
        self.items: dict[tuple[str, int], list[str]] = {}
        self.end: list[str] = []


def places_of(source: Source, records: Sequence[Record]) -> tuple[list[Places], list[Remark]]:
    """The comments of each document, and those after all of them."""
    found = [Places() for _ in records]
    starts = [record.first_line for record in records]
    rest: list[Remark] = []
    remarks, separators = _scan(source)
    for remark in remarks:
        at = bisect_right(starts, remark.line) - 1
        if at >= 0 and _belongs(remark, records[at], separators):
            _place(remark, records[at], found[at])
        elif at + 1 < len(records):
            found[at + 1].above.append(remark)
        else:
            rest.append(remark)
    return found, rest


def _belongs(remark: Remark, record: Record, separators: Sequence[int]) -> bool:
    """Whether no separator stands between a record and a comment below its first line."""
    return bisect_right(separators, remark.line) == bisect_right(separators, record.last_line)


def _place(remark: Remark, record: Record, places: Places) -> None:
    entries = sorted(record.entries.values(), key=lambda entry: entry.line)
    before = [entry for entry in entries if entry.line <= remark.line]
    if before and remark.line <= before[-1].last_line:
        entry = before[-1]
        index = _item_at(record, entry, remark.line)
        if index is None:
            places.fields.setdefault(entry.key, []).append(remark.text)
        else:
            places.items.setdefault((entry.key, index), []).append(remark.text)
    elif len(before) < len(entries):
        places.fields.setdefault(entries[len(before)].key, []).append(remark.text)
    else:
        places.end.append(remark.text)


def _item_at(record: Record, entry: Entry, line: int) -> int | None:
    """The first item of a list that begins at a line or below it."""
    if isinstance(entry.value, list) and line > entry.line:
        for index in range(len(entry.value)):
            if record.item_span(entry, (index,)).line >= line:
                return index
        return max(len(entry.value) - 1, 0)
    return None


def _scan(source: Source) -> tuple[list[Remark], list[int]]:
    """All comments, and the lines of `---`; what stands between tokens can only be a comment."""
    import yaml  # 15 ms, and only YAML files need it

    text = source.text
    remarks: list[Remark] = []
    separators: list[int] = []
    position = 0
    shift = text.startswith("\ufeff")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for token in yaml.scan(text[shift:], Loader=loader):
            start, end = token.start_mark.index + shift, token.end_mark.index + shift
            remarks += _between(source, position, start)
            if isinstance(token, yaml.DocumentStartToken):
                separators.append(source.position(start)[0])
            elif isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
                header = _HEADER.match(text, start, end)
                if header:
                    remarks.append(_remark(source, header.start(1), header[1]))
            position = max(position, end)
    except (yaml.YAMLError, ValueError):
        return remarks, separators  # reading the text has said what is wrong
    return [*remarks, *_between(source, position, len(text))], separators


def _between(source: Source, start: int, end: int) -> Iterator[Remark]:
    if source.text.find("#", start, end) >= 0:
        for comment in _COMMENT.finditer(source.text, start, end):
            yield _remark(source, comment.start(), comment[0])


def _remark(source: Source, start: int, text: str) -> Remark:
    return Remark(source.position(start)[0], text.rstrip())
