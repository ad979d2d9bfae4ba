"""The command line: one module a command, which holds its parser and its handler.

Only the module of the command that is called is imported, so that starting stays fast.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from plainbox import __version__
from plainbox.errors import PlainboxError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = {
    "run": "run a test plan, or some jobs",
    "resume": "go on with a session that did not come to its end",
    "list": "list plans, jobs, providers or units",
}
"""What each command is for; its module has its name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run plainbox with these arguments, or with those of the process; return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        sys.stdout.write(f"plainbox {__version__}\n")
        return 0
    options = _parser(words).parse_args(words)
    try:
        code: int = options.handler(options)
        sys.stdout.flush()
    except PlainboxError as error:
        sys.stderr.write(f"plainbox: {error.message}\n")
        for hint in error.hints:
            sys.stderr.write(f"  {hint}\n")
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plainbox",
        description="Tests whole systems: runs the jobs that fit this machine and reports on them.",
        epilog="plainbox COMMAND --help tells more of a command.",
    )
    parser.add_argument("--version", action="version", version=f"plainbox {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    called = next((word for word in words if not word.startswith("-")), "")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
        if name == called:
            module = import_module(f"plainbox.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(handler=module.handle)
    return parser
