"""The reference page of a unit type, in Markdown, derived from its declaration."""

from __future__ import annotations

from inspect import getdoc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plainbox.fields.field import Field
    from plainbox.fields.unit import Unit


def page(unit_type: type[Unit]) -> str:
    """What a type is for, its fields in the order in which they are written, its rules."""
    name = unit_type.type_name
    lines = [f"# {name}", "", *(getdoc(unit_type) or "").splitlines(), ""]
    if unit_type.makes:
        lines += [f"It also has the fields of the units that `{unit_type.makes}` names.", ""]
    fields = [field for field in unit_type.fields.values() if field.name != "unit"]
    if fields:
        lines += ["## Fields", "", *table(_HEADERS, map(_row, fields)), ""]
        if any(field.translatable for field in fields):
            lines += ["A translated field may have `_` in front of its key.", ""]
    rules = [(getdoc(each) or "").split("\n")[0] for each in unit_type.rules.values()]
    if rules:
        lines += ["## Rules", "", *(f"- {rule}" for rule in rules), ""]
    return "\n".join(lines)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    yield _line(headers)
    yield _line(["---"] * len(headers))
    yield from (_line([cell.replace("|", "\\|") for cell in row]) for row in rows)


_HEADERS = ("key", "what it is for", "value", "if it is missing", "translated")


def _line(cells: Sequence[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _row(field: Field[Any]) -> tuple[str, ...]:
    key = f"`{field.key}`"
    if field.name != field.key.replace("-", "_"):
        key += f" (in Python `{field.name}`)"
    if field.aliases:
        key += f", once {_words(field.aliases)}"
    return (key, field.help, _value(field), _missing(field), "yes" if field.translatable else "")


def _value(field: Field[Any]) -> str:
    choices = field.kind.choices()
    return f"{field.kind.form}: {_words(choices)}" if choices else field.kind.form


def _missing(field: Field[Any]) -> str:
    if field.mandatory:
        if field.instead:
            return f"a mistake, unless {_words(field.instead)} says it"
        return "a mistake"
    if field.otherwise is not None:
        return "derived"
    return f"`{field.default}`" if field.default else ""


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
