"""From the text of an expression to tokens, and from literals to their values.

The kind of a token is `name`, `number`, `string` or `end`; for operators and words of the
language it is the token itself. A comment reaches to the end of its line and is left out.
What cannot be a token is rejected here, with a hint where it is a known habit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

WORDS: Final = frozenset({"and", "or", "not", "in", "is", "True", "False", "None"})

_TOKEN = re.compile(
    r"""[ \t\f\r\n]*(?:
    (?P<string>(?:[rR][bBfF]?|[bBfF][rR]?|[uU])?
        (?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
          |'(?!'')(?:[^'\\\n]|\\.)*'|"(?!"")(?:[^"\\\n]|\\.)*"))
    |(?P<name>[^\W\d]\w*)
    |(?P<number>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+
        |(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)
         (?:[eE][+-]?[0-9](?:_?[0-9])*)?[jJ]?)
    |(?P<operator>==|!=|<=|>=|\.\.\.|[<>()\[\],.-])
    |(?P<end>(?:\#[^\n]*)?\Z)
    |(?P<comment>\#[^\n]*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS = re.compile(r"[ \t\f\r\n]*")

_HABITS: Final = (
    ("&&", "`&&` is not part of the language", "write `and`"),
    ("||", "`||` is not part of the language", "write `or`"),
    ("&", "`&` is not part of the language", "write `and`"),
    ("|", "`|` is not part of the language", "write `or`"),
    ("!", "`!` is not part of the language", "write `not`, or `!=`"),
    (":=", "`:=` is not part of the language", "write `==`"),
    ("=", "`=` does not compare", "write `==`"),
    (";", "`;` is not part of the language", "write each expression on a line of its own"),
    ("\\", "a line cannot be continued", "write the whole expression on one line"),
    ("{", "`{` is not part of the language", "write a list in `[` and `]`"),
    ("\u00a0", "there is a no-break space", "write an ordinary space"),
    ("'", "the closing quote is missing", "write `'` after the text"),
    ('"', "the closing quote is missing", 'write `"` after the text'),
)
_SMART_QUOTES: Final = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u00b4`"
_ARITHMETIC: Final = "+*/%@^~"
_SHOWN: Final = 40


_LITERAL = re.compile(r"([a-zA-Z]*)('''|\"\"\"|'|\")(.*)\2", re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL
)
_BYTES_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_SIMPLE = {
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


@dataclass(frozen=True, slots=True)
class ExpressionError:
    """What is wrong with an expression, and where.

    `start` and `end` count from the start of the text of the field; where the field is a list,
    from the start of the item that `item` counts (from 0). `hint` says what to write.
    """

    message: str
    start: int
    end: int
    hint: str = ""
    item: int = 0


class Rejected(Exception):
    """Carries an error from where it is found to where it becomes a value."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.error = ExpressionError(message, start, end, hint)


def shorten(text: str) -> str:
    """A text as messages show it."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Token(NamedTuple):
    """One word of an expression and the characters that it is made of."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str, start: int, end: int) -> list[Token]:
    """The tokens between two offsets of a text; the last one is of kind `end`."""
    tokens: list[Token] = []
    match = _TOKEN.match
    position = start
    while True:
        found = match(text, position, end)
        if found is None:
            raise _bad_character(text, position, end)
        kind = found.lastgroup or ""
        first, position = found.span(kind)
        word = found[kind]
        if kind == "operator" or (kind == "name" and word in WORDS):
            kind = word
        if kind != "comment":
            tokens.append(Token(kind, word, first, position))
        if kind == "end":
            return tokens


def _bad_character(text: str, position: int, end: int) -> Rejected:
    blanks = _BLANKS.match(text, position, end)
    start = blanks.end() if blanks else position
    character = text[start]
    if character in _SMART_QUOTES:
        message = f"`{character}` is not a quote of the language"
        return Rejected(message, start, start + 1, "write `'` or `\"`")
    if character in _ARITHMETIC:
        message = f"`{character}` is arithmetic, which is not part of the language"
        return Rejected(message, start, start + 1, "compare with a constant")
    for habit, message, hint in _HABITS:
        if text.startswith(habit, start, end):
            last = end if character in "'\"" else start + len(habit)
            return Rejected(message, start, last, hint)
    return Rejected(f"`{character}` is not part of the language", start, start + 1)


def number_value(token: Token) -> int | float | complex:
    """The value of a number."""
    text = token.text
    try:
        if text[-1] in "jJ":
            return complex(text)
        if text[:2].lower() in ("0x", "0o", "0b") or text.replace("_", "").isdigit():
            return int(text, 0)
        return float(text)
    except ValueError:
        hint = "write it without leading zeros" if text[0] == "0" else ""
        message = f"`{shorten(text)}` is not a number"
        raise Rejected(message, token.start, token.end, hint) from None


def string_value(token: Token) -> str | bytes:
    """The value of a string or bytes literal."""
    found = _LITERAL.fullmatch(token.text)
    prefix, body = (found[1].lower(), found[3]) if found else ("", "")
    if "f" in prefix:
        hint = "write a plain text"
        raise Rejected("texts cannot be formatted here", token.start, token.end, hint)
    if "\\" in body and "r" not in prefix:
        body = _unescape(body, token, as_bytes="b" in prefix)
    if "b" not in prefix:
        return body
    try:
        return body.encode("latin-1" if "r" not in prefix and "\\" in token.text else "ascii")
    except UnicodeEncodeError:
        raise Rejected("bytes hold ASCII only", token.start, token.end) from None


def _unescape(body: str, token: Token, *, as_bytes: bool) -> str:
    if as_bytes and not body.isascii():
        raise Rejected("bytes hold ASCII only", token.start, token.end)

    def value(found: re.Match[str]) -> str:
        escape = found[0]
        if escape[1] in _SIMPLE:
            return _SIMPLE[escape[1]]
        if escape[1] in "01234567":
            code = int(escape[1:], 8)
            return chr(code & 0xFF if as_bytes else code)
        if escape[1] not in ("x" if as_bytes else "xuUN"):
            return escape
        try:
            return escape.encode("ascii").decode("unicode_escape")
        except UnicodeError:
            message = f"`{shorten(escape)}` is not a character"
            raise Rejected(message, token.start, token.end) from None

    return (_BYTES_ESCAPE if as_bytes else _ESCAPE).sub(value, body)
