"""`plainbox manifest`: what only a person knows about this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.app.manifest import answers, read_value
from plainbox.app.naming import resolve
from plainbox.cli.options import add_providers, load, settings
from plainbox.diagnostics import Sink
from plainbox.diagnostics.terminal import headline
from plainbox.errors import PlainboxError, UsageError
from plainbox.files import replace_file
from plainbox.ids import partial
from plainbox.machine.manifest import ManifestStore
from plainbox.spelling import closest
from plainbox.text import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.app.manifest import Answer
    from plainbox.app.setup import Setup
    from plainbox.config import Settings
    from plainbox.machine.manifest import Value
    from plainbox.units import ManifestEntry

_NOT_SET: Final = "not set"
_WIDTH: Final = 56


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="the entries of the providers, and their values")
    show.add_argument("--json", action="store_true", help="print a JSON array")
    show.set_defaults(action=_show)
    change = actions.add_parser("set", help="set entries; ID= makes one unset again")
    change.add_argument("value", nargs="+", metavar="ID=VALUE", help="yes, no or a whole number")
    change.set_defaults(action=_set)
    init = actions.add_parser(
        "init", help="write a section [manifest] for a configuration, unset entries commented out"
    )
    init.add_argument("file", nargs="?", help="a file that does not exist (default: print it)")
    init.set_defaults(action=_init)
    for action in (show, change, init):
        add_providers(action)


def handle(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    setup = load(options.provider)
    found = settings()
    code: int = options.action(options, setup, found)
    return code


def _known(setup: Setup, found: Settings) -> Mapping[str, Answer]:
    sink = Sink()
    known = answers(setup.catalog, ManifestStore(found.state_folder).read(), found, sink)
    for diagnostic in sink:
        sys.stderr.write(headline(diagnostic) + "\n")
    return known


def _show(options: argparse.Namespace, setup: Setup, found: Settings) -> int:
    rows = list(_rows(setup, _known(setup, found)))
    if options.json:
        import json

        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    for row in rows:
        value = _NOT_SET if row["value"] is None else _shown(row["value"])
        place = f"  ({row['from']})" if row["from"] else ""
        line = f"{row['id']:<{_WIDTH}} {value:<8} {row['name']}{place}"
        sys.stdout.write(harmless(line) + "\n")
    if not rows:
        sys.stdout.write("the loaded providers have no manifest entries\n")
    return 0


def _rows(setup: Setup, known: Mapping[str, Answer]) -> Iterator[dict[str, object]]:
    for entry_id, entry in setup.catalog.manifests.items():
        answer = known.get(entry_id)
        yield {
            "id": entry_id,
            "name": entry.name,
            "type": entry.value_type.value,
            "value": answer.value if answer else None,
            "from": answer.place if answer else "",
        }


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _set(options: argparse.Namespace, setup: Setup, found: Settings) -> int:
    values = dict(_change(word, setup) for word in options.value)
    ManifestStore(found.state_folder).change(values)
    for entry_id in values.keys() & found.manifest.keys():
        place = found.manifest[entry_id].place
        sys.stderr.write(f"plainbox: {entry_id} is also set in {place}, and that counts\n")
    return 0


def _change(word: str, setup: Setup) -> tuple[str, Value | None]:
    """What one `ID=VALUE` asks for. Raise `UsageError`."""
    name, equals, text = word.partition("=")
    if not equals:
        raise UsageError(f"expected ID=VALUE, found {word!r}")
    entry = _entry(name.strip(), setup)
    if entry.hidden:
        raise UsageError(
            f"{entry.id} is hidden: {entry.hidden_reason or 'people are not asked for it'}",
            hints=[f"the configuration sets it: {entry.id} = {text} in the section [manifest]"],
        )
    try:
        return entry.id, read_value(entry, text) if text else None
    except ValueError as error:
        raise UsageError(f"{entry.id} cannot be {text!r}: {error}") from error


def _entry(name: str, setup: Setup) -> ManifestEntry:
    entries = setup.catalog.manifests
    entry_id = resolve(name, entries, "manifest entry")
    if entry_id is None:
        known = {partial(full_id): full_id for full_id in entries}
        near = closest(partial(name), known)
        hints = [f"did you mean {known[near]}?"] if near else []
        hints.append("plainbox manifest show lists the entries of the providers")
        raise UsageError(f"there is no manifest entry {name!r}", hints=hints)
    return entries[entry_id]


def _init(options: argparse.Namespace, setup: Setup, found: Settings) -> int:
    text = "\n".join(_section(setup.catalog.manifests.values(), _known(setup, found))) + "\n"
    if options.file is None:
        sys.stdout.write(text)
        return 0
    path = Path(options.file)
    if path.exists():
        raise UsageError(f"{path} is there already")
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise PlainboxError(f"{path} cannot be written: {error.strerror}") from error
    return 0


def _section(entries: Iterable[ManifestEntry], known: Mapping[str, Answer]) -> Iterator[str]:
    yield "[manifest]"
    for entry in entries:
        unit = f", in {entry.value_unit}" if entry.value_unit else ""
        kind = "yes or no" if isinstance(entry.value_type.default, bool) else "a number" + unit
        yield harmless(f"# {entry.name}: {' '.join(entry.prompt.split())} ({kind})")
        answer = known.get(entry.id)
        yield f"{entry.id} = {_shown(answer.value)}" if answer else f"# {entry.id} ="
