"""TAP 13 and 14, and KTAP of kernel self-tests: cases printed line by line.

    line      = "ok" | "not ok" [number] [["-"] name] ["# SKIP" | "# TODO" | "# XFAIL" [reason]]
    plan      = "1.." count ["# SKIP" [reason]]
    bail out  = "Bail out!" [reason]

A block that is indented, or stands in KTAP between `KTAP version 1` and its result line, holds
the parts of the result that follows it: its cases are named `parent / child` and the parent is
no case of its own, unless it failed and no child did. Lines of the kernel log may stand before
each line of KTAP: `[   12.345678] ok 1 name`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.outcome import Outcome
from plainbox.session.events import Case

if TYPE_CHECKING:
    from collections.abc import Iterable

_STAMP: Final = re.compile(r"(?:<\d>)?\[ *\d+\.\d+\](?:\[[^]]*\])? ?")
_RESULT: Final = re.compile(r"( *)(not )?ok\b(?: +(\d+))?(?: +-)? *(.*)")
_PLAN: Final = re.compile(r"( *)1\.\.(\d+) *(?:# *(.*))?")
_DIRECTIVE: Final = re.compile(
    r"(.*?)(?<!\\)# *(skip\w*|todo|xfail|timeout|error)\b[ :]*(.*)", re.IGNORECASE
)
_MESSAGE: Final = re.compile(r" *(?:message|error|reason): *(.+)")
_SECONDS: Final = re.compile(r" *duration_ms: *([0-9.]+)")
_COMMENT: Final = re.compile(r" *# ?(.*)")
_SKIP: Final = re.compile(r"skip\w*[ :]*", re.IGNORECASE)
_DEEPEST: Final = 20
_DIGITS: Final = 9
_FAILED: Final = ("error", "timeout")


class Cases(NamedTuple):
    """What was read: the cases in order, and why reading stopped early or does not add up."""

    cases: list[Case]
    error: str = ""


class _Block:
    """One level of nesting: what was read of it, and how many results it has announced."""

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.cases: list[Case] = []
        self.results = 0
        self.planned: int | None = None


class _Reader:
    def __init__(self) -> None:
        self.blocks = [_Block(0)]
        self.error = ""
        self._said = ""
        self._fresh = False

    def take(self, line: str) -> bool:
        """Read a line; False after the last that counts."""
        if line.lstrip().startswith("Bail out!"):
            reason = line.partition("!")[2].strip()
            self.error = f"bailed out: {reason}" if reason else "bailed out"
            return False
        if match := _RESULT.fullmatch(line):
            self._result(match)
        elif match := _PLAN.fullmatch(line):
            self._plan(match)
        else:
            self._detail(line)
        return True

    def _at(self, indent: int) -> _Block:
        """The block of an indent; deeper ones that are open are parts of its next result."""
        if indent > self.blocks[-1].indent and len(self.blocks) < _DEEPEST:
            self.blocks.append(_Block(indent))
        return self.blocks[-1]

    def _plan(self, match: re.Match[str]) -> None:
        block = self._at(len(match[1]))
        if block.indent == len(match[1]):
            block.planned = int(match[2][:_DIGITS])
        if not block.planned and match[3]:
            reason = _SKIP.sub("", match[3]).strip()
            self.blocks[-1].cases.append(Case("(all)", Outcome.SKIP, reason))
        self._fresh = False

    def _result(self, match: re.Match[str]) -> None:
        indent = len(match[1])
        parts: list[Case] = []
        self._at(indent)
        while len(self.blocks) > 1 and self.blocks[-1].indent > indent:
            parts = [*self.blocks.pop().cases, *parts]
        block = self._at(indent)
        block.results += 1
        case = self._case(match, block.results)
        if parts:
            named = [_renamed(part, f"{case.name} / {part.name}") for part in parts]
            if case.outcome is Outcome.FAIL and all(not it.outcome.bad for it in parts):
                named.append(case)
            block.cases += named
        else:
            block.cases.append(case)
        self._said = ""
        self._fresh = not parts

    def _case(self, match: re.Match[str], number: int) -> Case:
        outcome = Outcome.FAIL if match[2] else Outcome.PASS
        name, message = match[4].strip(), ""
        if directive := _DIRECTIVE.fullmatch(name):
            name, word, message = directive[1].strip(), directive[2].lower(), directive[3].strip()
            if word.startswith("skip"):
                outcome = Outcome.SKIP
            elif word in _FAILED:
                outcome = Outcome.FAIL
                message = message or word
            else:  # todo and xfail: a failure that is expected does not count
                message = f"expected to fail: {message}".rstrip(": ") if match[2] else message
                outcome = Outcome.PASS
        if outcome is Outcome.FAIL and not message:
            message = self._said
        return Case(name.lstrip("- ") or match[3] or str(number), outcome, message)

    def _detail(self, line: str) -> None:
        """What is said of the result before (TAP) or, in comments, of the one to come (KTAP)."""
        if comment := _COMMENT.fullmatch(line):
            if not comment[1].lower().startswith(("subtest", "totals", "pass:")):
                self._said = comment[1].strip() or self._said
                self._explain(comment[1].strip())
            return
        if match := _MESSAGE.fullmatch(line):
            self._explain(match[1].strip("'\" "))
        elif match := _SECONDS.fullmatch(line):
            self._time(match[1])

    def _explain(self, text: str) -> None:
        cases = self.blocks[-1].cases
        if self._fresh and text and cases[-1:] and cases[-1].outcome.bad and not cases[-1].message:
            last = cases[-1]
            cases[-1] = Case(last.name, last.outcome, text, last.seconds)

    def _time(self, text: str) -> None:
        cases = self.blocks[-1].cases
        if self._fresh and cases:
            last = cases[-1]
            try:
                cases[-1] = Case(last.name, last.outcome, last.message, float(text) / 1000)
            except ValueError:
                return

    def finish(self) -> Cases:
        """All cases; a block that has no result of its own keeps its cases as they are."""
        first = self.blocks[0]
        planned, found = first.planned, first.results
        cases = [case for block in self.blocks for case in block.cases]
        error = self.error
        if not error and planned is not None and planned != found:
            error = f"{planned} results were announced and {found} came"
        return Cases(cases, error)


def read_tap(lines: Iterable[str]) -> Cases:
    """The cases that lines of TAP or KTAP tell of; other lines are passed over."""
    reader = _Reader()
    for line in lines:
        text = line.rstrip().expandtabs(4)
        if stamp := _STAMP.match(text):
            text = text[stamp.end() :]
        if not reader.take(text):
            break
    return reader.finish()


def _renamed(case: Case, name: str) -> Case:
    return Case(name, case.outcome, case.message, case.seconds)
