"""A call of plainbox from its words to its exit code: the parser, and what is said of errors."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

from plainbox import __version__
from plainbox.cli import COMMANDS
from plainbox.errors import ExitCode, PlainboxError
from plainbox.files import silence
from plainbox.text import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    """Run the command that the words name; return the exit code."""
    _open_standard_streams()
    options = _parser(words).parse_args(words)
    try:
        code: int = options.handler(options)
        sys.stdout.flush()
    except PlainboxError as error:
        _complain(error.message, *error.hints)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.PAUSED
    except BrokenPipeError:
        silence(sys.stdout)
        return 0
    except Exception as error:  # noqa: BLE001 - what nobody foresaw
        return _unforeseen(error)
    return code


def _complain(message: str, *hints: str) -> None:
    lines = (f"plainbox: {message}", *(f"  {hint}" for hint in hints))
    with suppress(OSError):
        sys.stderr.write(harmless("\n".join(lines)) + "\n")
        sys.stderr.flush()


def _unforeseen(error: Exception) -> int:
    """Say what the system refused to do, or that plainbox has a mistake, and where."""
    silence(sys.stdout)
    if isinstance(error, OSError):
        _complain(str(error))
    else:
        traceback.print_exception(error)
        _complain("this is a mistake in plainbox; what was tested is kept: plainbox resume")
    return PlainboxError.exit_code


def _open_standard_streams() -> None:
    """Make sure that no file of a session gets the number of a standard stream that is closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # noqa: PERF203 - there are three
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for ever
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for ever
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


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
