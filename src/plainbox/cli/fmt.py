"""`plainbox fmt`: unit files in the one layout."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from plainbox.cli.unit_texts import UnitText, count, difference, show, unit_texts
from plainbox.diagnostics import Code, Diagnostic, Sink
from plainbox.diagnostics.terminal import headline
from plainbox.rewriting import format_pxu
from plainbox.text import Span

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "path",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a file, a folder, or - for standard input; the current folder if there is none",
    )
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if it would")
    parser.add_argument("--diff", action="store_true", help="change nothing, show what would")
    parser.epilog = "no value of any unit changes; YAML files stay as they are"


def handle(options: argparse.Namespace) -> int:
    """Format what was named."""
    sink = Sink()
    total = changed = yaml = 0
    for unit_text in unit_texts(options.path, sink):
        if unit_text.is_yaml:
            yaml += 1
            continue
        total += 1
        text = format_pxu(unit_text.source, sink)
        changed += text != unit_text.source.text
        _deal_with(unit_text, text, options)
    show(sink)
    _sum_up(changed, total, yaml, only="would be " if options.check or options.diff else "")
    return int(bool(len(sink) or (options.check and changed)))


def _deal_with(unit_text: UnitText, text: str, options: argparse.Namespace) -> None:
    source = unit_text.source
    same = text == source.text
    if options.diff and not same:
        sys.stdout.write(difference(source, text))
    elif options.check and not same:
        sys.stdout.write(headline(_finding(unit_text, text)) + "\n")
    if not (options.diff or options.check or (same and unit_text.path)):
        unit_text.write(text)


def _finding(unit_text: UnitText, text: str) -> Diagnostic:
    """The first line that differs."""
    source = unit_text.source
    pairs = enumerate(zip(source.text.split("\n"), text.split("\n"), strict=False), 1)
    line = next((number for number, (one, other) in pairs if one != other), len(source.starts))
    start = source.offset(line)
    return Diagnostic(Code.UNFORMATTED, "not in canonical layout", Span(source, start, start))


def _sum_up(changed: int, total: int, yaml: int, *, only: str) -> None:
    said = f"{count(changed, 'file')} of {total} {only}formatted"
    if yaml:
        said += f", {count(yaml, 'YAML file')} left alone"
    sys.stderr.write(f"{said}\n")
