"""Records of a resource become units: corpus, examples of the specification, faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from units_of_text import job, pxu, template, units

from plainbox.diagnostics import Code, Sink
from plainbox.expressions import Verdict, evaluate
from plainbox.planning import FlawedInstance, bindings, errors_of, instantiate
from plainbox.units import Category, Job, TestPlan

CORPUS = Path(__file__).parents[1] / "corpus" / "templates.json"
RECORDS = [{"name": "foo", "path": "/a"}, {"name": "bar", "extra": "1"}]


def made(text: str, records: list[dict[str, str]], **options: Any) -> list[Job]:
    sink = Sink()
    found = instantiate(template(text), records, sink, **options)
    assert not list(sink)
    return [unit for unit in found if isinstance(unit, Job)]


@pytest.mark.parametrize("case", json.loads(CORPUS.read_text("utf-8")))
def test_instances_are_those_of_the_incumbent_bit_for_bit(case: dict[str, Any]) -> None:
    source = template(pxu(case["template"]), case["namespace"])
    assert source.record.data() == case["template"]
    found = [
        {
            "id": unit.id,
            "summary": unit.text("summary"),
            "command": unit.text("command"),
            "checksum": unit.checksum,
            "template_id": unit.instance.template_id if unit.instance else "",
        }
        for unit in instantiate(source, case["records"], Sink())
    ]
    assert source.template_id == case["template_id"]
    assert found == case["instances"]
