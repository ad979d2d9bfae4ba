from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plainbox.spelling import closest

FIELDS = ("id", "summary", "command", "depends", "estimated_duration", "environ", "Suggests")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("commmand", "command"),
        ("comand", "command"),
        ("cmomand", "command"),
        ("sumary", "summary"),
        ("estimated-duration", "estimated_duration"),
        ("environment", "environ"),
        ("SUMMARY", "summary"),
        ("suggests", "Suggests"),
        ("di", "id"),
    ],
)
def test_a_misspelt_word_finds_the_one_that_is_meant(word: str, meant: str) -> None:
    assert closest(word, FIELDS) == meant


@pytest.mark.parametrize("word", ["colour", "x", "", "summary-of-everything"])
def test_a_word_far_from_all_others_finds_none(word: str) -> None:
    assert closest(word, FIELDS) is None


def test_of_equally_near_words_the_first_is_taken() -> None:
    assert closest("bat", ["cat", "rat"]) == "cat"


def test_a_word_is_not_suggested_for_itself() -> None:
    assert closest("command", ["command"]) is None


@given(st.text("abcd", min_size=3, max_size=12), st.data())
def test_any_single_mistake_in_three_letters_is_forgiven(word: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(word) - 1))
    broken = word[:position] + "z" + word[position + 1 :]
    assert closest(broken, [word]) == word
    assert closest(word[:position] + word[position + 1 :] + "z", [word]) in (word, None)
