"""Laws that hold for all expressions and all records:

1. the evaluator answers as trying every combination of records does;
2. nothing raises, whatever text is read;
3. what can never be true never is;
4. an ambiguity comes with records that prove it;
5. a report agrees with the answer;
6. literals have the values that Python gives them.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.expressions.naive import naive_true
from tests.expressions.strategies import expressions, resources, texts

from plainbox.expressions import (
    ExpressionError,
    Verdict,
    ambiguous_and,
    differs_from_incumbent,
    evaluate,
    explain,
    never_true,
    parse_expression,
    parse_program,
)
from plainbox.expressions.nodes import Constant
from plainbox.expressions.parser import Parser
from plainbox.expressions.tokens import Rejected, tokenize

if TYPE_CHECKING:
    from plainbox.expressions import Record

Resources = dict[str, list["Record"]]


@settings(max_examples=1500, deadline=None)
@given(expressions, resources)
def test_the_answer_is_that_of_trying_every_combination(text: str, found: Resources) -> None:
    program, _ = parse_program(text)
    answer = evaluate(program, found)
    expected = all(naive_true(expression, found) for expression in program.expressions)
    assert answer.verdict is (Verdict.TRUE if expected else Verdict.FALSE)


@settings(max_examples=600, deadline=None)
@given(expressions, resources)
def test_what_can_never_be_true_never_is(text: str, found: Resources) -> None:
    program, _ = parse_program(text)
    for impossible in never_true(program):
        if impossible.whole:
            assert not naive_true(impossible.expression, found)


@settings(max_examples=300, deadline=None)
@given(expressions, resources)
def test_a_report_agrees_with_the_answer(text: str, found: Resources) -> None:
    program, _ = parse_program(text)
    for report in explain(program, found):
        expected = naive_true(report.expression, found)
        assert report.verdict is (Verdict.TRUE if expected else Verdict.FALSE)
        for comparison in report.comparisons:
            assert not comparison.met or comparison.verdict is Verdict.TRUE


@settings(max_examples=800, deadline=None)
@given(st.one_of(texts, st.lists(st.one_of(texts, st.integers()))))
def test_nothing_raises_whatever_is_written(value: object) -> None:
    program, errors = parse_program(value)
    for error in errors:
        assert error.message
        assert 0 <= error.start <= error.end
    never_true(program)
    ambiguous_and(program)
    for expression in program.expressions:
        differs_from_incumbent(expression)
    explain(program, {"a": [{"x": "1"}]})


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_offsets_point_to_the_text_of_a_node(text: str) -> None:
    padded = f"\n  {text}\n"
    program, _ = parse_program(padded)
    for expression in program.expressions:
        assert padded[expression.start : expression.end] == expression.text
        for comparison in explain(program, {})[0].comparisons:
            assert padded[comparison.start : comparison.end] == comparison.text


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_the_other_reading_is_proved_by_an_example(text: str) -> None:
    program, _ = parse_program(text)
    for ambiguity in ambiguous_and(program):
        body = text[ambiguity.start : ambiguity.end]
        joint = parse_expression(f"({body})")
        assert not isinstance(joint, ExpressionError)
        example: Resources = {name: [{}] for name in joint.names}
        example.update((name, list(found)) for name, found in ambiguity.example.items())
        assert not naive_true(joint, example)


_LITERALS = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "r", "b", "Rb", "bR", "u"]),
        st.just("'"),
        st.lists(
            st.sampled_from(
                [*'ab0178xuNU{}"é ', "\\", "\\n", "\\x41", "\\u00e9", "\\N{DIGIT ONE}", "\\777"]
            )
        ).map("".join),
        st.just("'"),
    ),
    st.text("0123456789_.eExXoObBjJ+-a", max_size=8),
)


@settings(max_examples=1500, deadline=None)
@given(_LITERALS)
def test_literals_have_the_values_that_python_gives_them(text: str) -> None:
    ours = _our_value(text)
    theirs = _value_of_python(text)
    if isinstance(ours, Constant):
        assert repr(ours.value) == repr(theirs)
    elif not any(operator in text for operator in "+-"):
        assert theirs is _NONE


_NONE = object()


def _our_value(text: str) -> object:
    try:
        return Parser(tokenize(text, 0, len(text))).expression()
    except Rejected:
        return _NONE


def _value_of_python(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return _NONE
