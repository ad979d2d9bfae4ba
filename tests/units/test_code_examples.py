"""The examples on the pages of diagnostic codes do what the pages say."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from tests.units.unit_texts import OWNER, record

from plainbox.diagnostics import Code, Sink
from plainbox.units import build_unit

FOUND_IN_ONE_UNIT = (
    Code.UNKNOWN_UNIT_TYPE,
    Code.MISSING_FIELD,
    Code.BAD_VALUE,
    Code.BAD_EXPRESSION,
    Code.BAD_IMPORT,
    Code.BAD_PATTERN,
    Code.UNKNOWN_FLAG,
    Code.USELESS_FIELD,
    Code.NO_DESCRIPTION,
    Code.LONG_TITLE,
    Code.ID_CHARACTERS,
    Code.DEPRECATED,
)


def example(code: Code, sort: str) -> str:
    page = resources.files("plainbox.diagnostics") / "pages" / f"{code}.md"
    found = re.search(rf"^```pxu {sort}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
    assert found, sort
    return found[1]


def codes(text: str) -> list[Code]:
    sink = Sink()
    unit = build_unit(record(text), OWNER, sink)
    return [each.code for each in [*sink.found, *(unit.problems() if unit else [])]]


@pytest.mark.parametrize("code", FOUND_IN_ONE_UNIT)
def test_the_bad_example_has_this_mistake_and_no_other(code: Code) -> None:
    assert codes(example(code, "bad")) == [code]


@pytest.mark.parametrize("code", FOUND_IN_ONE_UNIT)
def test_the_good_example_has_none(code: Code) -> None:
    assert codes(example(code, "good")) == []
