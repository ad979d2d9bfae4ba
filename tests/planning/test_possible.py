from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.planning.possible import could_match

LETTERS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]"])
EXPRESSIONS = st.recursive(
    LETTERS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=5,
)
SHAPES = st.lists(st.sampled_from(["", "a", "b", "ab"]), min_size=1, max_size=3)
TEXTS = ["".join(letters) for size in range(6) for letters in itertools.product("ab", repeat=size)]


@given(EXPRESSIONS, SHAPES)
def test_an_expression_that_matches_a_text_of_the_shape_could_match(
    expression: str, shape: list[str]
) -> None:
    wanted = re.compile(".*".join(shape))
    if any(re.fullmatch(expression, text) and wanted.fullmatch(text) for text in TEXTS):
        assert could_match(expression, shape)


@given(EXPRESSIONS, st.sampled_from(TEXTS))
def test_of_a_text_without_holes_the_answer_is_that_of_the_expression(
    expression: str, text: str
) -> None:
    assert could_match(expression, [text]) == bool(re.fullmatch(expression, text))


@pytest.mark.parametrize(
    ("expression", "shape", "could"),
    [
        ("disk/.*_(sd|nvme).*", ["disk/", "_x"], True),
        ("disk/.*_(sd|nvme)", ["disk/", "_x"], False),
        (r"ns::disk/\d+", ["ns::disk/", ""], True),
        (r"ns::disk/\d+", ["ns::disk/a", ""], False),
        (r"a\.b", ["a.b"], True),
        ("^a$", ["a"], True),
        ("(?P<x>a)b", ["a", ""], True),
        ("a{,2}", ["aaa"], False),
        ("a{x}", ["a{x}"], True),
    ],
)
def test_holes_can_be_anything(expression: str, shape: list[str], *, could: bool) -> None:
    assert could_match(expression, shape) is could


@pytest.mark.parametrize("expression", ["(?!a)b", r"(a)\1", "(?i:a)", "a{99}", "[", "(a", r"\Z"])
def test_what_is_not_known_could_always_match(expression: str) -> None:
    assert could_match(expression, ["nothing like it"])
