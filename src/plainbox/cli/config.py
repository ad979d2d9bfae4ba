"""`plainbox config`: which options there are, what they are set to, and where that is stated."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plainbox.config import (
    FREE_SECTIONS,
    OPTIONS,
    Layer,
    Option,
    Settings,
    config_files,
    own_config_file,
    read_settings,
)
from plainbox.diagnostics import Sink
from plainbox.diagnostics.terminal import headline, render
from plainbox.errors import PlainboxError, UsageError
from plainbox.files import replace_file
from plainbox.spelling import closest
from plainbox.text import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from plainbox.config import Stated

_HIDDEN: Final = "(not shown)"
_WIDTH: Final = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="all options, what they are set to and where")
    show.add_argument("--json", action="store_true", help="print a JSON array")
    show.set_defaults(action=_show)
    explain = actions.add_parser("explain", help="everything about one option")
    explain.add_argument("key", metavar="KEY", help="its name, alone or as section.name")
    explain.set_defaults(action=_explain)
    check = actions.add_parser("check", help="look for mistakes; exit code 1 with findings")
    check.add_argument("file", nargs="*", type=Path, help="default: those that are in use")
    check.set_defaults(action=_check)
    init = actions.add_parser("init", help="write a file with every option in it, commented out")
    init.add_argument("file", nargs="?", help="default: that of this user; - is standard output")
    init.set_defaults(action=_init)


def handle(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    code: int = options.action(options)
    return code


def _read() -> Settings:
    sink = Sink()
    found = read_settings(os.environ, sink)
    for diagnostic in sink:
        sys.stderr.write(headline(diagnostic) + "\n")
    return found


def _show(options: argparse.Namespace) -> int:
    settings = _read()
    rows = [*_option_rows(settings), *_free_rows(settings)]
    if options.json:
        import json

        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    for row in rows:
        first = f"{row['section']}.{row['key']}"
        sys.stdout.write(harmless(f"{first:<{_WIDTH}} {row['value']}  ({row['from']})") + "\n")
    return 0


def _option_rows(settings: Settings) -> Iterator[Mapping[str, str]]:
    for option in OPTIONS.values():
        counting = settings.statements(option)
        if not option.adds_up:
            counting = counting[-1:]
        yield {
            "section": option.section,
            "key": option.name,
            "value": option.shown(settings.value(option)),
            "from": ", ".join(map(_origin, counting)),
        }


def _free_rows(settings: Settings) -> Iterator[Mapping[str, str]]:
    for section in FREE_SECTIONS:
        stated: Mapping[str, Stated] = getattr(settings, section)
        for key, value in stated.items():
            hidden = section == "environment" and settings.conceals(key)
            shown = _HIDDEN if hidden else value.text
            yield {"section": section, "key": key, "value": shown, "from": _origin(value)}


def _origin(stated: Stated) -> str:
    return stated.place if stated.layer is not Layer.DEFAULT else "default"


def _explain(options: argparse.Namespace) -> int:
    option = _find(options.key)
    settings = _read()
    file = own_config_file(os.environ)
    lines = [
        f"{option.key}: {option.help}",
        f"  is        {option.shown(settings.value(option))}",
        f"  can be    {option.kind.form}",
        f"  file      {option.name} = {option.kind.example}   in [{option.section}] of {file}",
        f"  variable  {option.variable}",
        *([f"  flag      {option.flag} {option.metavar}"] if option.flag else []),
        "  stated    by, the later wins:" if not option.adds_up else "  stated    by, all count:",
    ]
    for stated in settings.statements(option):
        place = f" {stated.place}" if stated.place else ""
        lines.append(f"              {stated.text}  ({stated.layer.value}{place})")
    sys.stdout.write(harmless("\n".join(lines)) + "\n")
    return 0


def _find(key: str) -> Option[Any]:
    name = key.rpartition(".")[2].replace("-", "_")
    option = OPTIONS.get(name)
    if option is None or key.partition(".")[0].replace("-", "_") not in (option.section, name):
        near = closest(name, OPTIONS)
        hints = [f"did you mean {OPTIONS[near].key}?"] if near else []
        raise UsageError(
            f"there is no option {key!r}", hints=[*hints, "plainbox config show lists all options"]
        )
    return option


def _check(options: argparse.Namespace) -> int:
    sink = Sink()
    files = options.file or [path for path in config_files(os.environ) if path.exists()]
    environ = {} if options.file else os.environ
    read_settings(environ, sink, files=files)
    for diagnostic in sink:
        sys.stdout.write(render(diagnostic) + "\n\n")
    names = ", ".join(map(str, files)) or "no file: there is none"
    sys.stdout.write(harmless(f"{len(sink)} found in {names}") + "\n")
    return int(len(sink) > 0)


def _init(options: argparse.Namespace) -> int:
    text = "\n".join(_example()) + "\n"
    if options.file == "-":
        sys.stdout.write(text)
        return 0
    path = Path(options.file) if options.file else own_config_file(os.environ)
    if path is None:
        raise UsageError("there is no HOME to keep a configuration in", hints=["name a file"])
    if path.exists():
        raise UsageError(
            f"{path} is there already", hints=["plainbox config init - shows the text"]
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise PlainboxError(f"{path} cannot be written: {error.strerror}") from error
    sys.stdout.write(f"{path} is written\n")
    return 0


def _example() -> Iterator[str]:
    """A file with every option, each commented out with what it can be."""
    yield "# Options of plainbox; `plainbox config explain KEY` tells more of one."
    section = ""
    for option in sorted(OPTIONS.values(), key=lambda option: option.section):
        if option.section != section:
            section = option.section
            yield f"\n[{section}]"
        yield f"# {option.help} Default: {option.shown(option.default)}."
        yield f"# {option.name} = {option.kind.example}"
    yield "\n[environment]"
    yield "# Variables for all jobs; one that plainbox is called with stays as it is."
    yield "# LABORATORY = north"
    yield "\n[manifest]"
    yield "# What this machine has; `plainbox manifest init` prints the entries there are."
    yield "# com.example::has_camera = yes"
