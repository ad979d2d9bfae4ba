"""Comments in unit files that silence findings.

    # plainbox: ignore=unknown-field,long-title
    # plainbox: ignore-file=portability

Such a comment begins its line. The first form is for the record that follows, or that it stands
in; the second for the whole file. A code that silences nothing is an advice of its own, so that
comments do not outlive what they were written for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.checking.finding import Finding
from plainbox.diagnostics import Code, Diagnostic, Edit, Fix
from plainbox.fields import replacement
from plainbox.records.files import name_is_yaml
from plainbox.spelling import closest
from plainbox.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plainbox.text import Source

_COMMENT: Final = re.compile(
    r"^#[ \t]*plainbox:[ \t]*ignore(-file)?[ \t]*=[ \t]*(.*)$", re.MULTILINE
)
_MENTION: Final = "plainbox:"
_WORD: Final = re.compile(r"[^\s,]+")
_CODES: Final = {code.title: code for code in Code}


class _Ignore(NamedTuple):
    """One code of one comment: where it stands, and the lines that it is for."""

    code: Code
    span: Span
    comment: Span
    first: int
    last: int


def apply_ignores(
    findings: Iterable[Finding], sources: Iterable[Source], *, shellcheck: bool = False
) -> list[Finding]:
    """The findings that no comment silences, and those about the comments themselves.

    Where `shellcheck` was not asked, a comment about it cannot be unused.
    """
    ignores: dict[int, list[_Ignore]] = {}
    kept: list[Finding] = []
    for source in sources:
        if _MENTION in source.text:
            about: list[Finding] = []
            ignores[id(source)] = list(_read(source, about))
            kept.extend(about)
    used: set[Span] = set()
    for finding in findings:
        silent = [
            ignore for ignore in _for(finding, ignores) if ignore.code is finding.diagnostic.code
        ]
        used.update(ignore.span for ignore in silent)
        if not silent:
            kept.append(finding)
    for found in ignores.values():
        kept.extend(
            _unused(ignore)
            for ignore in found
            if ignore.span not in used and (shellcheck or ignore.code is not Code.SHELLCHECK)
        )
    return kept


def _for(finding: Finding, ignores: dict[int, list[_Ignore]]) -> Iterator[_Ignore]:
    span = finding.diagnostic.span
    if span is None or not ignores:
        return
    line = span.line
    for ignore in ignores.get(id(span.source), ()):
        if ignore.first <= line <= ignore.last:
            yield ignore


def _read(source: Source, about: list[Finding]) -> Iterator[_Ignore]:
    lines = source.text.split("\n")
    is_yaml = name_is_yaml(source.name)
    for match in _COMMENT.finditer(source.text):
        number = source.position(match.start())[0]
        first, last = (1, len(lines)) if match[1] else _block(lines, number, is_yaml=is_yaml)
        comment = Span(source, match.start(), min(match.end() + 1, len(source.text)))
        for word in _WORD.finditer(match[2]):
            start = match.start(2)
            span = Span(source, start + word.start(), start + word.end())
            code = _CODES.get(word.group())
            if code is None:
                about.append(Finding(_no_such_code(span)))
            else:
                yield _Ignore(code, span, comment, first, last)


def _block(lines: list[str], number: int, *, is_yaml: bool) -> tuple[int, int]:
    """The lines of the record that a comment on a line is for."""
    if is_yaml:
        return _document(lines, number)
    first = last = number
    while first > 1 and lines[first - 2].strip():
        first -= 1
    while last < len(lines) and lines[last].strip():
        last += 1
    if all(line.startswith("#") for line in lines[first - 1 : last]):
        while last < len(lines) and (not lines[last].strip() or lines[last].startswith("#")):
            last += 1
        while last < len(lines) and lines[last].strip():
            last += 1
    return first, last


def _document(lines: list[str], number: int) -> tuple[int, int]:
    """The document that a comment is in, or, where nothing of it follows, the next one."""
    first = last = number
    while first > 1 and not lines[first - 1].startswith("---"):
        first -= 1
    while last < len(lines) and not lines[last].startswith("---"):
        last += 1
    rest = lines[number:last]
    if any(line.strip() and not line.startswith("#") for line in rest):
        return first, last
    last += 1
    while last < len(lines) and not lines[last].startswith("---"):
        last += 1
    return number, last


def _no_such_code(span: Span) -> Diagnostic:
    meant = closest(span.text, _CODES)
    fix = replacement(span, meant) if meant else None
    message = f"there is no code '{span.text}' to ignore"
    return Diagnostic(Code.UNUSED_IGNORE, message, span, fix=fix)


def _unused(ignore: _Ignore) -> Finding:
    message = f"nothing here is silenced by ignoring '{ignore.code}'"
    words = _WORD.findall(ignore.comment.text.partition("=")[2])
    fix = None
    if len(words) == 1:
        fix = Fix("remove the comment", (Edit(ignore.comment, ""),))
    return Finding(Diagnostic(Code.UNUSED_IGNORE, message, ignore.span, fix=fix))
