"""The kinds of fields that speak of resources: programs and import statements.

    import = "from" NAMESPACE "import" PARTIAL_ID [ "as" NAME ]

One statement a line, `as` in either case. Without a name of its own an import is called by its
partial id, which then has to be one that expressions can use.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plainbox.diagnostics import Code
from plainbox.expressions import Program, parse_program
from plainbox.fields.kinds import Kind, text_or_list
from plainbox.fields.owner import Import
from plainbox.fields.reading import BadValue, Place, Reading, lines_of, type_of
from plainbox.ids import SEPARATOR, qualify

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORM = "expected 'from NAMESPACE import ID [as NAME]'"
_KEYWORDS = ("from", "import", "as")
_BARE, _NAMED = 4, 6
_ID = 3
_WORD = re.compile(r"\S+")
_STATEMENT = r"^\s*(from\s+\S+\s+import\s+\S+(\s+[Aa][Ss]\s+\S+)?\s*)?$"


class ResourceProgram(Kind[Program]):
    """Expressions about resources, one a line, that must all hold."""

    form = "expressions about resources, one a line"

    def parse(self, value: object, reading: Reading) -> Program:
        """Parse the lines; a bad one is reported and left out."""
        if not isinstance(value, (str, list)):
            raise BadValue(f"expected expressions, found {type_of(value)}")
        program, errors = parse_program(value)
        for error in errors:
            path = (error.item,) if isinstance(value, list) else ()
            place = Place(error.start, error.end, path)
            reading.fault(error.message, place, Code.BAD_EXPRESSION, error.hint)
        return program

    def schema(self) -> dict[str, object]:
        """A list of expressions."""
        return text_or_list({"type": "string"})


class Imports(Kind["tuple[Import, ...]"]):
    """Import statements, one a line."""

    form = "'from NAMESPACE import ID [as NAME]', one a line"

    def parse(self, value: object, reading: Reading) -> tuple[Import, ...]:
        """Read lines of a text, items of a list; a bad statement is left out."""
        found = []
        for line in lines_of(value, reading):
            words = [match.span() for match in _WORD.finditer(line.text)]
            if not words:
                continue
            statement = _statement([line.text[start:end] for start, end in words])
            if isinstance(statement, Import):
                found.append(statement)
            else:
                message, first, last = statement
                place = line.place(words[first][0], words[last][1])
                reading.fault(message, place, Code.BAD_IMPORT)
        return tuple(found)

    def place(self, value: object, statement: Import) -> Place | None:
        """Where in the value the id of a statement stands."""
        for line in lines_of(value, Reading("")):
            words = [match.span() for match in _WORD.finditer(line.text)]
            if words and _statement([line.text[start:end] for start, end in words]) == statement:
                return line.place(*words[_ID])
        return None

    def schema(self) -> dict[str, object]:
        """A list of statements."""
        return text_or_list({"type": "string", "pattern": _STATEMENT})


def _statement(words: list[str]) -> Import | tuple[str, int, int]:
    """The import, or what is wrong, and with which words."""
    if len(words) not in {_BARE, _NAMED}:
        return _FORM, 0, -1
    namespace, partial, name = words[1], words[3], words[-1]
    for position, (word, keyword) in enumerate(zip(words[::2], _KEYWORDS, strict=False)):
        if (word.lower() if keyword == "as" else word) != keyword:
            return f"{_FORM}, found {word!r}", 2 * position, 2 * position
    for position, what in ((1, "namespace"), (3, "partial id")):
        if SEPARATOR in words[position]:
            return f"expected a {what}, found the full id {words[position]!r}", position, position
    if not name.isidentifier():
        hint = f"add 'as NAME' to {partial!r}" if len(words) == _BARE else "choose another"
        return f"{name!r} is no name that expressions can use, {hint}", -1, -1
    return Import(namespace, partial, name, qualify(partial, namespace))


def resolve(names: Iterable[str], imports: Iterable[Import], namespace: str) -> dict[str, str]:
    """The full ids of resources by the names that expressions call them, in order.

    Of imports with the same name the first one counts.
    """
    known: dict[str, str] = {}
    for statement in imports:
        known.setdefault(statement.alias, statement.full_id)
    return {name: known.get(name) or qualify(name, namespace) for name in names}
