r"""Whether a regular expression can match any text of a shape: constant parts with holes between.

The expression becomes an automaton, and the shape is sent through it: a character takes one
step, a hole any number of steps. What is not in this grammar could match, who knows::

    either = { repeated } { "|" { repeated } }
    repeated = atom [ "*" | "+" | "?" | "{" [ M ] [ "," [ N ] ] "}" ] [ "?" | "+" ]
    atom   = "(" [ "?:" | "?P<name>" ] either ")" | "[" … "]" | "." | \x | "^" | "$" | character
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from plainbox.ids import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Step: TypeAlias = "tuple[re.Pattern[str] | str | None, int]"

_GROUP = re.compile(r"\((\?:|\?P<\w+>)?(?!\?)")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_CLASS_ESCAPES: Final = "dDsSwW"
_MOST: Final = 20
_LARGEST: Final = 4000


def could_match(expression: str, shape: Sequence[str]) -> bool:
    """Whether it matches some text with the parts in order, the first and last at its ends."""
    try:
        automaton = _automaton(expression)
    except (_Unknown, RecursionError, re.error):
        return True
    return automaton.accepts(shape)


@lru_cache(maxsize=1024)
def _automaton(expression: str) -> _Automaton:
    return _Automaton(expression)


class _Unknown(Exception):
    """The expression has something that is not in the grammar here."""


class _Automaton:
    """States are numbers; from each lead steps, by a character or (`None`) by nothing."""

    def __init__(self, expression: str) -> None:
        self.text = expression
        self.at = 0
        self.steps: list[list[Step]] = [[]]
        self._reached: dict[str, set[int]] = {}
        self.end = self._either(0)
        if self.at != len(expression):
            raise _Unknown

    def accepts(self, shape: Sequence[str]) -> bool:
        """Whether the states that a shape leads to include the end."""
        first, *others = shape
        namespace, separator, rest = first.rpartition(SEPARATOR)
        start = namespace + separator
        states = self._reached.get(start)
        if states is None:
            states = self._reached[start] = self._through(self._silently({0}), start)
        states = self._through(states, rest)
        for part in others:
            states = self._through(self._anyhow(states), part)
        return self.end in states

    def _through(self, states: set[int], text: str) -> set[int]:
        for character in text:
            if not states:
                break
            states = self._silently(
                target
                for state in states
                for sign, target in self.steps[state]
                if sign is not None and _fits(sign, character)
            )
        return states

    def _silently(self, states: Iterable[int]) -> set[int]:
        found = set(states)
        pending = list(found)
        while pending:
            for sign, target in self.steps[pending.pop()]:
                if sign is None and target not in found:
                    found.add(target)
                    pending.append(target)
        return found

    def _anyhow(self, states: set[int]) -> set[int]:
        found = set(states)
        pending = list(found)
        while pending:
            for _, target in self.steps[pending.pop()]:
                if target not in found:
                    found.add(target)
                    pending.append(target)
        return found

    def _state(self) -> int:
        if len(self.steps) > _LARGEST:
            raise _Unknown
        self.steps.append([])
        return len(self.steps) - 1

    def _link(self, start: int, end: int, sign: re.Pattern[str] | str | None = None) -> None:
        self.steps[start].append((sign, end))

    def _either(self, start: int) -> int:
        end = self._state()
        while True:
            state = self._state()
            self._link(start, state)
            while self.at < len(self.text) and self.text[self.at] not in "|)":
                state = self._repeated(state)
            self._link(state, end)
            if not self.text.startswith("|", self.at):
                return end
            self.at += 1

    def _repeated(self, start: int) -> int:
        begin = self.at
        end = self._atom(start)
        atom_end = self.at
        least, most = self._count()
        if (least, most) == (1, 1):
            return end
        after = self.at
        state = start
        ends = []
        for number in range(max(least, 1 if most is None else most)):
            if number >= least:
                ends.append(state)
            if number:
                self.at = begin
                first, state = state, self._atom(state)
            else:
                first, state = start, end
        if most is None:
            self._link(state, first)
            if not least:
                ends.append(first)
        self.at = after
        if self.at < atom_end:
            raise _Unknown
        final = self._state()
        self._link(state, final)
        for each in ends:
            self._link(each, final)
        return final

    def _count(self) -> tuple[int, int | None]:
        sign = self.text[self.at : self.at + 1]
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign)
        counted = _COUNT.match(self.text, self.at)
        least, most = simple or (1, 1)
        if simple:
            self.at += 1
        elif counted and (counted[1] or counted[3]):
            self.at = counted.end()
            least = int(counted[1] or 0)
            most = (int(counted[3]) if counted[3] else None) if counted[2] else least
            if least > _MOST or (most is not None and not least <= most <= _MOST):
                raise _Unknown
        else:
            return 1, 1
        if self.text[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        return least, most

    def _atom(self, start: int) -> int:
        text, at = self.text, self.at
        character = text[at]
        if character == "(":
            return self._group(start)
        if character in "*+?{":
            raise _Unknown
        end = self._state()
        if character in "^$":
            self.at += 1
            self._link(start, end)
            return end
        sign: re.Pattern[str] | str = character
        if character == "[":
            found = _CLASS.match(text, at)
            if found is None:
                raise _Unknown
            sign = re.compile(found.group())
            self.at = found.end()
        elif character == "\\":
            sign = _escape(text[at + 1 : at + 2])
            self.at += 2
        else:
            self.at += 1
            sign = re.compile(".", re.DOTALL) if character == "." else character
        self._link(start, end, sign)
        return end

    def _group(self, start: int) -> int:
        found = _GROUP.match(self.text, self.at)
        if found is None:
            raise _Unknown
        self.at = found.end()
        inner = self._state()
        self._link(start, inner)
        end = self._either(inner)
        if not self.text.startswith(")", self.at):
            raise _Unknown
        self.at += 1
        return end


def _escape(character: str) -> re.Pattern[str] | str:
    if character and character in _CLASS_ESCAPES:
        return re.compile("\\" + character)
    if not character or character.isalnum():
        raise _Unknown
    return character


def _fits(sign: re.Pattern[str] | str, character: str) -> bool:
    return sign == character if isinstance(sign, str) else sign.match(character) is not None
