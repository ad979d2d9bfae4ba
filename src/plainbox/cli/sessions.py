"""`plainbox sessions`: the sessions there are, and what can be done with them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.app.past import rebuild
from plainbox.app.sessions import Limits, Overview, Status, overview, to_prune
from plainbox.cli import resume
from plainbox.cli.options import settings
from plainbox.config.kinds import Seconds, Size
from plainbox.errors import ExitCode, PlainboxError, StorageError, UsageError
from plainbox.ids import namespace_of, partial
from plainbox.session.archive import export_session, import_session
from plainbox.session.keeping import remove, sweep
from plainbox.session.store import Store
from plainbox.text import harmless
from plainbox.tui.summary import summary
from plainbox.tui.words import Marks, count

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from plainbox.config.kinds import Kind
    from plainbox.session.store import SessionFolder

_DAY: Final = 86400
_LIMIT: Final = "8 GB"
_SUFFIXES: Final = (".tar", ".tar.gz", ".tar.xz")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    def action(name: str, purpose: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = actions.add_parser(
            name, help=purpose, description=f"{purpose.capitalize()}."
        )
        added.set_defaults(action=_ACTIONS[name])
        return added

    action("list", "all sessions, the newest first").add_argument(
        "--json", action="store_true", help="print a JSON array"
    )
    action("show", "what came of one session").add_argument("session", help=_WHICH)
    resume.add_arguments(action("resume", "go on with a session"))
    gone = action("rm", "remove sessions with their logs and reports")
    gone.add_argument("session", nargs="+", help=_WHICH)
    _add_unfinished(gone)
    out = action("export", "write a session to one file, to resume or report it elsewhere")
    out.add_argument("session", help=_WHICH)
    out.add_argument("file", nargs="?", type=Path, help="default: <session>.tar.xz here")
    back = action("import", "make a session of an exported one")
    back.add_argument("file", type=Path, help="what export has written")
    back.add_argument("--limit", default=_LIMIT, help="most bytes to unpack (default: %(default)s)")
    prune = action("prune", "remove sessions that have ended, beyond a number or an age")
    prune.add_argument("--keep", type=int, metavar="N", help="keep the newest N")
    prune.add_argument("--older-than", metavar="AGE", help="remove older ones: 30d, 12h")
    prune.add_argument("--dry-run", action="store_true", help="only say which")
    _add_unfinished(prune)
    action("rebuild-history", "make the history of outcomes anew from the sessions there are")


_WHICH: Final = "its id, or the number it begins with"


def _add_unfinished(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--unfinished", action="store_true", help="also those that could still be resumed"
    )


def handle(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    code: int = (
        resume.handle(options)
        if options.action is resume.handle
        else options.action(options, Store(settings().state_folder))
    )
    return code


def _list(options: argparse.Namespace, store: Store) -> int:
    found = [overview(folder) for folder in store.sessions()]
    if options.json:
        import json

        sys.stdout.write(json.dumps([_row(each) for each in found], indent=2) + "\n")
        return 0
    for each in found:
        where = f" on {each.machine}" if each.machine else ""
        name = f"{each.folder.id:<32} {_when(each.began):<16} {_how_far(each)}{where}"
        sys.stdout.write(harmless(name) + "\n")
    if not found:
        sys.stdout.write("there are no sessions yet: plainbox run PLAN begins one\n")
    return 0


def _row(each: Overview) -> dict[str, object]:
    return {
        "id": each.folder.id,
        "title": each.title,
        "plan": each.plan or None,
        "machine": each.machine,
        "began": each.began,
        "last": each.last,
        "status": each.status.value,
        "done": each.done,
        "planned": each.planned,
        "outcomes": {outcome.value: number for outcome, number in each.outcomes.items()},
        "holder": each.holder or None,
        "folder": str(each.folder.path),
    }


def _when(wall: float | None) -> str:
    return "-" if wall is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(wall))


def _how_far(each: Overview) -> str:
    """What a person wants to know first: `paused, 3 of 9 jobs done`."""
    if each.status is Status.DAMAGED:
        return f"damaged: {each.problem}"
    if each.status is Status.EMPTY:
        return "never began"
    if each.status is Status.ENDED:
        labels: dict[str, int] = {}
        for outcome, number in each.outcomes.items():
            labels[outcome.look.label] = labels.get(outcome.look.label, 0) + number
        return "ended: " + (", ".join(f"{n} {label}" for label, n in labels.items()) or "no jobs")
    by = f" ({each.holder})" if each.holder else ""
    return f"{each.status.value}{by}, {each.done} of {count(each.planned, 'job')} done"


def _show(options: argparse.Namespace, store: Store) -> int:
    folder = store.find(options.session)
    each = overview(folder)
    if each.status is Status.DAMAGED:
        raise StorageError(each.problem)
    state = folder.read_state()
    own = namespace_of(each.plan)
    encoding = sys.stdout.encoding or "ascii"
    reports = sorted(str(path) for path in folder.reports.glob("*"))

    def name(job_id: str) -> str:
        return partial(job_id) if own and namespace_of(job_id) == own else job_id

    lines = [
        f"{folder.id}: {_how_far(each)}",
        f"  plan      {each.plan or ' '.join(state.opened.request if state.opened else ())}",
        f"  began     {_when(each.began)}, last heard of {_when(each.last)}",
        f"  folder    {folder.path}",
        *(f"  note      {note}" for note in state.notes),
    ]
    sys.stdout.write(harmless("\n".join(lines)) + "\n")
    for line in summary(state, Marks(encoding), name, reports):
        sys.stdout.write("".join(text for text, _ in line).rstrip() + "\n")
    return 0


def _rm(options: argparse.Namespace, store: Store) -> int:
    sweep(store)
    folders = [store.find(wanted) for wanted in options.session]
    for folder in folders:
        if not options.unfinished and _resumable(folder):
            raise UsageError(
                f"the session {folder.id} has not ended",
                hints=[f"plainbox resume {folder.number}", "--unfinished removes it anyway"],
            )
    for folder in folders:
        remove(folder)
        sys.stdout.write(f"{folder.id} is removed\n")
    return 0


def _resumable(folder: SessionFolder) -> bool:
    try:
        return folder.unfinished()
    except StorageError:
        return True


def _prune(options: argparse.Namespace, store: Store) -> int:
    if options.keep is None and options.older_than is None:
        raise UsageError("how many to keep?", hints=["--keep 20, --older-than 30d, or both"])
    age = _age(options.older_than) if options.older_than else None
    limits = Limits(options.keep, age, options.unfinished)
    if not options.dry_run:
        sweep(store)
    failed = False
    found = (overview(folder) for folder in store.sessions())
    for each in to_prune(found, limits, time.time()):
        if options.dry_run:
            sys.stdout.write(harmless(f"{each.folder.id}: {_how_far(each)}") + "\n")
            continue
        try:
            remove(each.folder)
            sys.stdout.write(f"{each.folder.id} is removed\n")
        except StorageError as error:
            failed = True
            sys.stderr.write(harmless(f"plainbox: {error.message}") + "\n")
    return ExitCode.BROKEN if failed else ExitCode.WELL


def _age(text: str) -> float:
    """Seconds; days are written `30d`."""
    days = text.removesuffix("d")
    if text.endswith("d") and days.isascii() and days.isdecimal():
        return float(int(days) * _DAY)
    return _read(Seconds(), text, "--older-than")


def _read(kind: Kind[float], text: str, flag: str) -> float:
    try:
        return kind.read(text, Path())
    except ValueError as error:
        raise UsageError(f"{flag} cannot be {text!r}: {error}") from error


def _export(options: argparse.Namespace, store: Store) -> int:
    folder = store.find(options.session)
    target: Path = options.file or Path(f"{folder.id}.tar.xz")
    if not target.name.endswith(_SUFFIXES):
        raise UsageError(f"{target} has to end in one of {', '.join(_SUFFIXES)}")
    try:
        left_out = export_session(folder, target)
    except OSError as error:
        raise PlainboxError(f"{target} cannot be written: {error.strerror}") from error
    for line in _left_out(left_out):
        sys.stderr.write(harmless(line) + "\n")
    sys.stdout.write(harmless(f"{target}: {target.stat().st_size} bytes") + "\n")
    return 0


def _left_out(names: list[str]) -> Iterator[str]:
    shown = 5
    for name in names[:shown]:
        yield f"plainbox: {name} is left out: no plain file, or this user may not read it"
    if len(names) > shown:
        yield f"plainbox: and {count(len(names) - shown, 'more file')}"


def _import(options: argparse.Namespace, store: Store) -> int:
    folder = import_session(options.file, store, int(_read(Size(), options.limit, "--limit")))
    each = overview(folder)
    sys.stdout.write(harmless(f"{folder.id}: {_how_far(each)}") + "\n")
    return 0


def _rebuild(_options: argparse.Namespace, store: Store) -> int:
    number = rebuild(store)
    sys.stdout.write(f"{count(number, 'session')} in the history\n")
    return 0


_ACTIONS: Final = {
    "list": _list,
    "show": _show,
    "resume": resume.handle,
    "rm": _rm,
    "export": _export,
    "import": _import,
    "prune": _prune,
    "rebuild-history": _rebuild,
}
