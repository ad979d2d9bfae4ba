"""`plainbox convert`: unit files from PXU to YAML and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.cli.unit_texts import UnitText, count, show, unit_texts
from plainbox.diagnostics import Sink
from plainbox.errors import InputError, PlainboxError, UsageError
from plainbox.files import replace_file
from plainbox.rewriting import to_pxu, to_yaml

if TYPE_CHECKING:
    import argparse

    from plainbox.rewriting import Conversion

_CONVERTERS: Final = {"pxu": to_pxu, "yaml": to_yaml}
_OTHER: Final = {True: "pxu", False: "yaml"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("file", nargs="+", metavar="FILE", help="a unit file, or - for input")
    parser.add_argument("--to", choices=tuple(_CONVERTERS), help="the other one by default")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="write files there, not to standard output"
    )
    parser.epilog = "what the other language cannot say is reported, and never dropped silently"


def handle(options: argparse.Namespace) -> int:
    """Convert what was named."""
    sink = Sink()
    texts = list(unit_texts(options.file, sink))
    if options.output is None and len(texts) > 1:
        raise UsageError("several files need a place", hints=["name a folder with --output"])
    show(sink)
    failed = len(sink)
    for unit_text in texts:
        language = options.to or _OTHER[unit_text.is_yaml]
        result = _convert(unit_text, language)
        show(result.diagnostics)
        if result.text is None:
            failed += 1
        elif options.output is None:
            sys.stdout.write(result.text)
        else:
            _write(options.output, unit_text, language, result.text)
    if failed:
        raise InputError(f"{count(failed, 'file')} not converted: a unit would have been lost")
    return 0


def _convert(unit_text: UnitText, language: str) -> Conversion:
    if unit_text.path is not None and _OTHER[not unit_text.is_yaml] == language:
        raise UsageError(f"{unit_text.source.name} is {language.upper()} already")
    return _CONVERTERS[language](unit_text.source)


def _write(folder: Path, unit_text: UnitText, language: str, text: str) -> None:
    name = unit_text.path.name if unit_text.path else "units"
    stem = name.partition(".")[0] if name.endswith(".txt.in") else Path(name).stem
    target = folder / f"{stem}.{language}"
    if target.exists():
        raise UsageError(f"{target} exists already")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(target, text.encode())
    except OSError as error:
        raise PlainboxError(f"{target} cannot be written: {error.strerror}") from error
