"""The words of a shell text: quotes, expansions, redirections, here-documents, comments.

How commands are made of words is told in `reading`.
"""

from __future__ import annotations

import re

_BLANKS = re.compile(r"(?:[ \t]|\\\n)+")
_COMMENT = re.compile(r"#[^\n]*")
PLAIN = re.compile(r"[^\s\\'\"$`|&;()<>]+")
_IN_QUOTES = re.compile(r'(?:[^"\\$`]|\\.|\$(?![({\'"]))+', re.DOTALL)
_EXPANSION = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9*@#?$!-]|(?![({'\"]))")
_SIMPLE_BRACES = re.compile(
    r"\$\{[!#]?[A-Za-z_0-9@*?#-]+(?:[^\w@*?#{}\"'`$\\-]"
    r"(?:[^{}\"'`$\\]|\$[A-Za-z_]\w*|\$\{\w+\})*)?\}"
)
ARITHMETIC = re.compile(r"\$?\(\((?:[^()'\"`\\]|\([^()'\"`\\]*\))*\)\)")
_PLAIN_BACKTICKS = re.compile(r"`[\w\s./=:,%+@-]*(?:\|[\w\s./=:,%+@-]+)*`")
_DOLLAR_QUOTES = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.DOTALL)
_REDIRECTION = re.compile(r"[0-9]*(?:<<-|<<<|<<|<>|<&|>>|>\||>&|<(?!\()|>(?!\())|&>>?")
_HERE_END = re.compile(r"[ \t]*(['\"]?)([\w.!%-]+)\1")


class Unsure(Exception):
    """Only a shell can tell."""


class Open(Exception):
    """A quote is never closed."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


class Words:
    """One text and how far it is read; each method reads what it is called after."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.pending: list[tuple[str, bool]] = []
        """The ends of here-documents that begin after this line; True with `<<-`."""

    def closed(self, end: str, depth: int) -> None:
        """Commands and the word that ends them."""
        raise NotImplementedError

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
                if self.at > 1 and text.startswith("\\\n", self.at - 2):
                    raise Unsure
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
                    raise Unsure
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
        found = PLAIN.match(text, self.at)
        if found is None:
            return ""
        word = found.group()
        ends = text[found.end() : found.end() + 1]
        if ends == "\\" and text.startswith("\n", found.end() + 1):
            raise Unsure
        return "" if ends and ends in "\\'\"$`" else word

    def take(self, word: str) -> None:
        """The word, which is known to come next."""
        if not self.text.startswith(word, self.at):
            raise Unsure
        self.at += len(word)

    def matched(self, form: re.Pattern[str]) -> None:
        """Something that has to have a form."""
        found = form.match(self.text, self.at)
        if found is None:
            raise Unsure
        self.at = found.end()

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
                raise Unsure
            self.pending.append((end[2], operator == "<<-"))
            self.at = end.end()
            return True
        self.blanks(lines=False)
        if _REDIRECTION.match(self.text, self.at) or not self.word(depth):
            raise Unsure
        return True

    def word(self, depth: int) -> bool:
        """One word, if one comes next."""
        start = self.at
        text = self.text
        if text.startswith("#", start):
            raise Unsure
        while self.at < len(text):
            plain = PLAIN.match(text, self.at)
            if plain:
                self.at = plain.end()
            elif not self.part(depth, first=self.at == start):
                break
        return self.at > start

    def part(self, depth: int, *, first: bool) -> bool:
        """A part of a word that is not plain, if one comes next."""
        text = self.text
        character = text[self.at]
        if character == "'":
            self.single()
        elif character == '"':
            self.double(depth)
        elif character in "$`":
            self.expansion(depth)
        elif character in "<>" and text.startswith("(", self.at + 1):
            self.at += 2
            self.closed(")", depth + 1)
        elif character == "\\" and not text.startswith("\n", self.at + 1):
            if self.at + 1 == len(text):
                raise Unsure
            self.at += 2
        elif character == "(" and not first:
            raise Unsure
        else:
            return False
        return True

    def single(self) -> None:
        """A text in single quotes."""
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Open(self.at)
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
        raise Open(start)

    def expansion(self, depth: int) -> None:
        """What begins with a dollar sign or a backtick."""
        text = self.text
        for form in (_EXPANSION, _SIMPLE_BRACES, ARITHMETIC, _DOLLAR_QUOTES, _PLAIN_BACKTICKS):
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
        raise Unsure
