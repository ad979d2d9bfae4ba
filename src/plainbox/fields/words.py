"""The kinds of fields that hold words: ids, flags, names of variables.

A word list is read in tokens::

    list    = { word | "," | comment }
    word    = bare | '"' anything but a quote '"'
    bare    = characters other than blanks, "#", "," and "="
    comment = "#" up to the end of the line, also directly after a word

An `=` is a token of its own, which only the lines of test plans use (`selectors`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.diagnostics import Code
from plainbox.fields.kinds import Kind, text_or_list
from plainbox.fields.reading import BadValue, Piece, Place, Reading, expect_text, items_of, type_of
from plainbox.ids import SEPARATOR, qualify
from plainbox.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r'[\s\0]*(?:#[^\n]*|"([^"]*)"|(")|([,=])|([^\s\0#,=]+))')
_PARAMETER = re.compile(r"\{[^}]*\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WORD: Final = "word"
UNCLOSED: Final = "unclosed"


class Token(NamedTuple):
    """A word, `,`, `=`, or a quote that is never closed, and where it stands."""

    type: str
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a word list, without blanks and comments; an unclosed quote is the last."""
    for match in _TOKEN.finditer(text):
        quoted, unclosed, sign, bare = match.groups()
        if bare is not None:
            yield Token(WORD, bare, match.start(4), match.end())
        elif quoted is not None:
            yield Token(WORD, quoted, match.start(1) - 1, match.end())
        elif sign is not None:
            yield Token(sign, sign, match.start(3), match.end())
        elif unclosed is not None:
            yield Token(UNCLOSED, text[match.start(2) :], match.start(2), len(text))
            return


class UnitId(Kind[str]):
    """The id of the unit itself: written as a partial id, read as a full one.

    A `pattern` is the id of a template, in which parameters stand in braces.
    """

    form = "an id"

    def __init__(self, *, pattern: bool = False) -> None:
        self.pattern = pattern

    def parse(self, value: object, reading: Reading) -> str:
        """Put the namespace in front."""
        text = expect_text(value)
        if not text:
            raise BadValue("expected an id, found nothing")
        constant = _PARAMETER.sub("", text) if self.pattern else text
        if SEPARATOR in constant:
            start = text.find(SEPARATOR)
            message = "expected an id without a namespace of its own"
            reading.fault(message, Place(0, start + len(SEPARATOR)))
        return qualify(text, reading.namespace)

    def schema(self) -> dict[str, object]:
        """Text that is not empty."""
        return {"type": "string", "minLength": 1}


class Reference(Kind[str]):
    """The id of another unit of the type `to`, partial in the own namespace."""

    def __init__(self, to: str) -> None:
        self.to = to
        self.form = f"the id of a {to}"

    def parse(self, value: object, reading: Reading) -> str:
        """Put the namespace in front."""
        text = expect_text(value)
        if not text:
            raise BadValue(f"expected the id of a {self.to}, found nothing")
        return qualify(text, reading.namespace)

    def schema(self) -> dict[str, object]:
        """Text that is not empty."""
        return {"type": "string", "minLength": 1}


class UnitIds(Kind["tuple[str, ...]"]):
    """A list of ids of units of the type `to`: full ids, as declared, each once.

    Where they have to be `automated` none may need a person.
    """

    def __init__(self, to: str, *, automated: bool = False) -> None:
        self.to = to
        self.automated = automated
        self.form = f"a list of ids of {to}s"

    def parse(self, value: object, reading: Reading) -> tuple[str, ...]:
        """Read words of a text, items of a list."""
        namespace = reading.namespace
        if isinstance(value, str):
            found = [word.text for word in _words(value, reading)]
        elif isinstance(value, list):
            found = [text for line in items_of(value, reading) if (text := line.text.strip())]
        else:
            raise BadValue(f"expected a list of ids, found {type_of(value)}")
        return tuple(dict.fromkeys(qualify(text, namespace) for text in found))

    def place(self, value: object, full_id: str, namespace: str) -> Place | None:
        """Where in the value a full id is written."""
        if isinstance(value, str):
            for token in tokens(value):
                if token.type == WORD and qualify(token.text, namespace) == full_id:
                    return Place(token.start, token.end)
        elif isinstance(value, list):
            for line in items_of(value, Reading(namespace)):
                if qualify(line.text.strip(), namespace) == full_id:
                    return line.place()
        return None

    def schema(self) -> dict[str, object]:
        """A list of ids."""
        return text_or_list({"type": "string"})


def _words(text: str, reading: Reading) -> Iterator[Token]:
    for token in tokens(text):
        if token.type == WORD:
            yield token
        elif token.type == "=":
            reading.fault("expected an id, found '='", Place(token.start, token.end))
        elif token.type == UNCLOSED:
            reading.fault("no closing quote", Place(token.start, token.start + 1))


def _split(value: object, reading: Reading, separators: str = ",") -> Iterator[Piece]:
    """The words between blanks and separators, without comments, or the items of a list."""
    if isinstance(value, str):
        for match in re.finditer(rf"#[^\n]*|[^\s{separators}]+", value):
            if not match.group().startswith("#"):
                yield Piece(match.group(), match.start())
    elif isinstance(value, list):
        yield from items_of(value, reading)
    else:
        raise BadValue(f"expected a list of words, found {type_of(value)}")


class Words(Kind["tuple[str, ...]"]):
    """Words between blanks, commas or other separators, as declared, each once."""

    form = "a list of words"

    def __init__(self, separators: str = ",") -> None:
        self.separators = separators

    def parse(self, value: object, reading: Reading) -> tuple[str, ...]:
        """Split the text."""
        return tuple(dict.fromkeys(word.text for word in _split(value, reading, self.separators)))

    def schema(self) -> dict[str, object]:
        """A list of words."""
        return text_or_list({"type": "string"})


class Variables(Kind["tuple[str, ...]"]):
    """Names of environment variables, as declared, each once."""

    form = "a list of names of variables"

    def parse(self, value: object, reading: Reading) -> tuple[str, ...]:
        """Split the text; what is no name is left out."""
        names: dict[str, None] = {}
        for word in _split(value, reading):
            if _VARIABLE.fullmatch(word.text):
                names[word.text] = None
            else:
                message = f"expected the name of a variable, found {word.text!r}"
                reading.fault(message, word.place())
        return tuple(names)

    def schema(self) -> dict[str, object]:
        """A list of names."""
        return text_or_list({"type": "string", "pattern": f"^{_VARIABLE.pattern}$"})


class Flags(Kind["frozenset[str]"]):
    """A set of words out of `known`, which says what each one does; others are kept too."""

    form = "a list of flags"

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def parse(self, value: object, reading: Reading) -> frozenset[str]:
        """Split the text."""
        found = []
        for word in _split(value, reading):
            found.append(word.text)
            if word.text not in self.known:
                message = f"unknown flag {word.text!r}"
                meant = closest(word.text, self.known) or ""
                reading.fault(message, word.place(), Code.UNKNOWN_FLAG, meant=meant)
        return frozenset(found)

    def choices(self) -> tuple[str, ...]:
        """The flags that are known."""
        return tuple(self.known)

    def schema(self) -> dict[str, object]:
        """A list of flags that are known."""
        return text_or_list({"enum": list(self.known)})


class Requirement(NamedTuple):
    """A manifest entry, by its full id, and the value that it has to have."""

    id: str
    value: object


class Requirements(Kind["tuple[Requirement, ...]"]):
    """Manifest entries that must hold: ids (to be true), or one-entry mappings of id and value."""

    form = "a list of manifest entries"

    def parse(self, value: object, reading: Reading) -> tuple[Requirement, ...]:
        """Read words of a text, items of a list."""
        if isinstance(value, str):
            return tuple(
                Requirement(qualify(word.text, reading.namespace), value=True)
                for word in _words(value, reading)
            )
        if not isinstance(value, list):
            raise BadValue(f"expected a list of manifest entries, found {type_of(value)}")
        found = []
        for index, item in enumerate(value):
            if isinstance(item, str):
                found.append(Requirement(qualify(item, reading.namespace), value=True))
            elif isinstance(item, dict) and len(item) == 1 and isinstance(next(iter(item)), str):
                ((name, wanted),) = item.items()
                found.append(Requirement(qualify(name, reading.namespace), wanted))
            else:
                message = f"expected an id, or one id with a value, found {type_of(item)}"
                reading.fault(message, Place(0, 0, (index,)))
        return tuple(found)

    def schema(self) -> dict[str, object]:
        """A list of ids, and of mappings of one id to its value."""
        one = {"type": "object", "minProperties": 1, "maxProperties": 1}
        return text_or_list({"anyOf": [{"type": "string"}, one]})
