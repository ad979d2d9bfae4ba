"""What is written as YAML reads back as it was, and looks as people write it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plainbox.rewriting.yaml_text import Item, entry_lines, is_plain, scalar

TEXTS = st.text(max_size=20) | st.text(alphabet=" \n\ta#:-'\"|{}[]&*!%@`,?0.~", max_size=12)
WORDS = st.sampled_from(
    ["yes", "null", "1_000", "1:30", "0x1f", "2024-01-01", "<<", "=", "---", "."]
)
VALUES = st.recursive(
    TEXTS | WORDS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(TEXTS | WORDS, VALUES, max_size=4))
@example({"a": "x\n\n  y\n"})
@example({"a": [[["b"], []], {"c": [{"d": "e\nf"}]}]})
@example({"a": "\x85\u2028\ufeff\U0001f600\x07"})
@example({"a": 1e22, "b": float("inf"), "c": -1e-7})
def test_what_is_written_reads_back_as_it_was(value: dict[str, object]) -> None:
    text = "".join(f"{line}\n" for key in value for line in entry_lines(key, value[key]))
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        assert (yaml.load(text, Loader=loader) or {}) == value  # noqa: S506 - both are safe


def test_the_layout_is_that_of_people() -> None:
    value = [
        Item("x.y == '1'", ("# why",)),
        {"a/b": {"certification-status": "blocker"}},
        "echo\n  two",
        [],
    ]
    assert entry_lines("list", value) == [
        "list:",
        "  # why",
        "  - x.y == '1'",
        "  - a/b:",
        "      certification-status: blocker",
        "  - |-",
        "    echo",
        "      two",
        "  - []",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a b", "a b"),
        ("a.b == 'c'", "a.b == 'c'"),
        ("true", "'true'"),
        ("5.0", "'5.0'"),
        ("", "''"),
        ("it's: so", "'it''s: so'"),
        ("a #b", "'a #b'"),
        ("{{ x }}", "'{{ x }}'"),
        ("a\tb", '"a\\tb"'),
    ],
)
def test_a_text_is_quoted_only_where_it_has_to_be(text: str, written: str) -> None:
    assert scalar(text) == written
    assert is_plain(text) == (text == written)
