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

from plainbox.shell_text.words import ARITHMETIC, Open, Unsure, Words

_SEPARATOR = re.compile(r"&&|\|\||;(?![;&])|&(?![>&])|\n")
_FUNCTION = re.compile(r"[A-Za-z_][\w-]*[ \t]*\([ \t]*\)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SUBSCRIPT = re.compile(r"\w+\[")
_ASSIGNED_LIST = re.compile(r"[A-Za-z_]\w*\+?=\(")
_UNARY = re.compile(r"-[a-zA-Z](?=[ \t])")
_BINARY = re.compile(r"(?:==?|!=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))(?=[ \t])")
_OPENERS: Final = frozenset({"if", "for", "while", "until", "case", "{", "function", "select"})
_CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}", "]]"})
_OTHERS: Final = frozenset({"!", "time", "coproc", "in", ")", ";;"})
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
        return ShellText(word not in _OPENERS | _CLOSERS | _OTHERS)
    reader = _Reader(text)
    try:
        reader.list(frozenset(), 0)
        clear = reader.at == len(text) and not reader.pending
    except Unsure:
        clear = False
    except Open as open_quote:
        return ShellText(clear=False, open_at=open_quote.start)
    return ShellText(clear, plain=not _BASH_ONLY.search(text))


class _Reader(Words):
    """One text and how far it is read; each method reads what it is called after."""

    def list(self, ends: frozenset[str], depth: int) -> str:
        """Commands up to a word or sign that ends them, which is given; "" at the end."""
        if depth > _DEEPEST:
            raise Unsure
        empty = True
        joined = False
        while True:
            self.blanks(lines=empty or joined)
            word = self.peek()
            if word in ends or self.at == len(self.text):
                if joined or (empty and ends):
                    raise Unsure
                return word
            self.pipeline(depth)
            empty = False
            self.blanks(lines=False)
            separator = _SEPARATOR.match(self.text, self.at)
            if separator is None:
                word = self.peek()
                if word in ends or self.at == len(self.text):
                    return word
                raise Unsure
            self.at = separator.end()
            joined = separator.group() in ("&&", "||")
            if separator.group() == "\n":
                self.here_documents()
            self.blanks(lines=True)

    def pipeline(self, depth: int) -> None:
        """Commands joined by pipes."""
        while self.peek() in ("!", "time"):
            self.take(self.peek())
            start = self.at
            self.blanks(lines=False)
            if self.at == start:
                raise Unsure
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
        if word in _CLOSERS | _OTHERS:
            raise Unsure
        function = _FUNCTION.match(self.text, self.at)
        if function:
            self.at = function.end()
            self.blanks(lines=True)
            if self.peek() not in ("{", "("):
                raise Unsure
            self.compound(self.peek(), depth)
            return
        if not self.words(depth, first=True):
            raise Unsure

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
                raise Unsure
            self.closed("}", inner)
        elif word == "[[":
            self.test(inner)
        elif word == "(" and self.text.startswith("((", self.at):
            self.matched(ARITHMETIC)
        elif word == "(":
            self.take("(")
            self.closed(")", inner)
        else:
            raise Unsure

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
                raise Unsure
            self.at += 2

    def operand(self, depth: int, operator: re.Match[str] | None) -> None:
        """A word of a test, after its operator if there is one."""
        if operator:
            self.at = operator.end()
            self.blanks(lines=False)
        if self.peek() == "]]" or not self.word(depth):
            raise Unsure
        self.blanks(lines=False)

    def closed(self, end: str, depth: int) -> None:
        """A list and the word that ends it."""
        if self.list(frozenset({end}), depth) != end:
            raise Unsure
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
            raise Unsure
        if self.text.startswith(";", self.at):
            self.at += 1
        self.blanks(lines=True)
        if self.peek() != "do":
            raise Unsure
        self.body(depth)

    def case(self, depth: int) -> None:
        """`case word in { [ "(" ] word { "|" word } ")" list ";;" } esac`."""
        self.take("case")
        self.blanks(lines=False)
        if not self.word(depth):
            raise Unsure
        self.blanks(lines=True)
        if self.peek() != "in":
            raise Unsure
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
                    raise Unsure
            elif self.peek() != "esac":
                raise Unsure

    def patterns(self, depth: int) -> None:
        """The patterns of one case and the parenthesis after them."""
        if self.text.startswith("(", self.at):
            self.at += 1
        while True:
            self.blanks(lines=False)
            if not self.word(depth):
                raise Unsure
            self.blanks(lines=False)
            sign = self.text[self.at : self.at + 1]
            self.at += 1
            if sign == ")":
                return
            if sign != "|":
                raise Unsure

    def redirections(self, depth: int) -> None:
        """Where the output of a compound command goes."""
        self.blanks(lines=False)
        while self.redirection(depth):
            self.blanks(lines=False)

    def words(self, depth: int, *, first: bool) -> bool:
        """The words and redirections of a simple command; whether there were any."""
        found = False
        while True:
            listed = _ASSIGNED_LIST.match(self.text, self.at) if first else None
            if listed:
                self.at = listed.end()
                self.items(depth)
                if self.text[self.at : self.at + 1] not in ("", *" \t\n;&|)"):
                    raise Unsure
            elif not self.redirection(depth):
                if first and _SUBSCRIPT.match(self.text, self.at):
                    raise Unsure
                if not self.word(depth):
                    return found
                first = False
            found = True
            self.blanks(lines=False)

    def items(self, depth: int) -> None:
        """The items of an array up to the parenthesis after them."""
        while True:
            self.blanks(lines=True)
            if self.text.startswith(")", self.at):
                self.at += 1
                return
            if self.text.startswith("[", self.at) or not self.word(depth):
                raise Unsure
