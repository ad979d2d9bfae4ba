"""The JSON Schema of the built-in unit types agrees with what reading and checking say."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.units.unit_texts import OWNER

from plainbox.diagnostics import Severity, Sink
from plainbox.fields.schema import schema_of, schema_of_all
from plainbox.records import read_yaml
from plainbox.text import Source
from plainbox.units import build_unit
from plainbox.units.build import BUILT_IN

if TYPE_CHECKING:
    from plainbox.fields import Unit

PROVIDERS = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")
TYPES = {kind.type_name: kind for kind in BUILT_IN}
GOOD = """\
id: a
plugin: shell
command: 'true'
---
unit: job
id: b
_summary: B
purpose: x
plugin: user-interact-verify
command: |
  true
estimated_duration: 1h 5m
environ: [A, B]
flags: [noreturn, autorestart]
requires:
  - disk.size == '1'
imports: [from org.example import disk]
depends: [a]
siblings: [{id: c, depends: [b]}]
---
id: s
flags: simple
command: 'true'
---
unit: template
template-resource: disk
template-filter: [disk.size == '1']
template-engine: jinja2
id: t-{path}
plugin: '{plugin}'
estimated_duration: '{n}'
flags: ['{flag}']
command: 'true'
---
unit: template
template-unit: category
template-resource: disk
id: t-{path}
name: '{path}'
---
unit: test plan
id: p
name: P
include:
  - a
  - b.*: {certification-status: blocker}
mandatory_include: a
bootstrap_include: [a]
category_overrides: [apply x to y]
estimated_duration: 30.5
---
unit: setup job
id: i
plugin: shell
command: 'true'
requires_manifest: [a, {b: 3}]
---
{unit: category, id: c, name: C}
---
{unit: manifest entry, id: m, name: M, value-type: natural, value-units: GB}
---
{unit: exporter, id: e, entry_point: jinja2, file_extension: html, options: [a], data: {a: 1}}
---
{unit: packaging meta-data, os-id: debian, Depends: a}
"""
BAD = """\
{id: a, plugin: shel, command: 'true'}
---
{id: a, plugin: shell, comand: 'true'}
---
{plugin: shell, command: 'true'}
---
{id: a, plugin: shell, command: true}
---
{id: a, plugin: shell, command: 'true', flags: [noretrun]}
---
{unit: test plan, id: a, name: A}
---
{unit: test plan, id: a, name: A, include: [{a: {certification-status: blocked}}]}
---
{unit: template, template-resource: x, id: 'a{b}', plugin: shel}
---
{unit: template, template-unit: category, template-resource: x, id: 'a{b}', plugin: shell}
---
{unit: setup job, id: a, plugin: manual, command: 'true'}
"""


def documents(text: str) -> list[dict[str, object]]:
    sink = Sink()
    records = read_yaml(Source("a.yaml", text), sink)
    assert not sink.found
    return [dict(record.data()) for record in records]


@cache
def whole() -> Any:
    schema = schema_of_all(TYPES)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@cache
def field(kind: str, key: str) -> Any:
    return jsonschema.Draft202012Validator(schema_of(TYPES[kind], TYPES)["properties"][key])


@pytest.mark.parametrize("unit", documents(GOOD), ids=lambda unit: str(unit.get("id")))
def test_good_units_are_valid(unit: dict[str, object]) -> None:
    whole().validate(unit)
    jsonschema.validate(unit, schema_of(TYPES[str(unit.get("unit", "job"))], TYPES))


@pytest.mark.parametrize("unit", documents(BAD), ids=str)
def test_units_with_a_mistake_are_not(unit: dict[str, object]) -> None:
    assert not whole().is_valid(unit)


def test_checking_finds_nothing_worse_than_advice_in_the_good_units() -> None:
    sink = Sink()
    for record in read_yaml(Source("a.yaml", GOOD), sink):
        unit = build_unit(record, OWNER, sink)
        assert unit is not None
        assert [each for each in unit.problems() if each.severity is Severity.ERROR] == []


@pytest.mark.skipif(not PROVIDERS, reason="PLAINBOX_TEST_PROVIDERS is not set")
def test_every_real_unit_in_yaml_is_valid() -> None:
    files = [path for path in Path(PROVIDERS).rglob("*.yaml") if "units" in path.parts]
    assert files
    for path in files:
        for unit in documents(path.read_text("utf-8")):
            whole().validate(unit)


WORDS = st.sampled_from(
    [
        "a",
        "noreturn",
        "1h 5m",
        "30",
        "from a import b",
        "apply a to b",
        "a.b == 'c'",
        "shell",
        "{x}",
    ]
)
TEXTS = WORDS | st.lists(WORDS, max_size=3).map(" ".join) | st.text(max_size=4)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type_name)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_schema_accepts_every_value_that_checking_accepts(
    kind: type[Unit], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([key for key in kind.fields if key != "unit"] or ["unit"]))
    text = json.dumps({key: data.draw(VALUES), "unit": kind.type_name})
    for record in read_yaml(Source("a.yaml", text), Sink()):
        unit = build_unit(record, OWNER, Sink())
        assert unit is not None
        unit.problems()
        entry = unit.fields[key].entry(unit)
        if entry is not None and key not in unit.bad_fields:
            field(kind.type_name, key).validate(entry.value)
