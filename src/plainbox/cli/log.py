"""`plainbox log`: what a job printed, or what the kernel said meanwhile."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from plainbox.app.logs import Found, find_attempt, printed_lines
from plainbox.cli.options import settings
from plainbox.session.logs import ERRORS
from plainbox.session.store import Store
from plainbox.text import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_KINDS: Final = {
    "taint": "the kernel is tainted: ",
    "oom": "out of memory: ",
    "core": "core dump: ",
    "unit": "systemd: ",
}
_FROM_KERNEL: Final = ("kernel", "warning")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("job", help="the id of a job")
    parser.add_argument(
        "session",
        nargs="?",
        help="its id, or the number it begins with (default: the newest that started the job)",
    )
    parser.add_argument(
        "--kernel",
        action="store_true",
        help="show what happened to the machine meanwhile: kernel log, core dumps and the like",
    )
    parser.add_argument(
        "--attempt", type=int, metavar="N", help="the Nth start of the job (default: the last)"
    )
    parser.epilog = "Each line has the seconds since the start and | for output, ! for errors."


def handle(options: argparse.Namespace) -> int:
    """Show what is asked for."""
    store = Store(settings(options).state_folder)
    found = find_attempt(store, options.job, options.session, options.attempt)
    sys.stderr.write(harmless(_headline(found)) + "\n")
    empty = True
    for line in _happenings(found) if options.kernel else _printed(found):
        sys.stdout.write(line + "\n")
        empty = False
    if empty:
        what = "nothing was recorded of the machine" if options.kernel else "it printed nothing"
        sys.stderr.write(f"  {what}\n")
    return 0


def _headline(found: Found) -> str:
    job, attempt = found.job, found.attempt
    number = job.attempts.index(attempt) + 1
    said = attempt.outcome.look.label if attempt.outcome else "has not ended"
    which = f", attempt {number} of {len(job.attempts)}" if len(job.attempts) > 1 else ""
    reason = f": {attempt.reason}" if attempt.reason else ""
    return f"{job.card.id} in {found.folder.id}{which}: {said}{reason}"


def _printed(found: Found) -> Iterator[str]:
    for line in printed_lines(found.folder.logs, found.attempt.number):
        mark = "!" if line.stream == ERRORS else "|"
        yield f"{line.seconds:9.3f} {mark} {line.text}".rstrip()


def _happenings(found: Found) -> Iterator[str]:
    for happening in found.attempt.happenings:
        text = harmless(happening.text).replace("\n", " ")
        if happening.kind in _FROM_KERNEL:
            mark = "!" if happening.kind == "warning" else "|"
            yield f"[{happening.at:12.6f}] {mark} {text}"
        else:
            yield f"{'':14} ! {_KINDS.get(happening.kind, '')}{text}"
