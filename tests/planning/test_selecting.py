"""What plans select: corpus, examples of the specification, faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from units_of_text import Known, jobs, pxu, units

from plainbox.diagnostics import Code, Sink
from plainbox.planning import select, select_all

CORPUS = Path(__file__).parents[1] / "corpus" / "selection.json"


def known_of(ids: list[str]) -> Known:
    known = Known()
    for full_id in ids:
        namespace, _, partial = full_id.rpartition("::")
        known.add(*units(jobs(partial), namespace))
    return known


@pytest.mark.parametrize("case", json.loads(CORPUS.read_text("utf-8")))
def test_a_plan_selects_what_the_incumbent_selects(case: dict[str, Any]) -> None:
    known = known_of(case["jobs"])
    known.add(*units(pxu(case["plan"]), case["namespace"]))
    (plan,) = known.plans.values()
    selection = select(plan, known)
    assert list(selection.jobs) == case["selected"]
    assert list(selection.mandatory) == case["mandatory"]
