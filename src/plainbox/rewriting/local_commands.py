"""What the command of a local job prints, as far as it can be said without running it.

Three forms are understood, and nothing else::

    cat <<'EOF' | run_templates -s 'SOURCE | filter_templates -w "KEY=VALUE"'     Piped
    for NAME in WORDS; do {echo TEXT | cat <<EOF} done                            Loop
    {echo TEXT | cat <<'EOF'}                                                     Constant

Texts come back in the language of templates: `$name` is `{name}`, braces are doubled.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = re.compile(
    r"(?P<head>[^<]*?)\s*<<\s*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)\s*(?:\|(?P<tail>.*))?"
)
_FOR = re.compile(r"for\s+([A-Za-z_]\w*)\s+in\s+([^;\n]*?)\s*(?:;\s*|\n\s*)do\s*(?:\n|$)")
_SEQUENCE = re.compile(r"(?:\$\(\s*seq((?:\s+\d+){1,2})\s*\)|`\s*seq((?:\s+\d+){1,2})\s*`)")
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
_WORD = re.compile(r"[A-Za-z0-9_./:@%+=-]+")
_SPECIAL = re.compile(r"\\.|\\\Z|`|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)|\$.?|[{}]", re.DOTALL)
_EQUALS = re.compile(r"([A-Za-z_]\w*)=([A-Za-z0-9_ /-]+)")
_WORDS = re.compile(rf"{_WORD.pattern}(?: {_WORD.pattern})*")
_ESCAPABLE: Final = ("$", "`", '"', "\\", "\n")
_MOST: Final = 1000
RUNNERS: Final = ("run_templates", "run-templates")
FILTERS: Final = ("filter_templates", "filter-templates")


@dataclass(frozen=True)
class Piped:
    """A text filled in for each record that a program prints, if its fields are as stated."""

    text: str
    source: str
    wanted: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Loop:
    """A text filled in for each of some words."""

    text: str
    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    """A text as it is printed."""

    text: str


@dataclass(frozen=True)
class Unclear:
    """Why a command is not understood, and which of its characters are the reason."""

    reason: str
    start: int
    end: int


class _NotClear(Exception):
    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(reason)
        self.unclear = Unclear(reason, start, end)


def understand(command: str) -> Piped | Loop | Constant | Unclear:
    """What a command prints, or why nobody can say."""
    try:
        loop = _FOR.search(command)
        if loop is not None and not _code(command[: loop.start()]):
            return _loop(command, loop)
        printed = list(_statements(command, 0))
        pipes = [each for each in printed if isinstance(each, _Document) and each.tail]
        if not pipes:
            return Constant("".join(_constant(each) for each in printed))
        if len(printed) == 1:
            return _piped(pipes[0])
    except _NotClear as error:
        return error.unclear
    return Unclear("it does more than print one text", 0, len(command))


@dataclass(frozen=True)
class _Document:
    """A here-document, or the text of an echo; `escapes` may follow a backslash in it."""

    text: str
    start: int
    escapes: str
    tail: str = ""
    tail_start: int = 0


def _code(text: str) -> bool:
    """Whether a text has more than blank lines and comments."""
    return any(line.strip() and not line.strip().startswith("#") for line in text.split("\n"))


def _statements(command: str, start: int) -> Iterator[_Document]:
    """What each echo and each here-document prints; `start` is where the text begins."""
    lines = command[start:].split("\n")
    position = 0
    offset = start
    while position < len(lines):
        line = lines[position]
        text = line.strip()
        position += 1
        begin = offset + line.find(text)
        offset += len(line) + 1
        if not text or text.startswith("#"):
            continue
        here = _HERE.fullmatch(text)
        if here is None:
            yield _echo(text, begin)
            continue
        if here["end"] not in lines[position:]:
            raise _NotClear(
                f"the here-document has no end '{here['end']}'", begin, begin + len(text)
            )
        size = lines[position:].index(here["end"])
        body = "".join(f"{each}\n" for each in lines[position : position + size])
        yield _document(here, body, begin, offset)
        offset += len(body) + len(here["end"]) + 1
        position += size + 1


def _document(here: re.Match[str], body: str, begin: int, start: int) -> _Document:
    head, tail = here["head"].strip(), here["tail"] or ""
    escapes = "" if here["quote"] else "$`\\"
    tail_start = begin + (here.start("tail") if tail else 0)
    if head.split(" ")[0] in RUNNERS and not tail:
        return _Document(body, start, escapes, head, begin)
    if head != "cat":
        raise _NotClear("only 'cat' and 'echo' are understood", begin, begin + here.end())
    return _Document(body, start, escapes, tail.strip(), tail_start)


def _echo(text: str, begin: int) -> _Document:
    end = begin + len(text)
    if text == "echo":
        return _Document("\n", begin, "")
    argument = text.removeprefix("echo ").strip()
    if argument == text or argument.startswith("-"):
        raise _NotClear("only 'cat' and 'echo' are understood", begin, end)
    start = end - len(argument)
    if re.fullmatch(r"'[^']*'", argument):
        return _Document(argument[1:-1] + "\n", start + 1, "")
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', argument):
        return _Document(argument[1:-1] + "\n", start + 1, '$`\\"')
    if _WORDS.fullmatch(argument):
        return _Document(argument + "\n", start, "")
    raise _NotClear("the text of this 'echo' is not in one pair of quotes", start, end)


def _constant(document: _Document) -> str:
    """The text of a document in which nothing varies, as it is printed."""
    if not document.escapes:
        return document.text
    filled = _filled(document, frozenset(), document.escapes)
    return filled.replace("{{", "{").replace("}}", "}")


def _filled(document: _Document, names: frozenset[str] | None, escapes: str) -> str:
    """The text in the language of templates; `names` are the variables that vary.

    Without `names` all those in small letters do, as tools do it that fill in records.
    """

    def write(match: re.Match[str]) -> str:
        found = match[0]
        start = document.start + match.start()
        name = match[1] or match[2]
        if found in ("{", "}"):
            return _doubled(found)
        if name and (name in names if names is not None else name.islower()):
            return f"{{{name}}}"
        if found[0] == "\\" and (found[1:] not in _ESCAPABLE or found[1:] in tuple(escapes)):
            plain = found[1:] if found[1:] in tuple(escapes) else found
            return _doubled(plain)
        raise _NotClear(_reason(found, name), start, start + len(found))

    return _SPECIAL.sub(write, document.text)


def _reason(found: str, name: str | None) -> str:
    if name:
        return f"'{found}' comes from the environment, a record has no such field"
    if found[0] == "\\":
        return f"'{found}' reads differently in different shells"
    if found in ("`", "$("):
        return "this is computed by the shell"
    return f"'{found}' is no field of a record"


def _piped(document: _Document) -> Piped:
    whole = document.tail_start, document.tail_start + len(document.tail)
    if document.escapes:
        raise _NotClear("the shell fills in this text first: its end word is not in quotes", *whole)
    words = _split(document.tail, whole)
    if len(words) != 3 or words[0] not in RUNNERS or words[1] != "-s":  # noqa: PLR2004 - as it says
        raise _NotClear(f"expected '{RUNNERS[0]} -s COMMAND'", *whole)
    source, *filters = words[2].split("|")
    wanted = []
    for each in filters:
        parts = _split(each, whole)
        if len(parts) != 3 or parts[0] not in FILTERS or parts[1] != "-w":  # noqa: PLR2004 - as it says
            raise _NotClear(f"'{each.strip()}' computes data that no resource has", *whole)
        pair = _EQUALS.fullmatch(parts[2])
        if pair is None:
            raise _NotClear(f"'{parts[2]}' may be a pattern, not a value", *whole)
        wanted.append((pair[1], pair[2]))
    return Piped(_filled(document, None, ""), source.strip(), tuple(wanted))


def _split(text: str, whole: tuple[int, int]) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise _NotClear(f"this is no command: {error}".lower(), *whole) from None


def _loop(command: str, loop: re.Match[str]) -> Loop:
    rest = command[loop.end() :].rstrip()
    body = re.search(r"(?:^|\n)\s*done\Z", rest)
    if body is None or _FOR.search(rest):
        raise _NotClear(
            "only one loop, and nothing after it, is understood", loop.start(), len(command)
        )
    words = _words(loop)
    inner = command[: loop.end() + body.start()] + "\n"
    parts = []
    for document in _statements(inner, loop.end()):
        if document.tail:
            raise _NotClear("only 'cat' and 'echo' are understood", *loop.span())
        if document.escapes:
            parts.append(_filled(document, frozenset({loop[1]}), document.escapes))
        else:
            parts.append(_doubled(document.text))
    text = "".join(parts)
    if not text.endswith("\n\n"):
        raise _NotClear("no blank line separates what one round prints from the next", *loop.span())
    return Loop(text, loop[1], words)


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _words(loop: re.Match[str]) -> tuple[str, ...]:
    """The words that a loop goes through, where the command itself has them."""
    text = loop[2]
    sequence, numbers = _SEQUENCE.fullmatch(text), _RANGE.fullmatch(text)
    if sequence or numbers:
        given = (
            (sequence[1] or sequence[2]).split()
            if sequence
            else list(numbers.groups())
            if numbers
            else []
        )
        first, last = (int(given[0]) if len(given) > 1 else 1), int(given[-1])
        if 0 <= last - first < _MOST:
            return tuple(str(number) for number in range(first, last + 1))
    words = text.split()
    if words and all(_WORD.fullmatch(word) for word in words):
        return tuple(words)
    reason = "what the loop goes through is computed: a resource has to have it as a field"
    raise _NotClear(reason, loop.start(2), loop.end(2))
