"""From tokens to the syntax tree, one function a production.

The grammar::

    expression   = disjunction end
    disjunction  = conjunction {"or" conjunction}
    conjunction  = inversion {"and" inversion}
    inversion    = "not" inversion | comparison
    comparison   = operand {operator operand}
    operator     = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not" "in" | "is" ["not"]
    operand      = ["-"] number | string {string} | "True" | "False" | "None" | "..."
                 | name "(" items ")" | name {"." name} | "(" items ")" | "[" items "]"
    items        = [disjunction {"," disjunction} [","]]

Nesting is limited, so that no text can exhaust the stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.expressions.nodes import (
    And,
    Attribute,
    Call,
    Compare,
    Constant,
    Items,
    Link,
    Not,
    Or,
    Unreadable,
)
from plainbox.expressions.tokens import Rejected, Token, number_value, shorten, string_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plainbox.expressions.nodes import Node

FUNCTIONS: Final = frozenset({"len", "bool", "int", "float"})
MAX_DEPTH: Final = 64

_OPERATORS: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not", "is"})
_WORD_VALUES: Final = {"True": True, "False": False, "None": None, "...": ...}
_MISSPELT: Final = {
    "AND": "write `and`",
    "OR": "write `or`",
    "NOT": "write `not`",
    "IN": "write `in`",
    "if": "write one expression a line",
    "for": "list the values one by one",
    ">": "write `!=`, `<=` or `>=`",
    ",": "put several values in brackets: `['a', 'b']`",
}


class Parser:
    """Reads the tokens of one expression."""

    __slots__ = ("_depth", "_index", "_token", "_tokens", "attributes")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._token = tokens[0]
        self._depth = 0
        self.attributes: dict[tuple[str, str], None] = {}
        """Resource and key of all that is read, in order."""

    def expression(self) -> Node:
        """`disjunction end`; raise `Rejected` for anything else."""
        node = self._disjunction()
        if self._token.kind != "end":
            raise self._unexpected("an operator, `and` or `or`")
        return node

    def _disjunction(self) -> Node:
        """`conjunction {"or" conjunction}`."""
        start = self._token.start
        node = self._conjunction()
        if self._token.kind != "or":
            return node
        operands = [node]
        while self._token.kind == "or":
            self._next()
            operands.append(self._conjunction())
        return Or(tuple(operands), start, self._last_end())

    def _conjunction(self) -> Node:
        """`inversion {"and" inversion}`."""
        start = self._token.start
        node = self._inversion()
        if self._token.kind != "and":
            return node
        operands = [node]
        while self._token.kind == "and":
            self._next()
            operands.append(self._inversion())
        return And(tuple(operands), start, self._last_end())

    def _inversion(self) -> Node:
        """`"not" inversion | comparison`."""
        if self._token.kind != "not":
            return self._comparison()
        start = self._token.start
        self._next()
        self._deeper(start)
        operand = self._inversion()
        self._depth -= 1
        return Not(operand, start, self._last_end())

    def _comparison(self) -> Node:
        """`operand {operator operand}`."""
        start = self._token.start
        left = self._operand()
        if self._token.kind not in _OPERATORS:
            return left
        links = []
        while self._token.kind in _OPERATORS:
            operator = self._operator()
            links.append(Link(operator, self._operand()))
        return Compare(left, tuple(links), start, self._last_end())

    def _operator(self) -> str:
        """One of the operators; two of them are made of two words."""
        first = self._token
        self._next()
        if first.kind == "is" and self._token.kind == "not":
            self._next()
            return "is not"
        if first.kind != "not":
            return first.kind
        if self._token.kind != "in":
            raise Rejected(
                "`not` does not compare", first.start, first.end, "write `not in`, or `!=`"
            )
        self._next()
        return "not in"

    def _operand(self) -> Node:
        """A value, and a complaint about what people write behind values."""
        token = self._token
        node = self._value(token)
        following = self._token
        if following.kind == "[":
            hint = "values are text: compare them as a whole, or with `in`"
            raise Rejected("parts of a value cannot be picked", token.start, following.end, hint)
        if following.kind == "(":
            raise self._bad_call(node, token)
        if following.kind == "-":
            raise self._arithmetic(following)
        return node

    def _value(self, token: Token) -> Node:
        """Everything that `operand` can begin with."""
        kind = token.kind
        if kind == "name":
            return self._name()
        if kind == "string":
            return self._string()
        if kind in ("number", "-"):
            return self._number()
        if kind in _WORD_VALUES:
            self._next()
            return Constant(_WORD_VALUES[kind], token.start, token.end)
        if kind == "(":
            return self._parenthesis()
        if kind == "[":
            items, _ = self._items("]")
            return Items(tuple(items), list, token.start, self._last_end())
        if kind == "not":
            message = "`not` cannot stand here"
            raise Rejected(message, token.start, token.end, "put `(not ...)` in parentheses")
        raise self._unexpected("a value")

    def _name(self) -> Node:
        """`name "(" items ")" | name {"." name}`."""
        token = self._token
        self._next()
        if self._token.kind == "(" and token.text in FUNCTIONS:
            items, _ = self._items(")")
            return Call(token.text, tuple(items), token.start, self._last_end())
        words = [token.text]
        while self._token.kind == ".":
            self._next()
            if self._token.kind != "name":
                raise self._unexpected("the name of an attribute")
            words.append(self._token.text)
            self._next()
        if len(words) != 2:  # noqa: PLR2004 - a resource and a key
            return Unreadable(".".join(words), token.start, self._last_end())
        self.attributes[words[0], words[1]] = None
        return Attribute(words[0], words[1], token.start, self._last_end())

    def _string(self) -> Node:
        """`string {string}`: neighbours are joined."""
        first = self._token
        value = string_value(first)
        self._next()
        if self._token.kind != "string":
            return Constant(value, first.start, first.end)
        parts = [value]
        while self._token.kind == "string":
            part = string_value(self._token)
            if type(part) is not type(value):
                raise Rejected("bytes and text cannot be joined", first.start, self._token.end)
            parts.append(part)
            self._next()
        empty = value[:0]
        return Constant(empty.join(parts), first.start, self._last_end())  # type: ignore[arg-type]

    def _number(self) -> Node:
        """`["-"] number`."""
        start = self._token.start
        negative = self._token.kind == "-"
        if negative:
            sign = self._token
            self._next()
            if self._token.kind != "number":
                raise self._arithmetic(sign)
        value = number_value(self._token)
        self._next()
        return Constant(-value if negative else value, start, self._last_end())

    def _parenthesis(self) -> Node:
        """`"(" items ")"`: one item without a comma is that item."""
        start = self._token.start
        items, comma = self._items(")")
        if len(items) == 1 and not comma:
            return items[0]
        return Items(tuple(items), tuple, start, self._last_end())

    def _items(self, closing: str) -> tuple[list[Node], bool]:
        """`[disjunction {"," disjunction} [","]]` in brackets; and whether a comma was seen."""
        self._deeper(self._token.start)
        self._next()
        items: list[Node] = []
        comma = False
        while self._token.kind != closing:
            items.append(self._disjunction())
            if self._token.kind != ",":
                break
            comma = True
            self._next()
        if self._token.kind != closing:
            raise self._unexpected(f"`{closing}`")
        self._next()
        self._depth -= 1
        return items, comma

    def _next(self) -> None:
        self._index += 1
        self._token = self._tokens[self._index]

    def _last_end(self) -> int:
        return self._tokens[self._index - 1].end

    def _deeper(self, start: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"the expression is nested more than {MAX_DEPTH} levels deep"
            raise Rejected(message, start, start + 1)

    def _unexpected(self, expected: str) -> Rejected:
        _, text, start, end = self._token
        if not text or text[0] == "#":
            message = f"the expression ends where {expected} is expected"
            return Rejected(message, start, start)
        hint = _MISSPELT.get(text, "")
        return Rejected(f"`{shorten(text)}` stands where {expected} is expected", start, end, hint)

    def _arithmetic(self, token: Token) -> Rejected:
        message = "`-` is arithmetic, which is not part of the language"
        return Rejected(message, token.start, token.end, "compare with a constant")

    def _bad_call(self, node: Node, token: Token) -> Rejected:
        if not isinstance(node, Unreadable | Attribute):
            return self._unexpected("an operator, `and` or `or`")
        hint = "only len, bool, int and float can be called"
        if token.text == "str":
            hint = "values are text already"
        method = isinstance(node, Attribute) or "." in node.text
        what = "methods" if method else f"`{shorten(token.text)}`"
        return Rejected(f"{what} cannot be called", token.start, self._last_end(), hint)
