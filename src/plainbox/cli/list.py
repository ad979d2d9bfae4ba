"""`plainbox list`: what there is, as a table, as a tree, or as JSON."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from plainbox.app.inventory import KINDS, category_name, listed
from plainbox.cli.options import add_providers, load
from plainbox.errors import UsageError
from plainbox.ids import partial
from plainbox.tui.page import Page
from plainbox.tui.tables import Branch, table, tree

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from plainbox.app.inventory import Row
    from plainbox.app.setup import Setup

_FILTERS: Final = {
    "match": ("PATTERN", "only those whose full or partial id a pattern matches, as in test plans"),
    "category": ("ID", "only jobs and templates of this category"),
    "plugin": ("KIND", "only jobs and templates of this kind: shell, manual, resource ..."),
    "plan": ("PLAN", "only what this test plan selects, or nests"),
}
_GROUPED: Final = {
    "jobs": "category",
    "templates": "category",
    "plans": "file",
    "units": "file",
    "categories": "",
}
"""What stands between a provider and what it has, in a tree."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("what", choices=tuple(KINDS), help="what to list")
    add_providers(parser)
    for name, (metavar, purpose) in _FILTERS.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=purpose)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--tree", action="store_true", help="show what belongs to what")
    form.add_argument("--json", action="store_true", help="print a JSON array")


def handle(options: argparse.Namespace) -> int:
    """List what was asked for."""
    what = options.what
    if options.tree and what not in _GROUPED:
        raise UsageError(f"{what} have no tree", hints=[f"these have one: {', '.join(_GROUPED)}"])
    filters = {name: vars(options)[name] for name in _FILTERS if vars(options)[name] is not None}
    setup = load(options.provider)
    rows = listed(what, setup, filters)
    if options.json:
        import msgspec

        content = msgspec.json.format(msgspec.json.encode(rows), indent=2)
        sys.stdout.write(content.decode() + "\n")
        return 0
    page = Page(sys.stdout, os.environ)
    if options.tree:
        page.write(tree(_branches(what, rows, setup), page.marks), fits=True)
        return 0
    columns = KINDS[what].columns
    titles = [column.replace("_", " ") for column in columns] if page.terminal else ()
    cells = [_cells(row, columns) for row in rows]
    page.write(table(cells, titles, within=page.width), fits=True)
    return 0


def _cells(row: Row, columns: Iterable[str]) -> list[str]:
    return ["" if row[column] is None else str(row[column]) for column in columns]


def _branches(what: str, rows: Iterable[Row], setup: Setup) -> Iterator[Branch]:
    """Providers, what groups their units, the units; in the order in which they are found."""
    key = _GROUPED[what]
    grouped: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        group = str(row[key]) if key else ""
        grouped.setdefault(str(row["provider"]), {}).setdefault(group, []).append(row)
    columns = [name for name in KINDS[what].columns if name not in (key, "provider")]
    for provider, groups in grouped.items():
        branches = []
        for group, members in groups.items():
            title = category_name(setup, group) if key == "category" else group
            inner = [Branch(line) for line in table([_short(it, columns) for it in members])]
            branches += (
                [Branch([(title, "bold"), (f"  {len(members)}", "dim")], inner)] if key else inner
            )
        yield Branch([(provider, "bold")], branches)


def _short(row: Row, columns: Iterable[str]) -> list[str]:
    """The cells of a row whose namespace is known from where it stands."""
    return [
        partial(text) if name == "id" else text
        for name, text in zip(columns, _cells(row, columns), strict=True)
    ]
