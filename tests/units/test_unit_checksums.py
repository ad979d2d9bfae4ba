"""Checksums are those that the incumbent computes, bit for bit."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from tests.units.unit_texts import OWNER, record

from plainbox.diagnostics import Sink
from plainbox.fields import Instance, Owner, Unit
from plainbox.records import read_file
from plainbox.units import Job, build_unit

FACTS = Path(__file__).parents[2].parent / "shared" / "corpus" / "units.json"
PROVIDERS = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")


def test_a_checksum_is_that_of_sorted_json_with_the_namespace_last() -> None:
    unit = Job(record("_summary: ü\nid: a\n"), OWNER)
    expected = '{"_summary":"\\u00fc","id":"a","namespace":"2024.org.example"}'
    assert unit.checksum == sha256(expected.encode()).hexdigest()


def test_without_a_namespace_there_is_none_in_it() -> None:
    unit = Job(record("id: a\nunknown: b\n"), Owner("x", ""))
    assert unit.checksum == sha256(b'{"id":"a","unknown":"b"}').hexdigest()


def test_yaml_values_have_a_checksum_too() -> None:
    unit = Job(record("---\nid: a\ndata: {b: [1, null], a: 1.5}\n"), Owner("x", ""))
    expected = b'{"data":{"a":1.5,"b":[1,null]},"id":"a"}'
    assert unit.checksum == sha256(expected).hexdigest()


def test_keys_of_several_types_have_a_checksum_too() -> None:
    unit = Job(record("---\nid: a\ndata: [{b: 1, 2: 3}]\n"), Owner("x", ""))
    expected = b'{"data":[{"2":3,"b":1}],"id":"a"}'
    assert unit.checksum == sha256(expected).hexdigest()


def test_an_instance_is_known_by_its_unformatted_fields_and_its_parameters() -> None:
    """One of the cases of `tests/corpus/templates.json`."""
    data = {
        "_summary": "u_{{ name }}_{{ __index__ }}",
        "command": "x-{{ __index__ }}",
        "id": "{{ vendor|upper }} {{ nosuch }}-u_{{ name }}_{{ __index__ }}",
        "plugin": "shell",
        "template-engine": "jinja2",
        "template-id": "ns::vendoruppernosuch-u_name___index__",
        "unit": "job",
    }
    parameters = {"vendor": "", "name": "x{y}", "__index__": 1}
    instance = Instance(data["template-id"], "ns::res", 1, {}, parameters, data)
    unit = Job(record("id: formatted"), Owner("x", "ns"), instance)
    assert unit.checksum == "9ba372b576b8cbbc94f7c054a7794974cdfc46ecd2526c0cbf871f44190c69e1"


@pytest.mark.skipif(not PROVIDERS, reason="PLAINBOX_TEST_PROVIDERS is not set")
@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts are not here")
@pytest.mark.parametrize(
    ("provider", "folder"),
    [
        ("checkbox-provider-base", "base"),
        ("checkbox-provider-certification-client", "certification-client"),
        ("checkbox-provider-resource", "resource"),
        ("tutorial", "tutorial"),
    ],
)
def test_the_units_of_real_providers_agree(provider: str, folder: str) -> None:
    facts = json.loads(FACTS.read_text())[provider]
    sink = Sink()
    for path, expected in facts["files"].items():
        owner = Owner(provider, facts["namespace"])
        found = []
        for each in read_file(Path(PROVIDERS, folder, path), path, sink):
            unit = build_unit(each, owner, sink)
            assert isinstance(unit, Unit)
            found.append(
                [unit.kind, unit.partial_id, each.first_line, each.last_line, unit.checksum]
            )
        assert found == expected, path
    assert not sink.found
