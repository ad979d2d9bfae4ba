"""No input makes checking raise, whatever anybody writes into a unit file."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.checking.checked import check_files

from plainbox.checking.finding import fingerprints
from plainbox.checking.fixing import mend
from plainbox.diagnostics.as_github import render_github
from plainbox.diagnostics.as_json import render_json
from plainbox.diagnostics.as_sarif import render_sarif
from plainbox.diagnostics.reported import Reported, Totals
from plainbox.diagnostics.terminal import render
from plainbox.fields import Unit

PROVIDERS = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")
KEYS = sorted({"_summary", "x-y"}.union(*(kind.keys() for kind in Unit.types.values())))
WORDS = st.sampled_from(
    [
        "a",
        "b",
        "a/b",
        "ns::a",
        "a|b",
        ".*",
        "^a$",
        "(a",
        "[a",
        "{x}",
        "{}",
        "{a.b}",
        "{{",
        "}}",
        "{print}",
        "{%",
        "if",
        "%}",
        "device",
        "device.x",
        "==",
        "'1'",
        "and",
        "or",
        "not",
        "(",
        ")",
        "int",
        "from",
        "import",
        "as",
        "manifest",
        "True",
        "-1",
        "apply",
        "to",
        "blocker",
        "certification-status",
        "=",
        ",",
        "#",
        "simple",
        "shell",
        "manual",
        "resource",
        "also-after-suspend",
        "jinja2",
        "job",
        "template",
        "'x",
        '"y',
        "$z",
        "`w`",
        "<<",
        "EOF",
        '[{"id":"s"}]',
        '{"a":1}',
        "PURPOSE:",
        "STEPS:",
        "1.",
        "plainbox:",
        "ignore=syntax",
        "\ue000",
        "\x00",
        "\x0b",
        "ü",
    ]
)
VALUES = st.lists(WORDS, max_size=6).map(" ".join)
LINES = st.lists(VALUES, min_size=1, max_size=3).map("\n ".join)
RECORDS = st.dictionaries(st.sampled_from(KEYS), LINES, min_size=1, max_size=6)
KINDS = st.sampled_from(sorted(Unit.types))


def text_of(records: list[tuple[str, dict[str, str]]]) -> str:
    return "\n".join(
        f"unit: {kind}\n"
        + "".join(f"{key}: {value}\n" for key, value in fields.items() if key != "unit")
        for kind, fields in records
    )


def check_all(name: str, text: str) -> None:
    findings = check_files({name: text}, "id: device\nplugin: resource\ncommand: true\n")
    reported = [
        Reported(each.diagnostic, *each.subject, each.field, fingerprint)
        for each, fingerprint in zip(findings, fingerprints(findings), strict=True)
    ]
    for each in findings:
        render(each.diagnostic, coloured=True)
    render_json(reported, Totals(1, 0.1))
    render_sarif(reported)
    render_github(reported)
    mend(each.diagnostic for each in findings)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(KINDS, RECORDS), min_size=1, max_size=4).map(text_of))
@example("unit: template\nid: {x}\ntemplate-resource: {x}\nrequires: {x}.y == '1'\n")
@example("unit: template\ntemplate-unit: template\ntemplate-resource: a\nid: {x}\n")
@example('id: a\nsiblings: [{"id": 1}]\nflags: also-after-suspend\n')
@example("unit: test plan\nid: p\nnested_part: p\ninclude: (\n")
def test_no_unit_file_makes_checking_raise(text: str) -> None:
    check_all("a.pxu", text)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=80))
def test_no_text_at_all_makes_checking_raise(text: str) -> None:
    check_all("a.pxu", text)
    check_all("a.yaml", text)


SIMPLE = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), VALUES)
YAML_VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(VALUES, inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(KINDS, st.dictionaries(st.sampled_from(KEYS), YAML_VALUES, max_size=6))
def test_no_yaml_value_makes_checking_raise(kind: str, fields: dict[str, object]) -> None:
    import json

    check_all("a.yaml", json.dumps({**fields, "unit": kind}))


@pytest.mark.skipif(not PROVIDERS, reason="PLAINBOX_TEST_PROVIDERS is not set")
def test_no_byte_changed_in_a_real_file_makes_checking_raise() -> None:
    files = [*Path(PROVIDERS).rglob("*.pxu"), *Path(PROVIDERS).rglob("units/**/*.yaml")]
    chance = random.Random(0)  # noqa: S311 - a test that can be repeated
    for path in chance.sample(sorted(files), 60):
        text = path.read_text()[:8000]
        for _ in range(3):
            at = chance.randrange(len(text) + 1)
            sign = chance.choice("{}[]()'\"\\:#|*.=,\n\t x0\x00\ue000%$`<&;")
            check_all(path.name, text[:at] + sign + text[at + chance.randrange(2) :])
