"""Programs: what `requires` and `template-filter` hold.

A program is a list of expressions that all have to be true; in a text each line is one, in a
list each item. How the records of resources meet an expression depends on how it is written:

* without any `(` it is split at each ` or ` and ` and ` that has a blank on both sides, outside
  of strings and lists; each *part* is met by any combination of records, on its own;
* with a `(` anywhere, even in a comment, the whole is one part: one combination of records has
  to meet all of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from plainbox.expressions.nodes import And, Or, Unreadable, walk
from plainbox.expressions.parser import Parser
from plainbox.expressions.plan import Plan
from plainbox.expressions.tokens import ExpressionError, Rejected, Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plainbox.expressions.nodes import Node

MANIFEST: Final = "manifest"
"""The resource whose attributes are questions to the person."""


class Part:
    """What one combination of records has to meet, and the attributes it reads, in order."""

    def __init__(self, node: Node, attributes: Sequence[tuple[str, str]]) -> None:
        self.node = node
        self.attributes = tuple(attributes)
        self.names = tuple(dict.fromkeys(name for name, _ in attributes))

    @cached_property
    def plan(self) -> Plan:
        """How to look for such a combination."""
        return Plan([self.node])


class Expression:
    """One expression: true if all parts of any of its alternatives are met.

    `start` and `end` count from the start of the text of the field, or of the item of a list
    that `item` counts; the nodes count from there too.
    """

    __slots__ = ("alternatives", "attributes", "end", "item", "names", "start", "text")

    def __init__(
        self, text: str, start: int, item: int, alternatives: tuple[tuple[Part, ...], ...]
    ) -> None:
        self.text = text
        self.start = start
        self.end = start + len(text)
        self.item = item
        self.alternatives = alternatives
        self.attributes = tuple(
            dict.fromkeys(found for part in self.parts() for found in part.attributes)
        )
        """Resource and key of all that is read, in order."""
        self.names = tuple(dict.fromkeys(name for name, _ in self.attributes))
        """The resources, in the order in which they are first named."""

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    @property
    def joint(self) -> bool:
        """Whether one combination of records has to meet the whole."""
        return len(self.alternatives) == 1 and len(self.alternatives[0]) == 1

    @property
    def node(self) -> Node:
        """The syntax tree of the whole."""
        operands = [_joined(And, [part.node for part in parts]) for parts in self.alternatives]
        return _joined(Or, operands)

    def parts(self) -> Iterator[Part]:
        """All parts, in order."""
        for alternative in self.alternatives:
            yield from alternative

    def slice(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start - self.start : node.end - self.start]


class Program:
    """Expressions that all have to be true."""

    __slots__ = ("expressions", "manifest_attributes", "names")

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self.expressions = tuple(expressions)
        attributes = [found for expression in expressions for found in expression.attributes]
        self.names = tuple(dict.fromkeys(name for name, _ in attributes))
        """The resources, in the order in which they are first named."""
        self.manifest_attributes = tuple(
            dict.fromkeys(attribute for name, attribute in attributes if name == MANIFEST)
        )
        """The manifest entries that are read."""

    def __repr__(self) -> str:
        return f"Program({[expression.text for expression in self.expressions]!r})"


def parse_program(value: object) -> tuple[Program, list[ExpressionError]]:
    """Read the value of a field: a text, or a list of texts; `None` is an empty program.

    What is wrong is left out of the program and told in the list of errors.
    """
    expressions: list[Expression] = []
    errors: list[ExpressionError] = []
    for item, text, start, end in _pieces(value, errors):
        try:
            expressions.append(_parse(text, start, end, item))
        except Rejected as rejected:  # noqa: PERF203 - one mistake must not cost the other lines
            errors.append(replace(rejected.error, item=item))
    return Program(expressions), errors


def parse_expression(text: str) -> Expression | ExpressionError:
    """Read a single expression."""
    program, errors = parse_program([text])
    if errors:
        return errors[0]
    if not program.expressions:
        return ExpressionError("there is no expression", 0, len(text))
    return program.expressions[0]


def _pieces(value: object, errors: list[ExpressionError]) -> Iterator[tuple[int, str, int, int]]:
    """Item, text, start and end of each expression, stripped; comments and blanks left out."""
    if isinstance(value, str):
        start = 0
        for line in value.split("\n"):
            yield from _piece(0, value, start, start + len(line))
            start += len(line) + 1
    elif isinstance(value, list):
        for item, text in enumerate(value):
            if isinstance(text, str):
                yield from _piece(item, text, 0, len(text))
            else:
                errors.append(_not_text(text, item))
    elif value is not None:
        errors.append(_not_text(value, 0))


def _piece(item: int, text: str, start: int, end: int) -> Iterator[tuple[int, str, int, int]]:
    line = text[start:end]
    stripped = line.strip()
    if stripped and not (stripped[0] == "#" and "\n" not in stripped):
        start += len(line) - len(line.lstrip())
        yield item, text, start, start + len(stripped)


def _not_text(value: object, item: int) -> ExpressionError:
    hint = "put it in quotes" if isinstance(value, bool | int | float) else ""
    return ExpressionError(f"an expression is a text, not {type(value).__name__}", 0, 0, hint, item)


def _parse(text: str, start: int, end: int, item: int) -> Expression:
    tokens = tokenize(text, start, end)
    if text.find("\n", start, end) >= 0:
        _check_lines(text, tokens)
    alternatives = tuple(
        tuple(_part(part) for part in _split(text, alternative, "and"))
        for alternative in _split(text, tokens, "or")
    )
    expression = Expression(text[start:end], start, item, alternatives)
    if not expression.names:
        words = (node for node in walk(expression.node) if isinstance(node, Unreadable))
        word = next(words, None)
        hint = f"write `{word.text.split('.')[0]}.attribute`" if word else ""
        raise Rejected("the expression names no resource", start, end, hint)
    return expression


def _part(tokens: Sequence[Token]) -> Part:
    parser = Parser(tokens)
    return Part(parser.expression(), tuple(parser.attributes))


def _split(text: str, tokens: list[Token], word: str) -> list[list[Token]]:
    """Cut at each `word` that separates parts; each piece gets an end of its own."""
    end = tokens[-1]
    if text.find("(", tokens[0].start, end.end) >= 0:
        return [tokens]
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        kind = token.kind
        depth += (kind == "[") - (kind == "]")
        if kind == word and not depth and _blank(text, token.start - 1, token.end):
            pieces[-1].append(Token("end", "", token.start, token.start))
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _blank(text: str, before: int, behind: int) -> bool:
    return before >= 0 and text[before] == " " and text[behind : behind + 1] == " "


def _check_lines(text: str, tokens: list[Token]) -> None:
    """A line may end only in brackets, or where nothing follows."""
    depth = 0
    last = tokens[0].start
    for token in tokens[:-1]:
        if not depth and "\n" in text[last : token.start]:
            hint = "make it an item of its own, or put the whole in parentheses"
            raise Rejected("an item holds one expression", token.start, token.end, hint)
        depth += (token.kind in "([") - (token.kind in ")]")
        last = token.end


def _joined(kind: type[And | Or], operands: list[Node]) -> Node:
    if len(operands) == 1:
        return operands[0]
    return kind(tuple(operands), operands[0].start, operands[-1].end)
