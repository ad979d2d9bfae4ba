"""The kinds of fields that hold one value: text, a choice, a number, a duration, JSON.

A kind reads the text of a PXU field and the value of a YAML field alike and answers with a
typed value. It knows nothing of the field that has it, so one kind serves many fields. Kinds
that hold several words are in `words`, those of test plans in `selectors`.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from plainbox.diagnostics import Code
from plainbox.fields.reading import BadValue, Place, Reading, expect_text, type_of
from plainbox.shell_text import read_shell
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

LINE_LENGTH: Final = 80
_DURATION = re.compile(r"(?:([0-9]+)h)?[ :]*(?:([0-9]+)m)?[ :]*(?:([0-9]+)s)?")
_DURATION_TEXT = (
    r"^(([0-9]+h)?[ :]*([0-9]+m)?[ :]*([0-9]+s)?|\s*\+?[0-9_.]+([Ee][+-]?[0-9_]+)?\s*)$"
)
_BALANCED = re.compile(r"""(?:[^\\'"#`$]|\\.|'[^']*'|"[^"\\$`]*"|\$\w)*""", re.DOTALL)
_RETIRED_VARIABLE = re.compile(r"\bCHECKBOX_(SHARE|DATA)\b")
_SUCCESSORS = {"SHARE": "PLAINBOX_PROVIDER_DATA", "DATA": "PLAINBOX_SESSION_SHARE"}


class Kind(Generic[T]):
    """What a field can hold: how it is read, and what it is called in documentation."""

    form: str = "text"
    empty_is_absent: ClassVar[bool] = False
    checks: ClassVar[bool] = False
    """Whether `check` looks at anything; a kind that defines it need not say so."""

    def __init_subclass__(cls) -> None:
        cls.checks = cls.check is not Kind.check

    def parse(self, value: object, reading: Reading) -> T:
        """Make a typed value; report faults to the reading, raise `BadValue` for a useless one."""
        raise NotImplementedError

    def check(self, value: T, reading: Reading) -> None:
        """Report what is unwise in a value that can be read; only checking asks for it."""

    def choices(self) -> tuple[str, ...]:
        """The words that can stand here, where they are a closed set."""
        return ()

    def schema(self) -> dict[str, object]:
        """What a YAML value looks like, as JSON Schema; never stricter than checking."""
        choices = self.choices()
        return {"enum": list(choices)} if choices else {"type": "string"}


class Text(Kind[str]):
    """Text of any length."""

    def parse(self, value: object, reading: Reading) -> str:  # noqa: ARG002
        """Take the text as it is."""
        return expect_text(value)


class Line(Text):
    """Text that is meant to fit one line of a list; `limit` is its length, 0 for any."""

    form = "one line of text"

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit

    def check(self, value: str, reading: Reading) -> None:
        """Warn of a title that lists have to cut."""
        if not self.limit:
            return
        end = value.find("\n")
        if end >= 0:
            reading.fault("expected one line", Place(end, len(value)), Code.LONG_TITLE)
        elif len(value) > self.limit:
            message = f"expected at most {self.limit} characters, found {len(value)}"
            reading.fault(message, Place(self.limit, len(value)), Code.LONG_TITLE)


class Made(Kind[T]):
    """What a function makes of a text; a `ValueError` that it raises says what is wrong."""

    def __init__(self, function: Callable[[str], T]) -> None:
        self.function = function

    def parse(self, value: object, reading: Reading) -> T:  # noqa: ARG002
        """Let the function read the text."""
        text = expect_text(value)
        try:
            return self.function(text)
        except (ValueError, LookupError, ArithmeticError) as error:
            reason = str(error) if isinstance(error, ValueError) else repr(error)
            raise BadValue(reason or f"{text!r} cannot be read") from None


class Shell(Text):
    """Text for a shell."""

    form = "shell commands"

    def check(self, value: str, reading: Reading) -> None:
        """Report a quote that is never closed, and variables that have a newer name."""
        for match in _RETIRED_VARIABLE.finditer(value):
            message = f"{match.group()} is an old name, use {_SUCCESSORS[match[1]]}"
            reading.fault(message, Place(*match.span()), Code.DEPRECATED)
        if _BALANCED.fullmatch(value):
            return
        start = read_shell(value).open_at
        if start >= 0:
            reading.fault("no closing quote", Place(start, start + 1), Code.SHELL_SYNTAX)


class Choice(Kind[E]):
    """One member of an enumeration, written as its value; `only` restricts it to some."""

    form = "one of a few words"

    def __init__(self, enumeration: type[E], only: Iterable[E] = ()) -> None:
        members = tuple(only) or tuple(enumeration)
        self.members: Mapping[object, E] = {member.value: member for member in members}

    def parse(self, value: object, reading: Reading) -> E:  # noqa: ARG002
        """Look the word up."""
        found = self.members.get(expect_text(value))
        if found is None:
            raise none_of(str(value), self.choices())
        return found

    def choices(self) -> tuple[str, ...]:
        """The values of the members."""
        return tuple(str(value) for value in self.members)


class OneOf(Kind[str]):
    """One of a few words that need no enumeration."""

    form = "one of a few words"

    def __init__(self, *words: str) -> None:
        self.words = words

    def parse(self, value: object, reading: Reading) -> str:  # noqa: ARG002
        """Take one of the words."""
        text = expect_text(value)
        if text not in self.words:
            raise none_of(text, self.words)
        return text

    def choices(self) -> tuple[str, ...]:
        """The words."""
        return self.words


def text_or_list(item: dict[str, object]) -> dict[str, object]:
    """The schema of what is a list in YAML and can be written as in PXU too."""
    return {"anyOf": [{"type": "array", "items": item}, {"type": "string"}]}


def none_of(value: str, words: Iterable[str]) -> BadValue:
    """What to raise for a value that is none of some words."""
    words = sorted(words)
    message = f"expected one of {', '.join(words)}, found {value!r}"
    return BadValue(message, meant=closest(value, words) or "")


class Duration(Kind[float]):
    """Seconds: `90`, `1.5`, `1h 2m 3s` (whole numbers, in this order); empty text says nothing."""

    form = "a duration"
    empty_is_absent = True

    def parse(self, value: object, reading: Reading) -> float:  # noqa: ARG002
        """Make seconds of a text or a number."""
        if isinstance(value, str):
            seconds = _seconds(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        else:
            raise BadValue(f"expected a duration, found {type_of(value)}")
        if not (seconds > 0 and math.isfinite(seconds)):
            raise BadValue(f"expected a positive number of seconds or '1h 2m 3s', found {value!r}")
        return seconds

    def schema(self) -> dict[str, object]:
        """A number, or a text of one of the two forms."""
        number = {"type": "number", "exclusiveMinimum": 0}
        return {"anyOf": [number, {"type": "string", "pattern": _DURATION_TEXT}]}


def _seconds(text: str) -> float:
    """The seconds that a text means; not a number where it means nothing."""
    if match := _DURATION.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return float(hours * 3600 + minutes * 60 + seconds)
    try:
        return float(text)
    except ValueError:
        return math.nan


class JsonObject(Kind["Mapping[str, object]"]):
    """A JSON object, or a mapping in YAML."""

    form = "a JSON object"

    def parse(self, value: object, reading: Reading) -> Mapping[str, object]:  # noqa: ARG002
        """Decode the text."""
        decoded = _decoded(value)
        if not isinstance(decoded, dict):
            raise BadValue(f"expected a JSON object, found {type_of(decoded)}")
        return decoded

    def schema(self) -> dict[str, object]:
        """A mapping, or a text that holds it as JSON."""
        return {"anyOf": [{"type": "object"}, {"type": "string"}]}


class JsonObjects(Kind["tuple[Mapping[str, object], ...]"]):
    """A JSON array of objects, or a list of mappings in YAML."""

    form = "a JSON array of objects"

    def parse(self, value: object, reading: Reading) -> tuple[Mapping[str, object], ...]:
        """Decode the text; an item that is no object is left out."""
        decoded = _decoded(value)
        if not isinstance(decoded, list):
            raise BadValue(f"expected a JSON array of objects, found {type_of(decoded)}")
        for item in decoded:
            if not isinstance(item, dict):
                reading.fault(f"expected an object, found {type_of(item)}: {item!r}")
        return tuple(item for item in decoded if isinstance(item, dict))

    def schema(self) -> dict[str, object]:
        """A list of mappings, or a text that holds it as JSON."""
        return text_or_list({"type": "object"})


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    import json  # 2 ms, and few units need it

    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        start = min(error.pos, max(len(value) - 1, 0))
        message = f"invalid JSON: {error.msg.lower()}"
        raise BadValue(message, Place(start, start + 1)) from None
    except RecursionError:
        raise BadValue("invalid JSON: nested too deeply") from None
