r"""What can be said about shell text without a shell.

Most commands are plain: `read_shell` follows their grammar and finds nothing wrong. Where it sees
something that it does not know it gives up, and only a shell can tell::

    list      = pipeline { ( ";" | "&" | "&&" | "||" | newline ) pipeline }
    pipeline  = [ "!" | "time" ] command { ( "|" | "|&" ) command }
    command   = compound { redirection } | NAME "()" compound | { word | redirection }
    compound  = "if" … "fi" | "for" … "done" | "while" … "done" | "until" … "done"
              | "case" … "esac" | "{" list "}" | "(" list ")" | "[[" test "]]" | "((" … "))"
    word      = { plain | '…' | "…" | \x | $name | ${…} | $(list) | $((…)) | `…` }
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_BLANKS = re.compile(r"(?:[ \t]|\\\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_PLAIN = re.compile(r"[^\s\\'\"$`|&;()<>]+")
_IN_QUOTES = re.compile(r'(?:[^"\\$`]|\\.|\$(?![({\'"]))+', re.DOTALL)
_EXPANSION = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9*@#?$!-]|(?![({'\"]))")
_SIMPLE_BRACES = re.compile(
    r"\$\{[!#]?[A-Za-z_0-9@*?#-]+(?:[^\w@*?#{}\"'`$\\-]"
    r"(?:[^{}\"'`$\\]|\$[A-Za-z_]\w*|\$\{\w+\})*)?\}"
)
_ARITHMETIC = re.compile(r"\$?\(\((?:[^()'\"`\\]|\([^()'\"`\\]*\))*\)\)")
_PLAIN_BACKTICKS = re.compile(r"`[\w\s./=:,%+@-]*(?:\|[\w\s./=:,%+@-]+)*`")
_DOLLAR_QUOTES = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.DOTALL)
_REDIRECTION = re.compile(r"[0-9]*(?:<<-|<<<|<<|<>|<&|>>|>\||>&|<(?!\()|>(?!\())|&>>?")
_SEPARATOR = re.compile(r"&&|\|\||;(?!;)|&(?![>&])|\n")
_HERE_END = re.compile(r"[ \t]*(['\"]?)([\w.!%-]+)\1")
_FUNCTION = re.compile(r"[A-Za-z_][\w-]*[ \t]*\([ \t]*\)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNED_LIST = re.compile(r"[A-Za-z_]\w*\+?=\(")
_UNARY = re.compile(r"-[a-zA-Z](?=[ \t])")
_BINARY = re.compile(r"(?:==?|!=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))(?=[ \t])")
_OPENERS: Final = frozenset({"if", "for", "while", "until", "case", "{", "function", "select"})
_CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
_OTHERS: Final = frozenset({"time", "coproc", "in"})
_BASH_ONLY = re.compile(r"\[\[|\(\(|<<<|<\(|>\(|&>|\|&|\$'|;&|\bfunction\b|\w=\(|\bselect\b")
_DEEPEST: Final = 40
_ONLY_WORDS = re.compile(r"[\w./:=,%@+-]+(?: [\w./:=,%@+-]+)*")


class ShellText(NamedTuple):
    """What is known of a shell text.

    `clear` says that any bash reads it; `open_at` is where a quote begins that certainly never
    ends, else -1; `plain` that every other shell reads it as well.
    """

    clear: bool
    open_at: int = -1
    plain: bool = True


@lru_cache(maxsize=4096)
def read_shell(text: str) -> ShellText:
    """Follow the grammar of a text as far as it is known."""
    if _ONLY_WORDS.fullmatch(text):
        word = text.partition(" ")[0]
        return ShellText(word not in _OPENERS and word not in _CLOSERS and word not in _OTHERS)
    reader = _Reader(text)
    try:
        reader.list(frozenset(), 0)
        clear = reader.at == len(text) and not reader.pending
    except _Unsure:
        clear = False
    except _Open as open_quote:
        return ShellText(clear=False, open_at=open_quote.start)
    return ShellText(clear, plain=not _BASH_ONLY.search(text))


class _Unsure(Exception):
    """Only a shell can tell."""


class _Open(Exception):
    """A quote is never closed."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class _Reader:
    """One text and how far it is read; each method reads what it is called after."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.pending: list[tuple[str, bool]] = []
        """The ends of here-documents that begin after this line; True with `<<-`."""

    def list(self, ends: frozenset[str], depth: int) -> str:
        """Commands up to a word or sign that ends them, which is given; "" at the end."""
        if depth > _DEEPEST:
            raise _Unsure
        empty = True
        joined = False
        while True:
            self.blanks(lines=empty or joined)
            word = self.peek()
            if word in ends or self.at == len(self.text):
                if joined or (empty and ends):
                    raise _Unsure
                return word
            self.pipeline(depth)
            empty = False
            self.blanks(lines=False)
            separator = _SEPARATOR.match(self.text, self.at)
            if separator is None:
                word = self.peek()
                if word in ends or self.at == len(self.text):
                    return word
                raise _Unsure
            self.at = separator.end()
            joined = separator.group() in ("&&", "||")
            if separator.group() == "\n":
                self.here_documents()
            self.blanks(lines=True)

    def blanks(self, *, lines: bool) -> None:
        """Blanks and comments, and with `lines` line ends too."""
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            if character in " \t\\":
                blank = _BLANKS.match(text, self.at)
                if blank is None:
                    return
                self.at = blank.end()
            elif character == "#" and (self.at == 0 or text[self.at - 1] in " \t\n;&|()"):
                self.at = _COMMENT.match(text, self.at).end()  # type: ignore[union-attr]
            elif character == "\n" and lines:
                self.at += 1
                self.here_documents()
            else:
                return

    def here_documents(self) -> None:
        """The here-documents of the line that has just ended."""
        for end, tabs in self.pending:
            while True:
                if self.at >= len(self.text):
                    raise _Unsure
                stop = self.text.find("\n", self.at)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[self.at : stop]
                self.at = min(stop + 1, len(self.text))
                if (line.lstrip("\t") if tabs else line) == end:
                    break
        self.pending.clear()

    def peek(self) -> str:
        """The reserved word or sign that comes next, if there is one."""
        text = self.text
        character = text[self.at : self.at + 1]
        if character in (")", "("):
            return character
        if text.startswith((";;", "[[", "!"), self.at):
            return text[self.at : self.at + (1 if character == "!" else 2)]
        found = _PLAIN.match(text, self.at)
        if found is None:
            return ""
        word = found.group()
        ends = text[found.end() : found.end() + 1]
        return "" if ends and ends in "\\'\"$`" else word

    def take(self, word: str) -> None:
        """The word, which is known to come next."""
        if not self.text.startswith(word, self.at):
            raise _Unsure
        self.at += len(word)

    def pipeline(self, depth: int) -> None:
        """Commands joined by pipes."""
        while self.peek() in ("!", "time"):
            self.take(self.peek())
            if not _BLANKS.match(self.text, self.at):
                raise _Unsure
            self.blanks(lines=False)
        while True:
            self.command(depth)
            self.blanks(lines=False)
            if self.text.startswith("|", self.at) and not self.text.startswith("||", self.at):
                self.at += 2 if self.text.startswith("|&", self.at) else 1
                self.blanks(lines=True)
            else:
                return

    def command(self, depth: int) -> None:
        """One command of any form."""
        word = self.peek()
        if word in _OPENERS or word in ("(", "[["):
            self.compound(word, depth)
            self.redirections(depth)
            return
        if word in _CLOSERS or word in (")", ";;", "coproc"):
            raise _Unsure
        function = _FUNCTION.match(self.text, self.at)
        if function:
            self.at = function.end()
            self.blanks(lines=True)
            if self.peek() not in ("{", "("):
                raise _Unsure
            self.compound(self.peek(), depth)
            return
        if not self.words(depth, first=True):
            raise _Unsure

    def compound(self, word: str, depth: int) -> None:
        """A command with commands inside."""
        inner = depth + 1
        if word == "if":
            self.condition(inner)
        elif word in ("while", "until"):
            self.take(word)
            self.list(frozenset({"do"}), inner)
            self.body(inner)
        elif word == "for":
            self.loop(inner)
        elif word == "case":
            self.case(inner)
        elif word == "{":
            self.take("{")
            if self.text[self.at : self.at + 1] not in (" ", "\t", "\n"):
                raise _Unsure
            self.closed("}", inner)
        elif word == "[[":
            self.test(inner)
        elif word == "(" and self.text.startswith("((", self.at):
            self.matched(_ARITHMETIC)
        elif word == "(":
            self.take("(")
            self.closed(")", inner)
        else:
            raise _Unsure

    def matched(self, form: re.Pattern[str]) -> None:
        """Something that has to have a form."""
        found = form.match(self.text, self.at)
        if found is None:
            raise _Unsure
        self.at = found.end()

    def test(self, depth: int) -> None:
        """`[[ test { ("&&" | "||") test } ]]`, without parentheses and expressions."""
        self.take("[[")
        while True:
            self.blanks(lines=True)
            if self.peek() == "!":
                self.take("!")
                self.blanks(lines=False)
            unary = _UNARY.match(self.text, self.at)
            self.operand(depth, unary)
            binary = None if unary else _BINARY.match(self.text, self.at)
            if binary:
                self.operand(depth, binary)
            if self.peek() == "]]":
                self.take("]]")
                return
            joint = self.text[self.at : self.at + 2]
            if joint not in ("&&", "||"):
                raise _Unsure
            self.at += 2

    def operand(self, depth: int, operator: re.Match[str] | None) -> None:
        """A word of a test, after its operator if there is one."""
        if operator:
            self.at = operator.end()
            self.blanks(lines=False)
        if self.peek() == "]]" or not self.word(depth):
            raise _Unsure
        self.blanks(lines=False)

    def closed(self, end: str, depth: int) -> None:
        """A list and the word that ends it."""
        if self.list(frozenset({end}), depth) != end:
            raise _Unsure
        self.take(end)

    def body(self, depth: int) -> None:
        """`do list done`."""
        self.take("do")
        self.closed("done", depth)

    def condition(self, depth: int) -> None:
        """`if list then list { elif list then list } [ else list ] fi`."""
        self.take("if")
        while True:
            self.closed("then", depth)
            word = self.list(frozenset({"elif", "else", "fi"}), depth)
            self.take(word or "fi")
            if word == "else":
                self.closed("fi", depth)
            if word != "elif":
                return

    def loop(self, depth: int) -> None:
        """`for NAME [ in { word } ] ; do list done`."""
        self.take("for")
        self.blanks(lines=False)
        self.matched(_NAME)
        self.blanks(lines=True)
        if self.peek() == "in":
            self.take("in")
            self.blanks(lines=False)
            while self.word(depth):
                self.blanks(lines=False)
        if self.text[self.at : self.at + 1] not in (";", "\n", "d"):
            raise _Unsure
        if self.text.startswith(";", self.at):
            self.at += 1
        self.blanks(lines=True)
        if self.peek() != "do":
            raise _Unsure
        self.body(depth)

    def case(self, depth: int) -> None:
        """`case word in { [ "(" ] word { "|" word } ")" list ";;" } esac`."""
        self.take("case")
        self.blanks(lines=False)
        if not self.word(depth):
            raise _Unsure
        self.blanks(lines=True)
        if self.peek() != "in":
            raise _Unsure
        self.take("in")
        while True:
            self.blanks(lines=True)
            if self.peek() == "esac":
                self.take("esac")
                return
            self.patterns(depth)
            self.blanks(lines=True)
            if self.peek() not in (";;", "esac"):
                self.list(frozenset({";;", "esac"}), depth)
            if self.peek() == ";;":
                self.take(";;")
                if self.text.startswith("&", self.at):
                    raise _Unsure
            elif self.peek() != "esac":
                raise _Unsure

    def patterns(self, depth: int) -> None:
        """The patterns of one case and the parenthesis after them."""
        if self.text.startswith("(", self.at):
            self.at += 1
        while True:
            self.blanks(lines=False)
            if not self.word(depth):
                raise _Unsure
            self.blanks(lines=False)
            sign = self.text[self.at : self.at + 1]
            self.at += 1
            if sign == ")":
                return
            if sign != "|":
                raise _Unsure

    def redirections(self, depth: int) -> None:
        """Where the output of a compound command goes."""
        self.blanks(lines=False)
        while self.redirection(depth):
            self.blanks(lines=False)

    def words(self, depth: int, *, first: bool) -> bool:
        """The words and redirections of a simple command; whether there were any."""
        found = False
        while True:
            listed = _ASSIGNED_LIST.match(self.text, self.at)
            if listed and first:
                self.at = listed.end()
                self.items(depth)
            elif not self.redirection(depth) and not self.word(depth):
                return found
            found = True
            self.blanks(lines=False)

    def items(self, depth: int) -> None:
        """The items of an array up to the parenthesis after them."""
        while True:
            self.blanks(lines=True)
            if self.text.startswith(")", self.at):
                self.at += 1
                return
            if not self.word(depth):
                raise _Unsure

    def redirection(self, depth: int) -> bool:
        """One redirection, if one comes next."""
        sign = _REDIRECTION.match(self.text, self.at)
        if sign is None:
            return False
        self.at = sign.end()
        operator = sign.group().lstrip("0123456789")
        if operator in ("<<", "<<-"):
            end = _HERE_END.match(self.text, self.at)
            if end is None:
                raise _Unsure
            self.pending.append((end[2], operator == "<<-"))
            self.at = end.end()
            return True
        self.blanks(lines=False)
        if not self.word(depth):
            raise _Unsure
        return True

    def word(self, depth: int) -> bool:
        """One word, if one comes next."""
        start = self.at
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            plain = _PLAIN.match(text, self.at)
            if plain:
                self.at = plain.end()
            elif character == "'":
                self.single()
            elif character == '"':
                self.double(depth)
            elif character == "\\":
                if text.startswith("\\\n", self.at):
                    break
                self.at = min(self.at + 2, len(text))
            elif character in "$`":
                self.expansion(depth)
            elif character in "<>" and text.startswith("(", self.at + 1):
                self.at += 2
                self.closed(")", depth + 1)
            elif character == "(" and self.at > start:
                raise _Unsure
            else:
                break
        return self.at > start

    def single(self) -> None:
        """A text in single quotes."""
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise _Open(self.at)
        self.at = end + 1

    def double(self, depth: int) -> None:
        """A text in double quotes."""
        start = self.at
        self.at += 1
        while self.at < len(self.text):
            part = _IN_QUOTES.match(self.text, self.at)
            if part:
                self.at = part.end()
            elif self.text[self.at] == '"':
                self.at += 1
                return
            elif self.text.startswith(("$'", '$"'), self.at):
                self.at += 1
                if self.text.startswith("'", self.at):
                    self.at += 1
            elif self.text[self.at] == "\\":
                break
            else:
                self.expansion(depth)
        raise _Open(start)

    def expansion(self, depth: int) -> None:
        """What begins with a dollar sign or a backtick."""
        text = self.text
        for form in (_EXPANSION, _SIMPLE_BRACES, _ARITHMETIC, _DOLLAR_QUOTES, _PLAIN_BACKTICKS):
            found = form.match(text, self.at)
            if found:
                self.at = found.end()
                return
        if text.startswith("$(", self.at) and not text.startswith("$((", self.at):
            self.at += 2
            self.blanks(lines=True)
            self.closed(")", depth + 1)
            return
        if text.startswith('$"', self.at):
            self.at += 1
            return
        raise _Unsure
