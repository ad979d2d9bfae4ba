"""What is found without any records: the impossible, the ambiguous, and what Checkbox refuses."""

from __future__ import annotations

import pytest

from plainbox.expressions import (
    Expression,
    Reading,
    ambiguous_and,
    differs_from_incumbent,
    never_true,
    parse_expression,
    parse_program,
)


def findings(text: str) -> list[tuple[str, str, str, bool]]:
    program, errors = parse_program(text)
    assert not errors
    return [
        (text[found.start : found.end], found.reason, found.hint, found.whole)
        for found in never_true(program)
    ]


NO_VALUE = "no value of `a.x` meets all of this"
WORD = "write 'word' in quotes, or `word.attribute`"
QUOTES = "values are text: write `int(a.x)`, or '1' in quotes"


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("a.x == 1", "`a.x` is text and never equals `1`", QUOTES),
        ("1 == a.x", "`1` is a number and never equals `a.x`", QUOTES),
        (
            "a.x == True",
            "`a.x` is text and never equals `True`",
            "values are text: write 'True' in quotes",
        ),
        (
            "a.x is None",
            "`a.x` is text and never is `None`",
            "an attribute that a record lacks is an empty text: `a.x == ''`",
        ),
        ("a.x == b'1'", "`a.x` is text and never equals `b'1'`", "write the text without the `b`"),
        (
            "a.x == int(b.x)",
            "`a.x` is text and never equals `int(b.x)`",
            "values are text: write `int(a.x)`",
        ),
        ("int(a.x) == '1'", "`int(a.x)` is a number and never equals `'1'`", ""),
        (
            "a.x == ...",
            "`a.x` is text and never equals `...`",
            "values are text: write '...' in quotes",
        ),
        ("a.x == ['1']", "`a.x` is text and never equals `['1']`", ""),
        ("a.x == ('1',)", "`a.x` is text and never equals `('1',)`", ""),
        ("a.x == (not b.x)", "`a.x` is text and never equals `not b.x`", ""),
        ("a.x < 1", "`a.x` and `1` have no order", QUOTES),
        ("not a.x < 1", "`a.x` and `1` have no order", QUOTES),
        ("None < None == a.x", "`None` and `None` have no order", ""),
        ("'1' < a.x < 1", "`a.x` and `1` have no order", QUOTES),
        ("(a.x < 1 or a.y)", "`a.x` and `1` have no order", QUOTES),
        ("a.x == 1 or a.x == 1", "`a.x` is text and never equals `1`", QUOTES),
        ("a.x in [1, 2]", "`a.x` is never in `[1, 2]`", QUOTES),
        ("a.x in []", "`a.x` is never in `[]`", ""),
        ("a.x in 1", "`a.x` cannot be looked for in `1`", "write a list of texts"),
        ("a.x not in None", "`a.x` cannot be looked for in `None`", "write a list of texts"),
        ("1 in a.x", "`1` cannot be looked for in `a.x`", "values are text"),
        ("(a.x == '1' and a.x == '2')", NO_VALUE, ""),
        ("(a.x == '1' and '1' != a.x)", NO_VALUE, ""),
        (
            "(a.x in ['1', '2'] and a.x not in ['1', '2'])",
            NO_VALUE,
            "",
        ),
        ("(a.x in ['1', '2'] and a.x > '2')", NO_VALUE, ""),
        ("(a.x in ['1', '2'] and a.x < '1')", NO_VALUE, ""),
        (
            "(a.x == '1' and b.y and (c.z and a.x == '2'))",
            NO_VALUE,
            "",
        ),
        ("(int(a.x) > 5 and int(a.x) < 3)", "no value of `int(a.x)` meets all of this", ""),
        ("int(a.x) > 5 and 5 > int(a.x)", "no value of `int(a.x)` meets all of this", ""),
        ("(a.x >= 'b' and a.x < 'b')", NO_VALUE, ""),
        ("3 < int(a.x) < 2", "no value of `int(a.x)` meets all of this", ""),
        ("a.x and False", "`False` is never true", ""),
        ("a.x and []", "`[]` is never true", ""),
        ("a.x and not 1", "`not 1` is never true", ""),
        ("a.x == word", "`word` has no value", WORD),
        ("word == a.x", "`word` has no value", WORD),
        (
            "a.x == b.x == word",
            "`word` has no value",
            WORD,
        ),
        (
            "a.x in ['1', word]",
            "`word` has no value",
            WORD,
        ),
        ("a.x and b.y.z", "`b.y.z` has no value", "values are text and have no attributes"),
    ],
)
def test_what_can_never_be_true_is_found(text: str, reason: str, hint: str) -> None:
    assert [found[1:] for found in findings(text)] == [(reason, hint, True)]


def test_what_has_no_order_is_left_alone() -> None:
    assert not findings("(float(a.x) in [None, 5] and float(a.x) < 3)")


def test_an_operand_of_or_that_can_never_be_true_is_marked() -> None:
    text = "a.x == 1 or a.x == '1'"
    assert [(found[0], found[3]) for found in findings(text)] == [("a.x == 1", False)]
    text = "a.x and (b.y or (c.z == '1' and c.z == '2') or (a.y and (a.z or a.z == 3)))"
    assert [(found[0], found[3]) for found in findings(text)] == [
        ("a.z == 3", False),
        ("c.z == '1' and c.z == '2'", False),
    ]
    assert [found[3] for found in findings("a.x < 1 or a.x == '1'")] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "a.x == '1' and a.x == '2'",
        "(a.x == '1' and b.x == '2')",
        "(a.x == '1' or a.x == '2')",
        "(a.x == '1' and (a.x == '1' or a.x == '2'))",
        "(a.x > 'a' and a.x < 'b')",
        "(a.x >= 'a' and a.x <= 'a')",
        "(a.x in ['1', '2'] and a.x >= '1' and a.x <= '2')",
        "int(a.x) > 1 and int(a.x) < 2",
        "int(a.x, 16) > 2 and int(a.x, 16) < 1",
        "int(a.x == 'b') > 2 and int(a.x == 'b') < 1",
        "(a.x < 'b' and a.x < a.y)",
        "a.x in ['1', 2]",
        "a.x in [b.y]",
        "a.x in (b.y and b.z)",
        "a.x in 'abc' and (a.x)",
        "a.x != 1",
        "a.x not in [1]",
        "(a.x or 1) == 1",
        "not (a.x == 1)",
        "a.x == '1' and not 0",
        "a.x or ['1']",
        "a.x in [1, ('1', a.y)] or a.x",
        "(len(a.x) in [1] and len(a.x) < 2)",
        "(int(a.x) > 5 and int(a.x) < 1j)",
        "('a', 'b') == (a.x, a.y)",
    ],
)
def test_what_may_be_true_is_not_reported(text: str) -> None:
    assert not [found for found in findings(text) if found[3]]


@pytest.mark.parametrize(
    ("text", "marked", "reading", "resource"),
    [
        ("a.x == '1' and a.y == '2'", "a.x == '1' and a.y == '2'", Reading.SPLIT, "a"),
        ("b.z or a.x == '1' and a.y", "a.x == '1' and a.y", Reading.SPLIT, "a"),
        ("a.x != '1' and a.x != '2'", "a.x != '1' and a.x != '2'", Reading.SPLIT, "a"),
        ("int(a.x) > 1 and a.y == '2'", "int(a.x) > 1 and a.y == '2'", Reading.JOINT, "a"),
        ("a.x in ('1', '2') and a.y", "a.x in ('1', '2') and a.y", Reading.JOINT, "a"),
        ("a.x == '1' and\ta.y == '2'", "a.x == '1' and\ta.y == '2'", Reading.JOINT, "a"),
        ("b.x == a.y and a.x and manifest.c", "b.x == a.y and a.x", Reading.SPLIT, "a"),
    ],
)
def test_an_and_that_could_be_read_otherwise_is_found(
    text: str, marked: str, reading: Reading, resource: str
) -> None:
    program, _ = parse_program(text)
    (found,) = ambiguous_and(program)
    assert text[found.start : found.end].startswith(marked)
    assert (found.reading, found.resource) == (reading, resource)
    assert len(found.example[resource]) > 1


@pytest.mark.parametrize(
    "text",
    [
        "a.x == '1'",
        "a.x == '1' or a.y == '2'",
        "a.x == '1' and b.y == '2'",
        "(a.x == '1' and a.y == '2')",
        "( a.x == '1' and a.y == '2' or a.z )",
        "(a.x == '1' and a.y == '2') or b.x",
        "manifest.x == 'True' and manifest.y == 'True'",
        "a.x == '1' and a.x == '1'",
        "a.x == 1 and a.y == '1'",
        "a.x == '1' and (b.y == '2' or b.y == '3')",
    ],
)
def test_an_and_that_is_clear_is_not_reported(text: str) -> None:
    program, errors = parse_program(text)
    assert not errors
    assert not ambiguous_and(program)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.x == '1' and a.y", None),
        ("int(a.x) > 1 and a.y == '('", None),
        ("(a.x == 'p or q' and a.y)", None),
        ("a.x and\ta.y  # that", None),
        ("a.x in ['1', '2'] or a.y", None),
        ("a.x == '-1'", None),
        ("not a.x", "Checkbox refuses `not`"),
        ("int(a.x) == -1", "Checkbox refuses negative numbers"),
        ("a.class", "Checkbox refuses `a.class`, which has a word of Python's"),
        ("class.x", "Checkbox refuses `class.x`, which has a word of Python's"),
        ("int(a.x) > 1", "Checkbox refuses an expression that names resources only in calls"),
        ("int(a.x) > 1 and b.y", "Checkbox does not see `a`, which is named only in a call"),
        ("a.x and True", "Checkbox ends the session over `True`, which names no resource"),
        ("a.x == 'p or q'", "Checkbox cuts the expression in a text"),
        ("a.x == 'p and q'", "Checkbox cuts the expression in a text"),
        ("a.x # this and that", "Checkbox cuts the expression in a comment"),
        ("a.x in [b.y or c.z]", "Checkbox cuts the expression in a list"),
    ],
)
def test_what_checkbox_reads_otherwise_is_told(text: str, reason: str | None) -> None:
    expression = parse_expression(text)
    assert isinstance(expression, Expression)
    assert differs_from_incumbent(expression) == reason
