"""The command line: one module a command, which holds its parser and its handler.

Starting stays fast because only the module of the command that is called is imported, and
`program`, which all of them need, only when one is called.
"""

from __future__ import annotations

import sys
from importlib import import_module

from plainbox import __version__

TYPE_CHECKING = False  # type checkers know it; `typing` takes longer than the rest of a start
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "run": "run a test plan, or some jobs",
    "resume": "go on with a session that did not come to its end",
    "attach": "watch a session that runs in another terminal",
    "list": "list plans, jobs, templates, categories, providers or units",
    "show": "show units: their text, where they are, who needs and includes them",
    "expand": "show what a test plan selects, line by line, without running anything",
    "schema": "print which fields units have, as JSON Schema or as a page to read",
    "manifest": "show or set what only a person knows about this machine",
    "doctor": "say what this machine lacks for a run, without running anything",
    "log": "show what a job printed, or what the kernel said meanwhile",
    "sessions": "list, show, resume, remove, export or import sessions",
    "config": "show, explain or check the options that are set",
    "explain": "say what a code of a diagnostic means, or why a job runs or not",
    "check": "say what is wrong with providers or unit files",
    "fmt": "format unit files",
    "convert": "convert unit files from PXU to YAML and back",
    "migrate": "make template units of local jobs",
}
"""What each command is for; its module has its name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run plainbox with these arguments, or with those of the process; return the exit code."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if words == ["--version"]:
        sys.stdout.write(f"plainbox {__version__}\n")
        return 0
    code: int = import_module("plainbox.cli.program").run(words)
    return code
