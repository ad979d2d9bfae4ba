"""`plainbox explain`: what a diagnostic code means, or why a job runs or not.

A word is a code if there is such a code, else a job; `code:` and `job:` in front of it decide.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from plainbox.cli import explain_job
from plainbox.diagnostics import Code
from plainbox.diagnostics.codebook import gist, page
from plainbox.errors import UsageError
from plainbox.spelling import closest

if TYPE_CHECKING:
    import argparse

_CODES: Final = {code.title: code for code in Code}
_CODE: Final = "code:"
_JOB: Final = "job:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument(
        "what",
        nargs="?",
        metavar="CODE|JOB",
        help="a code of a diagnostic, or a job; without either the codes are listed",
    )
    explain_job.add_arguments(parser)


def handle(options: argparse.Namespace) -> int:
    """Explain what was named."""
    word = options.what
    if word is None:
        return _list_codes()
    if word.startswith(_JOB) and not word.startswith(f"{_JOB}:"):
        return explain_job.handle(options, word.removeprefix(_JOB))
    decided = word.startswith(_CODE) and not word.startswith(f"{_CODE}:")
    code = _CODES.get(word.removeprefix(_CODE) if decided else word)
    if code is not None:
        return _explain_code(code)
    if decided:
        near = closest(word.removeprefix(_CODE), _CODES)
        hint = f"did you mean {near}?" if near else "plainbox explain lists the codes"
        raise UsageError(f"there is no code {word.removeprefix(_CODE)!r}", hints=[hint])
    try:
        return explain_job.handle(options, word)
    except UsageError as error:
        near = closest(word, _CODES)
        error.hints += (f"did you mean the code {near}?",) if near else ()
        raise


def _explain_code(code: Code) -> int:
    title, _, text = page(code).partition("\n")
    sys.stdout.write(f"{title} ({code.severity.word})\n{text.rstrip()}\n")
    return 0


def _list_codes() -> int:
    width = max(map(len, _CODES))
    for title, code in sorted(_CODES.items()):
        sys.stdout.write(f"{title:<{width}}  {code.severity.word:<7}  {gist(code)}\n")
    return 0
