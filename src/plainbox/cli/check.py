"""`plainbox check`: what is wrong with providers, unit files or a text."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from plainbox.app.check import Inspection, Text, inspect
from plainbox.checking.finding import fingerprints
from plainbox.checking.fixing import mend
from plainbox.cli.unit_texts import STDIN, UnitText, difference
from plainbox.diagnostics import Code, Severity
from plainbox.diagnostics.as_github import render_github
from plainbox.diagnostics.as_json import render_json
from plainbox.diagnostics.as_sarif import render_sarif
from plainbox.diagnostics.reported import Reported, Totals
from plainbox.diagnostics.terminal import render, summary
from plainbox.errors import UsageError
from plainbox.spelling import closest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from plainbox.checking import Finding

FORMATS: Final = ("terminal", "json", "github", "sarif")
_STDIN_NAME: Final = "<stdin>"
_ROUNDS: Final = 5
_CODES: Final = {code.title: code for code in Code}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "path",
        nargs="*",
        metavar="PATH",
        help="a provider, a folder of providers, a unit file, or - for standard input; without "
        "any the provider of the current folder, else all installed ones",
    )
    parser.add_argument("--format", choices=FORMATS, default="terminal", help="how to report")
    for name, what in (("--select", "report nothing but"), ("--ignore", "do not report")):
        parser.add_argument(
            name,
            action="append",
            default=[],
            metavar="CODE",
            help=f"{what} findings of this code; may be given again",
        )
    parser.add_argument(
        "--strict", action="store_true", help="show hints too, and exit 1 with any finding"
    )
    mending = parser.add_mutually_exclusive_group()
    mending.add_argument("--fix", action="store_true", help="apply the safe fixes")
    mending.add_argument("--diff", action="store_true", help="show what --fix would change")
    parser.add_argument("--shellcheck", action="store_true", help="ask shellcheck about commands")
    parser.add_argument(
        "--stdin-name",
        default=_STDIN_NAME,
        metavar="PATH",
        help="the file that standard input stands for; a name in .yaml makes it YAML",
    )
    parser.epilog = (
        "exit code 1 with errors, else 0; a comment '# plainbox: ignore=CODE' in a unit file "
        "silences a code for the record that follows"
    )


def handle(options: argparse.Namespace) -> int:
    """Check, and mend if that is asked for."""
    gc.disable()  # nothing is garbage before the end, and looking for it takes a while
    call = _Call(options)
    if options.diff:
        return call.show_difference()
    if options.fix:
        call.mend()
    return call.report(sys.stderr if options.fix and call.text else sys.stdout)


@dataclass(frozen=True)
class _Filter:
    """Which findings a person wants to see."""

    select: frozenset[Code]
    ignore: frozenset[Code]
    strict: bool

    def shows(self, finding: Finding) -> bool:
        diagnostic = finding.diagnostic
        if diagnostic.code in self.ignore or (self.select and diagnostic.code not in self.select):
            return False
        return diagnostic.severity > Severity.HINT or self.strict or bool(self.select)


class _Call:
    """One call of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.started = time.monotonic()
        self.paths = [name for name in options.path if name != STDIN]
        self.text = Text(options.stdin_name, _standard_input()) if STDIN in options.path else None
        self.fixed = 0
        self.wanted = _Filter(_codes(options.select), _codes(options.ignore), options.strict)
        self.inspection = self._inspect()

    def _inspect(self) -> Inspection:
        return inspect(self.paths, os.environ, text=self.text, shellcheck=self.options.shellcheck)

    @property
    def findings(self) -> list[Finding]:
        """The findings that are wanted."""
        return [each for each in self.inspection.findings if self.wanted.shows(each)]

    def report(self, out: TextIO) -> int:
        """Write what was found; the exit code."""
        findings = self.findings
        totals = Totals(self.inspection.files, time.monotonic() - self.started, self.fixed)
        report = _rendered(self.options.format, findings, totals, out.isatty() and _colourful())
        if report:
            out.write(report + "\n")
        return self._exit_code(findings)

    def _exit_code(self, findings: Sequence[Finding]) -> int:
        bad = [each for each in findings if each.diagnostic.severity is Severity.ERROR]
        return int(bool(findings if self.options.strict else bad))

    def mend(self) -> None:
        """Apply safe fixes until there are none, and look again."""
        for _ in range(_ROUNDS):
            mended = mend(each.diagnostic for each in self.findings)
            if not mended:
                break
            for each in mended:
                self.fixed += each.mistakes
                if self.text is not None and each.source.name == self.text.name:
                    self.text = Text(self.text.name, each.text)
                else:
                    UnitText(each.source, Path(each.source.name)).write(each.text)
            self.inspection = self._inspect()
        if self.text is not None:
            sys.stdout.write(self.text.text)

    def show_difference(self) -> int:
        """Write what would change as a unified diff, and the summary on standard error."""
        findings = self.findings
        mended = mend(each.diagnostic for each in findings)
        for each in mended:
            sys.stdout.write(difference(each.source, each.text))
        totals = Totals(self.inspection.files, time.monotonic() - self.started)
        diagnostics = [each.diagnostic for each in findings]
        sys.stderr.write(summary(diagnostics, totals, _dot()) + "\n")
        return int(bool(mended)) or self._exit_code(findings)


def _rendered(how: str, findings: Sequence[Finding], totals: Totals, coloured: bool) -> str:  # noqa: FBT001
    if how == "terminal":
        parts = [render(each.diagnostic, coloured=coloured) + "\n" for each in findings]
        return "\n".join([*parts, summary([each.diagnostic for each in findings], totals, _dot())])
    reported = [
        Reported(each.diagnostic, *each.subject, each.field, fingerprint)
        for each, fingerprint in zip(findings, fingerprints(findings), strict=True)
    ]
    if how == "json":
        return render_json(reported, totals)
    return render_sarif(reported) if how == "sarif" else render_github(reported)


def _codes(words: Iterable[str]) -> frozenset[Code]:
    found = set()
    for word in (part for words_of_one in words for part in words_of_one.split(",")):
        code = _CODES.get(word.strip())
        if code is None:
            near = closest(word, _CODES)
            hint = f"did you mean {near}?" if near else "plainbox explain lists the codes"
            raise UsageError(f"there is no code {word!r}", hints=[hint])
        found.add(code)
    return frozenset(found)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError("standard input is not UTF-8 text") from error


def _colourful() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") not in ("", "dumb")


def _dot() -> str:
    try:
        "·".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "-"
    return "·"
