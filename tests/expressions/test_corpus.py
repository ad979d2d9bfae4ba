"""What Checkbox answers to 743 programs, observed by running it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plainbox.expressions import Verdict, evaluate, parse_program

CORPUS = json.loads((Path(__file__).parents[1] / "corpus" / "expressions.json").read_text("utf-8"))
ANSWERS = {"true": Verdict.TRUE, "false": Verdict.FALSE, "cannot evaluate": Verdict.UNKNOWN}


def test_the_corpus_is_complete() -> None:
    assert len(CORPUS) == 743
    assert {case["result"] for case in CORPUS} == set(ANSWERS)


@pytest.mark.parametrize("case", CORPUS, ids=range(len(CORPUS)))
def test_programs_are_answered_as_checkbox_does(case: dict[str, object]) -> None:
    program, errors = parse_program(case["program"])
    assert not errors
    answer = evaluate(program, case["resources"])  # type: ignore[arg-type]
    assert answer.verdict is ANSWERS[str(case["result"])]
