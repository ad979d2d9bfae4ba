"""Laws of all unit types:

* whatever a field holds, nothing raises: there is a value, and perhaps a diagnostic;
* every diagnostic points into the source;
* a unit that is asked twice answers the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.units.unit_texts import OWNER

from plainbox.diagnostics import Sink
from plainbox.records import read_pxu, read_yaml
from plainbox.text import Source
from plainbox.units import build_unit
from plainbox.units.build import BUILT_IN

if TYPE_CHECKING:
    from plainbox.fields import Unit

WORDS = (
    *("a", "o::b", "shell", "manual", "apply", "to", "from", "import", "as", "r.x", "== '1'"),
    *(",", "=", '"', "'", "#", "\n", " ", "(", "[", "*", "\\", "{x}", "{", "1h", "-3", "[{", "ü"),
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=8)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2)
    ),
    max_leaves=5,
)


def ask(unit: Unit, source: Source) -> None:
    found = unit.problems()
    for each in found:
        assert each.span is not None
        assert 0 <= each.span.start <= each.span.end <= len(source.text), each
    assert unit.problems() == found
    assert isinstance(unit.id, str)
    assert len(unit.checksum) == 64


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type_name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_yaml_value_makes_a_unit_raise(kind: type[Unit], data: st.DataObject) -> None:
    keys = st.sampled_from([key for key in kind.fields if key != "unit"] or ["x"])
    fields = data.draw(st.dictionaries(keys, VALUES, max_size=5))
    source = Source("a.yaml", json.dumps({**fields, "unit": kind.type_name}))
    for record in read_yaml(source, Sink()):
        unit = build_unit(record, OWNER, Sink())
        assert isinstance(unit, kind)
        ask(unit, source)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type_name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_text_makes_a_unit_raise(kind: type[Unit], data: st.DataObject) -> None:
    keys = st.sampled_from([key for key in kind.fields if key != "unit"] or ["x"])
    fields = data.draw(st.dictionaries(keys, TEXTS, max_size=5))
    lines = [f"unit: {kind.type_name}"]
    for key, value in fields.items():
        lines.append(f"{key}:")
        lines.extend(f"  {line}" for line in value.split("\n") if line.strip())
    source = Source("a.pxu", "\n".join(lines))
    for record in read_pxu(source, Sink()):
        unit = build_unit(record, OWNER, Sink())
        assert isinstance(unit, kind)
        ask(unit, source)
