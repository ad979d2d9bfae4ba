"""What is accepted, what is refused, and what is said about it."""

from __future__ import annotations

import pytest

from plainbox.expressions import Expression, ExpressionError, parse_expression, parse_program
from plainbox.expressions.nodes import Constant, walk


@pytest.mark.parametrize(
    "text",
    [
        "a.x == '1'",
        'a.x != "1"',
        "a.x < '1'",
        "a.x <= '1'",
        "a.x > '1'",
        "a.x >= '1'",
        "a.x in ['1']",
        "a.x in ('1', '2')",
        "a.x in ()",
        "a.x in ('1',)",
        "a.x not in ['1', '2',]",
        "a.x is None",
        "a.x is not True",
        "'1' < a.x < '3' != b.y",
        "a.x",
        "a . x",
        "not a.x",
        "not not a.x == '1'",
        "int(a.x) == -1",
        "int(a.x, 16) > 0x1f",
        "float(a.x) < 1.5e3",
        "len(a.x) > 1_000",
        "bool(a.x) == False",
        "a.x == ...",
        "a.x == 1j",
        "a.x == 'a' \"b\"",
        "a.x == '''it's'''",
        "a.x == b'a' b'b'",
        "a.x == r'\\d'",
        "a.x == '1'  # why",
        "((a.x))",
        "a.x == '1' and True",
        "a.class == '1'",
        "a.x == word or a.y.z",
        "größe.x == 'ü'",
    ],
)
def test_the_language_is_accepted(text: str) -> None:
    assert isinstance(parse_expression(text), Expression)


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        ("a.x = '1'", "=", "`=` does not compare", "write `==`"),
        ("a.x := '1'", ":=", "`:=` is not part of the language", "write `==`"),
        ("a.x && b.x", "&&", "`&&` is not part of the language", "write `and`"),
        ("a.x & b.x", "&", "`&` is not part of the language", "write `and`"),
        ("a.x || b.x", "||", "`||` is not part of the language", "write `or`"),
        ("a.x | b.x", "|", "`|` is not part of the language", "write `or`"),
        ("!a.x", "!", "`!` is not part of the language", "write `not`, or `!=`"),
        (
            "a.x == \u20181\u2019",
            "\u2018",
            "`\u2018` is not a quote of the language",
            "write `'` or `\"`",
        ),
        ("a.x\u00a0== '1'", "\u00a0", "there is a no-break space", "write an ordinary space"),
        ("a.x == '1", "'1", "the closing quote is missing", "write `'` after the text"),
        ('a.x == "1', '"1', "the closing quote is missing", 'write `"` after the text'),
        ("a.x == '''1", "'''1", "the closing quote is missing", "write `'` after the text"),
        (
            "a.x + 1 == 2",
            "+",
            "`+` is arithmetic, which is not part of the language",
            "compare with a constant",
        ),
        (
            "int(a.x) - 1",
            "-",
            "`-` is arithmetic, which is not part of the language",
            "compare with a constant",
        ),
        (
            "-a.x == 1",
            "-",
            "`-` is arithmetic, which is not part of the language",
            "compare with a constant",
        ),
        (
            "a.x[0] == '1'",
            "a.x[",
            "parts of a value cannot be picked",
            "values are text: compare them as a whole, or with `in`",
        ),
        (
            "a.x.lower() == '1'",
            "a.x.lower",
            "methods cannot be called",
            "only len, bool, int and float can be called",
        ),
        (
            "a.lower() == '1'",
            "a.lower",
            "methods cannot be called",
            "only len, bool, int and float can be called",
        ),
        ("str(a.x) == '1'", "str", "`str` cannot be called", "values are text already"),
        (
            "open(a.x) == '1'",
            "open",
            "`open` cannot be called",
            "only len, bool, int and float can be called",
        ),
        ("'x'(a.x)", "(", "`(` stands where an operator, `and` or `or` is expected", ""),
        (
            "a.x == '1';",
            ";",
            "`;` is not part of the language",
            "write each expression on a line of its own",
        ),
        ("a.x or \\", "\\", "a line cannot be continued", "write the whole expression on one line"),
        ("a.x in {'1'}", "{", "`{` is not part of the language", "write a list in `[` and `]`"),
        ("a.x ? b.x", "?", "`?` is not part of the language", ""),
        ("a.x or", "", "the expression ends where a value is expected", ""),
        ("a.x ==  # what", "", "the expression ends where a value is expected", ""),
        ("(a.x", "", "the expression ends where `)` is expected", ""),
        ("[a.x, ", "", "the expression ends where a value is expected", ""),
        ("[a.x 'b']", "'b'", "`'b'` stands where `]` is expected", ""),
        ("a.x)", ")", "`)` stands where an operator, `and` or `or` is expected", ""),
        ("a.x <> '1'", ">", "`>` stands where a value is expected", "write `!=`, `<=` or `>=`"),
        (
            "a.x AND b.x",
            "AND",
            "`AND` stands where an operator, `and` or `or` is expected",
            "write `and`",
        ),
        (
            "a.x in '1', '2'",
            ",",
            "`,` stands where an operator, `and` or `or` is expected",
            "put several values in brackets: `['a', 'b']`",
        ),
        ("a. == '1'", "==", "`==` stands where the name of an attribute is expected", ""),
        ("a.x not '1'", "not", "`not` does not compare", "write `not in`, or `!=`"),
        ("a.x == not b.x", "not", "`not` cannot stand here", "put `(not ...)` in parentheses"),
        ("a.x == f'{b}'", "f'{b}'", "texts cannot be formatted here", "write a plain text"),
        ("a.x == 007", "007", "`007` is not a number", "write it without leading zeros"),
        ("a.x == " + "9" * 5000, "9" * 5000, "`" + "9" * 39 + "…` is not a number", ""),
        ("a.x == b'é'", "b'é'", "bytes hold ASCII only", ""),
        ("a.x == b'\\né'", "b'\\né'", "bytes hold ASCII only", ""),
        ("a.x == b'a' 'b'", "b'a' 'b'", "bytes and text cannot be joined", ""),
        (r"a.x == '\x1'", r"'\x1'", r"`\x` is not a character", ""),
        (r"a.x == '\N{nothing}'", r"'\N{nothing}'", r"`\N{nothing}` is not a character", ""),
        ("'a' == 'b'", "'a' == 'b'", "the expression names no resource", ""),
        ("word", "word", "the expression names no resource", "write `word.attribute`"),
        ("a.x.y", "a.x.y", "the expression names no resource", "write `a.attribute`"),
        ("", "", "there is no expression", ""),
        ("# nothing", "# nothing", "there is no expression", ""),
    ],
)
def test_what_is_refused_is_marked_named_and_mended(
    text: str, marked: str, message: str, hint: str
) -> None:
    error = parse_expression(text)
    assert isinstance(error, ExpressionError)
    assert text[error.start : error.end] == marked
    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    "text", ["(" * 500 + "a.x" + ")" * 500, "[" * 500, "not " * 500 + "a.x", "int(" * 500]
)
def test_deep_nesting_is_an_error(text: str) -> None:
    error = parse_expression(text)
    assert isinstance(error, ExpressionError)
    assert error.message == "the expression is nested more than 64 levels deep"


def test_moderate_nesting_is_accepted() -> None:
    assert isinstance(parse_expression("(" * 60 + "a.x" + ")" * 60), Expression)


def test_long_chains_are_accepted() -> None:
    for word in (" and ", " or ", "\tand\t", "\tor\t", " < "):
        assert isinstance(parse_expression(word.join(["a.x"] * 5000)), Expression)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("-1", -1),
        ("- 1.5", -1.5),
        ("0b11", 3),
        ("0o17", 15),
        ("0XfF", 255),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("2j", 2j),
        (r"'\t\101\x41\u0041\U00000041\N{LATIN SMALL LETTER A}\q'", "\tAAAAa\\q"),
        (r"r'\t'", "\\t"),
        (r"b'\x41\377\q\u0041'", b"A\xff\\q\\u0041"),
        (r"Rb'\x'", b"\\x"),
        ('"it\'s"', "it's"),
        ("'''a''b'''", "a''b"),
        ("'a' 'b' r'\\c'", "ab\\c"),
        ("...", ...),
        ("None", None),
    ],
)
def test_literals_are_those_of_python(literal: str, value: object) -> None:
    expression = parse_expression(f"a.x == {literal}")
    assert isinstance(expression, Expression)
    constants = [node for node in walk(expression.node) if isinstance(node, Constant)]
    assert [constant.value for constant in constants] == [value]
    assert expression.slice(constants[0]) == literal


def test_a_text_holds_one_expression_a_line() -> None:
    text = "a.x == '1'\n\n  # only a comment\n  b.y == '2'  # why\r\n"
    program, errors = parse_program(text)
    assert not errors
    assert [expression.text for expression in program.expressions] == [
        "a.x == '1'",
        "b.y == '2'  # why",
    ]
    assert [expression.start for expression in program.expressions] == [0, 33]
    assert repr(program) == """Program(["a.x == '1'", "b.y == '2'  # why"])"""
    assert repr(program.expressions[0]) == """Expression("a.x == '1'")"""


def test_a_bad_line_costs_only_itself() -> None:
    program, errors = parse_program("a.x = '1'\nb.y == '2'\nc")
    assert [expression.text for expression in program.expressions] == ["b.y == '2'"]
    assert [(error.start, error.end, error.item) for error in errors] == [(4, 5, 0), (21, 22, 0)]


def test_a_list_holds_one_expression_an_item() -> None:
    value = ["  a.x == '1'", "", "b.y == '2'\n", "(c.z == '3'  # why\n or\n # so\n c.z)\n# end"]
    program, errors = parse_program(value)
    assert not errors
    assert [(found.item, found.start) for found in program.expressions] == [(0, 2), (2, 0), (3, 0)]


def test_an_item_with_two_lines_of_expressions_is_refused() -> None:
    program, errors = parse_program(["a.x == '1'\nb.y == '2'", "c.z"])
    assert [expression.text for expression in program.expressions] == ["c.z"]
    assert [(error.message, error.start, error.item) for error in errors] == [
        ("an item holds one expression", 11, 0)
    ]


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (True, "an expression is a text, not bool", "put it in quotes"),
        ({}, "an expression is a text, not dict", ""),
        ([1], "an expression is a text, not int", "put it in quotes"),
    ],
)
def test_what_is_no_text_is_refused(value: object, message: str, hint: str) -> None:
    program, errors = parse_program(value)
    assert not program.expressions
    assert [(error.message, error.hint) for error in errors] == [(message, hint)]


@pytest.mark.parametrize("value", [None, "", [], "\n \n"])
def test_nothing_is_an_empty_program(value: object) -> None:
    program, errors = parse_program(value)
    assert (program.expressions, program.names, errors) == ((), (), [])


def test_names_come_in_the_order_in_which_they_first_appear() -> None:
    program, _ = parse_program("b.x == a.y and b.z\nint(c.x) > 1 and a.x and [d.x]")
    assert program.names == ("b", "a", "c", "d")
    assert program.expressions[0].names == ("b", "a")
    assert program.expressions[1].attributes == (("c", "x"), ("a", "x"), ("d", "x"))


def test_manifest_entries_are_known() -> None:
    program, _ = parse_program("manifest.b == 'True'\n(a.x or manifest.a or manifest.b)")
    assert program.manifest_attributes == ("b", "a")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.x and a.y or a.z", [["a.x", "a.y"], ["a.z"]]),
        ("a.x  and  a.y", [["a.x", "a.y"]]),
        ("a.x and\ta.y", [["a.x and\ta.y"]]),
        ("a.x == '1'and a.y", [["a.x == '1'and a.y"]]),
        ("a.x or\ta.y and a.z", [["a.x or\ta.y", "a.z"]]),
        ("a.x and (a.y)", [["a.x and (a.y"]]),
        ("a.x and a.y == '('", [["a.x and a.y == '('"]]),
        ("a.x and a.y # (", [["a.x and a.y"]]),
        ("a.x and a.y # that", [["a.x", "a.y"]]),
        ("a.x == 'p or q' and a.y", [["a.x == 'p or q'", "a.y"]]),
        ("a.x in [b.y or c.z]", [["a.x in [b.y or c.z]"]]),
        ("not a.x and not a.y", [["not a.x", "not a.y"]]),
    ],
)
def test_an_expression_is_split_where_checkbox_would(text: str, parts: list[list[str]]) -> None:
    expression = parse_expression(text)
    assert isinstance(expression, Expression)
    found = [[expression.slice(part.node) for part in found] for found in expression.alternatives]
    assert [[part.rstrip(")") for part in parts] for parts in found] == parts
    assert expression.joint is (len(parts) == 1 == len(parts[0]))
