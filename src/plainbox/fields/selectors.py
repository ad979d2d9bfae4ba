"""The kinds of fields by which test plans select jobs and override their fields.

    include  = pattern [ override { "," override } ]
    override = field "=" value
    apply    = "apply" value "to" pattern

One a line; patterns, fields and values are words as in `words`. A line with a mistake is
reported and left out, the others live. In YAML, items of a list take the place of lines: a
text is a pattern and nothing else, a mapping of one pattern holds its overrides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plainbox.diagnostics import Code
from plainbox.fields.kinds import Kind, text_or_list
from plainbox.fields.reading import BadValue, Piece, Place, Reading, lines_of, type_of
from plainbox.fields.words import UNCLOSED, WORD, Token, tokens
from plainbox.ids import Pattern, qualify
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class IncludeLine(NamedTuple):
    """One line that selects: the pattern and its place, overrides (field with `_`, value)."""

    pattern: Pattern
    overrides: tuple[tuple[str, str], ...]
    text: str
    place: Place


class Override(NamedTuple):
    """One `apply VALUE to PATTERN`, and the place of the pattern."""

    value: str
    pattern: Pattern
    place: Place


class IncludeList(Kind["tuple[IncludeLine, ...]"]):
    """Patterns of ids, one a line; `overridable` maps a field to its values (empty: any id)."""

    form = "patterns of ids, one a line"

    def __init__(self, overridable: Mapping[str, Sequence[str]]) -> None:
        self.overridable = overridable

    def parse(self, value: object, reading: Reading) -> tuple[IncludeLine, ...]:
        """Read lines of a text, items of a list."""
        if isinstance(value, str):
            lines = [self._line(line, reading) for line in lines_of(value, reading)]
        elif isinstance(value, list):
            lines = [self._item(item, index, reading) for index, item in enumerate(value)]
        else:
            raise BadValue(f"expected patterns, found {type_of(value)}")
        return tuple(line for line in lines if line)

    def _line(self, line: Piece, reading: Reading) -> IncludeLine | None:
        found = list(tokens(line.text))
        if not found:
            return None
        where = _Where(line, reading)
        first = found[0]
        if first.type != WORD:
            where.expected("a pattern", first)
            return None
        pattern = where.pattern(first)
        overrides = self._overrides(found[1:], where)
        if pattern is None or overrides is None:
            return None
        place = line.place(first.start, first.end)
        return IncludeLine(pattern, overrides, line.text.strip(), place)

    def _overrides(self, found: list[Token], where: _Where) -> tuple[tuple[str, str], ...] | None:
        """The overrides after a pattern; `None` where they cannot be read."""
        for position, token in enumerate(found):
            if token.type != _OVERRIDE[position % 4]:
                where.expected(_CALLED[position % 4], token)
                return None
        if found and len(found) % 4 != _WHOLE:
            where.expected(_CALLED[len(found) % 4], None)
            return None
        overrides = []
        for name, value in zip(found[0::4], found[2::4], strict=True):
            if mistake := self._mistake(name.text, value.text):
                wrong = value if self._known(name.text) else name
                where.wrong(mistake, wrong, meant=self._meant(name.text, wrong.text))
            else:
                overrides.append(self._override(name.text, value.text, where.reading))
        return tuple(overrides)

    def _known(self, name: str) -> bool:
        return name.replace("-", "_") in self.overridable

    def _mistake(self, name: str, value: str) -> str:
        """What is wrong with an override; empty where nothing is."""
        if not self._known(name):
            known = ", ".join(sorted(self.overridable))
            return f"expected one of the fields {known}, found {name!r}"
        allowed = self.overridable[name.replace("-", "_")]
        if allowed and value not in allowed:
            return f"expected one of {', '.join(sorted(allowed))}, found {value!r}"
        return ""

    def _meant(self, name: str, wrong: str) -> str:
        """The field or the value that a wrong word most probably stands for."""
        if self._known(name):
            return closest(wrong, self.overridable[name.replace("-", "_")]) or ""
        spelt = closest(wrong.replace("-", "_"), self.overridable) or ""
        return spelt.replace("_", "-") if "-" in wrong else spelt

    def _override(self, name: str, value: str, reading: Reading) -> tuple[str, str]:
        field = name.replace("-", "_")
        return field, value if self.overridable[field] else qualify(value, reading.namespace)

    def _item(self, item: object, index: int, reading: Reading) -> IncludeLine | None:
        given: object = {}
        text = item
        if isinstance(item, dict) and len(item) == 1:
            ((text, given),) = item.items()
        if not isinstance(text, str) or not text or not isinstance(given, dict):
            message = f"expected a pattern, or one pattern with overrides, found {type_of(item)}"
            reading.fault(message, Place(0, 0, (index,)))
            return None
        line = Piece(text, 0, (index,))
        pattern = _Where(line, reading).pattern(Token(WORD, text, 0, len(text)))
        if pattern is None:
            return None
        overrides = []
        for name, value in given.items():
            if mistake := self._mistake(str(name), str(value)):
                reading.fault(mistake, Place(0, 0, (index, text, str(name))))
            else:
                overrides.append(self._override(str(name), str(value), reading))
        return IncludeLine(pattern, tuple(overrides), text, line.place())

    def schema(self) -> dict[str, object]:
        """A list of patterns, and of mappings of one pattern to its overrides."""
        values = {
            spelling: {"enum": list(allowed)} if allowed else {"type": "string"}
            for name, allowed in self.overridable.items()
            for spelling in (name, name.replace("_", "-"))
        }
        overrides = {"type": "object", "properties": values, "additionalProperties": False}
        one = {"minProperties": 1, "maxProperties": 1, "additionalProperties": overrides}
        pattern = {"type": "string", "minLength": 1}
        return text_or_list({"anyOf": [pattern, {"type": "object", **one}]})


_OVERRIDE = (WORD, "=", WORD, ",")
_CALLED = ("the field of an override", "'='", "the value of an override", "','")
_WHOLE = 3  # tokens of an override without the comma that leads to the next


class OverrideList(Kind["tuple[Override, ...]"]):
    """`apply VALUE to PATTERN`, one a line; without `allowed` values they are ids."""

    form = "'apply VALUE to PATTERN', one a line"

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def parse(self, value: object, reading: Reading) -> tuple[Override, ...]:
        """Read lines of a text, items of a list."""
        found = [self._line(line, reading) for line in lines_of(value, reading)]
        return tuple(override for override in found if override)

    def _line(self, line: Piece, reading: Reading) -> Override | None:
        found = list(tokens(line.text))
        where = _Where(line, reading)
        if not found or not _is_apply(found, where):
            return None
        value, target = found[1], found[3]
        if self.allowed and value.text not in self.allowed:
            message = f"expected one of {', '.join(self.allowed)}, found {value.text!r}"
            where.wrong(message, value, meant=closest(value.text, self.allowed) or "")
            return None
        pattern = where.pattern(target)
        if pattern is None:
            return None
        text = value.text if self.allowed else qualify(value.text, reading.namespace)
        return Override(text, pattern, line.place(target.start, target.end))

    def schema(self) -> dict[str, object]:
        """A list of such lines."""
        return text_or_list({"type": "string", "pattern": r"^\s*(apply\s+\S.*|#.*)?$"})


def _is_apply(found: list[Token], where: _Where) -> bool:
    """Whether the tokens of a line have the form of an `apply`; reports where they do not."""
    for position, (keyword, what) in enumerate(_APPLY):
        token = found[position] if position < len(found) else None
        if token is None or token.type != WORD or (keyword and token.text != keyword):
            where.expected(what, token)
            return False
    if len(found) > len(_APPLY):
        where.expected("the end of the line", found[len(_APPLY)])
        return False
    return True


_APPLY = (("apply", "'apply'"), ("", "a value"), ("to", "'to'"), ("", "a pattern"))


class _Where:
    """A line under the reader, for reporting what was expected in it."""

    def __init__(self, line: Piece, reading: Reading) -> None:
        self.line = line
        self.reading = reading

    def wrong(
        self, message: str, token: Token, code: Code = Code.BAD_VALUE, meant: str = ""
    ) -> None:
        """Report a token."""
        place = self.line.place(token.start, token.end)
        self.reading.fault(message, place, code, meant=meant)

    def expected(self, what: str, token: Token | None) -> None:
        """Report that something else was expected; the line is lost."""
        if token is None:
            end = len(self.line.text.rstrip())
            self.wrong(f"expected {what} after this", Token(WORD, "", end - 1, end))
        elif token.type == UNCLOSED:
            self.wrong("no closing quote", Token(WORD, "", token.start, token.start + 1))
        else:
            self.wrong(f"expected {what}, found {token.text!r}", token)

    def pattern(self, token: Token) -> Pattern | None:
        """Make a pattern of a word; report one that is none."""
        try:
            return Pattern(token.text, self.reading.namespace)
        except (re.error, OverflowError, RecursionError) as error:
            reason = error.msg if isinstance(error, re.error) else error
            message = f"{token.text!r} is no regular expression: {reason}"
        self.wrong(message, token, Code.BAD_PATTERN)
        return None
