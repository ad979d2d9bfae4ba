"""Categories, manifest entries, exporters, packaging, and units that nothing uses."""

from __future__ import annotations

import pytest
from tests.units.unit_texts import OWNER, problems, record, unit

from plainbox.diagnostics import Sink
from plainbox.fields import Unit
from plainbox.units import (
    Category,
    Exporter,
    Job,
    ManifestEntry,
    OtherUnit,
    PackagingMetaData,
    ValueType,
    build_unit,
)
from plainbox.units.build import BUILT_IN

NS = "2024.org.example::"


def test_a_category_has_an_id_and_a_name() -> None:
    category = unit(Category, "unit: category; id: disk; _name: Disks")
    assert (category.id, category.name) == (NS + "disk", "Disks")
    assert problems("unit: category; id: disk") == ["missing-field @disk: missing field 'name'"]


def test_a_manifest_entry_asks_a_question() -> None:
    entry = unit(
        ManifestEntry,
        "unit: manifest entry; id: has_lid; name: Lid; value-type: natural; value-units: lids",
    )
    assert entry.id == NS + "has_lid"
    assert entry.value_type is ValueType.NATURAL
    assert entry.value_type.default == 0
    assert entry.value_unit == "lids"
    assert entry.resource_key == "has_lid"
    assert entry.prompt == ValueType.NATURAL.question
    assert not entry.hidden
    asked = unit(ManifestEntry, "unit: manifest entry; id: a; prompt: Lid?; value-type: bool")
    assert asked.prompt == "Lid?"
    assert asked.value_type.default is False


def test_a_hidden_manifest_entry_says_why() -> None:
    text = "unit: manifest entry; id: _x; name: X; value-type: bool"
    assert problems(text) == [
        "missing-field @_x: missing field 'hidden-reason': the id starts with '_'"
    ]
    assert problems(text + "; hidden-reason: Y") == []


def test_an_exporter_has_options_and_data() -> None:
    text = (
        "unit: exporter; id: e; summary: E; entry_point: jinja2; file_extension: html"
        '; options: a, b;c; data: {"template": "t"}'
    )
    exporter = unit(Exporter, text)
    assert (exporter.entry_point, exporter.file_extension) == ("jinja2", "html")
    assert exporter.options == ("a", "b", "c")
    assert exporter.data == {"template": "t"}
    assert problems(text) == []


def test_the_extension_of_an_exporter_fits_a_file_name() -> None:
    text = "unit: exporter; id: e; entry_point: text; file_extension: a b"
    assert problems(text) == [
        "bad-value @a b: file_extension: expected letters, digits, '.', '_' or '-', found 'a b'"
    ]


def test_packaging_meta_data_has_no_id() -> None:
    text = "unit: packaging meta-data; os-id: debian; Depends: a,\n b"
    packaging = unit(PackagingMetaData, text)
    assert packaging.id == ""
    assert (packaging.os_id, packaging.os_version_id) == ("debian", None)
    assert packaging.depends == "a,\nb"
    assert problems(text) == []
    assert problems("unit: packaging meta-data; Depends: a") == [
        "missing-field @packaging meta-data: missing field 'os-id'"
    ]


@pytest.mark.parametrize("kind", ["unit", "file"])
def test_units_without_a_meaning_are_kept(kind: str) -> None:
    other = unit(OtherUnit, f"unit: {kind}; path: a/b")
    assert other.kind == kind
    assert other.text("path") == "a/b"
    assert other.problems() == []


def test_every_built_in_type_is_found_by_its_name() -> None:
    for kind in BUILT_IN:
        assert Unit.types[kind.type_name] is kind
        assert kind.__doc__
        for field in kind.fields.values():
            assert field.help.endswith("."), field
            assert field.kind.form


def test_a_record_without_a_type_is_a_job() -> None:
    assert isinstance(build_unit(record("id: a"), OWNER, Sink()), Job)


@pytest.mark.parametrize("text", ["unit: jobb\nid: a\n", "---\nunit: 5\nid: a\n"])
def test_a_unit_of_an_unknown_type_is_left_out(text: str) -> None:
    sink = Sink()
    assert build_unit(record(text), OWNER, sink) is None
    (found,) = sink.found
    assert str(found.code) == "unknown-unit-type"
    assert found.span is not None
    assert found.span.text in ("jobb", "5")
    assert "test plan" in found.notes[0]
