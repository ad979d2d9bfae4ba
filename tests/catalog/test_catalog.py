from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.catalog.provider_files import write_files

from plainbox.catalog import Catalog, builtin_owners, find_providers, load_catalog, rows
from plainbox.diagnostics import Code, Sink
from plainbox.fields import Owner, Unit
from plainbox.ids import PLAINBOX
from plainbox.records import read_pxu
from plainbox.text import Source
from plainbox.units import build_unit

NAMES = """
unit: job
id: a

unit: setup job
id: prepare

unit: template
template-resource: disk
template-id: of-disks
id: of-{name}

unit: template
template-resource: disk
id: more-{name}

unit: test plan
id: a
name: Plan
include: a

unit: category
id: a
name: Category

unit: manifest entry
id: a
name: Has it
value-type: bool

unit: exporter
id: a
entry_point: text
file_extension: txt

unit: packaging meta-data
os-id: debian
Depends: x

unit: packaging meta-data
os-id: ubuntu
Depends: x
"""


def owner_of(root: Path, name: str = "x") -> Owner:
    return Owner(name, "ns", root=root, units_dir=root / "units", jobs_dir=root / "jobs")


def load(tmp_path: Path, files: dict[str, str], sink: Sink | None = None) -> Catalog:
    owner = owner_of(write_files(tmp_path, files))
    return load_catalog([owner], Sink() if sink is None else sink)


def units(text: str) -> list[Unit]:
    sink = Sink()
    built = [
        build_unit(record, Owner("x", "ns"), sink) for record in read_pxu(Source("new", text), sink)
    ]
    return [unit for unit in built if unit is not None]


def test_every_unit_is_found_by_its_full_id(tmp_path: Path) -> None:
    sink = Sink()
    catalog = load(tmp_path, {"units/a.pxu": NAMES}, sink)
    assert list(catalog.jobs) == ["ns::a", "ns::prepare"]
    assert list(catalog.templates) == ["ns::of-disks", "ns::more-name"]
    assert list(catalog.plans) == list(catalog.categories) == list(catalog.manifests) == ["ns::a"]
    assert list(catalog.others["exporter"]) == ["ns::a"]
    assert len(catalog.units) == 10
    assert not len(sink)


def test_templates_are_found_by_their_resource(tmp_path: Path) -> None:
    catalog = load(tmp_path, {"units/a.pxu": NAMES})
    assert list(catalog.templates_by_resource) == ["ns::disk"]
    assert [unit.id for unit in catalog.templates_by_resource["ns::disk"]] == [
        "ns::of-{name}",
        "ns::more-{name}",
    ]


def test_units_are_in_the_order_of_providers_paths_and_lines(tmp_path: Path) -> None:
    files = {
        "one/units/b.pxu": "id: 3\n\nid: 4\n",
        "one/jobs/a.txt.in": "id: 2\n",
        "two/units/a.yaml": "id: first\n",
    }
    write_files(tmp_path, files)
    owners = [owner_of(tmp_path / "two", "two"), owner_of(tmp_path / "one", "one")]
    catalog = load_catalog(owners, Sink())
    assert [unit.partial_id for unit in catalog.units] == ["first", "2", "3", "4"]
    assert catalog.owners == tuple(owners)


def test_a_different_unit_of_the_same_id_is_an_error_that_names_both_places(
    tmp_path: Path,
) -> None:
    sink = Sink()
    files = {
        "units/a.pxu": "id: a\ncommand: one\n",
        "units/b.pxu": "id: b\n\nid: a\ncommand: two\n",
    }
    catalog = load(tmp_path, files, sink)
    (found,) = sink
    assert found.code is Code.DUPLICATE_ID
    assert found.message == "job 'ns::a' is defined differently before"
    assert found.span
    assert (found.span.source.name, found.span.line) == (str(tmp_path / "units" / "b.pxu"), 3)
    assert [str(label.span) for label in found.others] == [f"{tmp_path}/units/a.pxu:1:5"]
    assert catalog.jobs["ns::a"].command == "one"
    assert [unit.id for unit in catalog.units] == ["ns::a", "ns::b"]


def test_a_unit_that_is_there_twice_is_a_warning(tmp_path: Path) -> None:
    sink = Sink()
    catalog = load(tmp_path, {"units/a.pxu": "id: a\n", "units/b.pxu": "id: a\n"}, sink)
    assert [(found.code, found.message) for found in sink] == [
        (Code.REPEATED_UNIT, "job 'ns::a' is there twice, word for word")
    ]
    assert len(catalog.units) == 1


def test_setup_jobs_and_jobs_share_their_ids(tmp_path: Path) -> None:
    sink = Sink()
    load(tmp_path, {"units/a.pxu": "id: a\n\nunit: setup job\nid: a\n"}, sink)
    assert [found.code for found in sink] == [Code.DUPLICATE_ID]


def test_templates_are_told_apart_by_their_template_id(tmp_path: Path) -> None:
    text = "unit: template\ntemplate-resource: r\ntemplate-id: {}\nid: a-{{x}}\n"
    sink = Sink()
    catalog = load(tmp_path, {"units/a.pxu": f"{text.format('one')}\n{text.format('two')}"}, sink)
    assert list(catalog.templates) == ["ns::one", "ns::two"]
    assert not len(sink)


def test_a_unit_without_an_id_is_kept(tmp_path: Path) -> None:
    catalog = load(tmp_path, {"units/a.pxu": "plugin: shell\n\nplugin: shell\n"})
    assert len(catalog.units) == 2
    assert not catalog.jobs


def test_a_broken_record_costs_only_itself(tmp_path: Path) -> None:
    sink = Sink()
    files = {
        "units/a.pxu": "id: a\n\nno field\n\nunit: nonsense\nid: x\n\nid: b\n",
        "units/b.yaml": "- 1\n",
        "units/c.pxu": "id: c\n",
    }
    catalog = load(tmp_path, files, sink)
    assert list(catalog.jobs) == ["ns::a", "ns::b", "ns::c"]
    assert len(sink) == 3


def test_files_below_the_current_folder_are_named_as_people_type_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    catalog = load(tmp_path, {"units/a.pxu": "id: a\n"})
    assert catalog.units[0].record.source.name == "units/a.pxu"
    assert [row["file"] for row in rows(catalog, catalog.owners)] == ["units/a.pxu"]


def test_an_extended_catalog_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    old = load(tmp_path, {"units/a.pxu": "id: a\n"})
    new = old.extended(units("id: b\n\nunit: template\nid: {x}\ntemplate-resource: r\n"))
    assert list(old.jobs) == ["ns::a"]
    assert list(new.jobs) == ["ns::a", "ns::b"]
    assert list(new.templates_by_resource) == ["ns::r"]
    assert not old.templates_by_resource
    assert [unit.id for unit in new.units] == ["ns::a", "ns::b", "ns::{x}"]


def test_extending_by_the_same_unit_changes_nothing_and_by_a_different_one_is_reported(
    tmp_path: Path,
) -> None:
    sink = Sink()
    old = load(tmp_path, {"units/a.pxu": "id: a\n"}, sink)
    assert old.extended(units("id: a\n")).units == old.units
    assert not len(sink)
    new = old.extended(units("id: a\ncommand: other\n"))
    assert new.jobs["ns::a"].command is None
    assert [found.code for found in sink] == [Code.DUPLICATE_ID]


def test_rows_tell_where_each_unit_of_the_wanted_providers_stands(tmp_path: Path) -> None:
    text = "# c\nid: a\n_summary: A\n\nunit: packaging meta-data\nos-id: x\n"
    write_files(tmp_path, {"one/units/deep/a.pxu": text, "two/units/a.pxu": "id: b\n"})
    one, two = owner_of(tmp_path / "one", "one"), owner_of(tmp_path / "two", "two")
    catalog = load_catalog([one, two], Sink())
    first, second = rows(catalog, [one])
    assert first == {
        "kind": "job",
        "id": "a",
        "full_id": "ns::a",
        "namespace": "ns",
        "provider": "one",
        "file": "units/deep/a.pxu",
        "first_line": 2,
        "last_line": 3,
        "checksum": catalog.jobs["ns::a"].checksum,
    }
    assert (second["kind"], second["id"], second["full_id"]) == ("packaging meta-data", "", "")


def test_rows_name_files_as_in_the_source_tree_wherever_they_lie(tmp_path: Path) -> None:
    write_files(tmp_path, {"share/a.pxu": "id: a\n", "old/b.pxu": "id: b\n"})
    owner = Owner("x", "ns", units_dir=tmp_path / "share", jobs_dir=tmp_path / "old")
    catalog = load_catalog([owner], Sink())
    assert [row["file"] for row in rows(catalog, [owner])] == ["jobs/b.pxu", "units/a.pxu"]


def test_the_built_in_categories_are_those_that_providers_rely_on() -> None:
    sink = Sink()
    catalog = load_catalog(builtin_owners(), sink)
    ids = [name for name in catalog.categories if name.startswith(f"{PLAINBOX}::")]
    assert len(ids) == 40
    assert f"{PLAINBOX}::uncategorised" in ids
    assert all(catalog.categories[name].name for name in ids)
    assert not len(sink)


PROVIDERS = os.environ.get("PLAINBOX_TEST_PROVIDERS", "")
FACTS = Path(__file__).parents[3] / "shared" / "corpus" / "units.json"
needs_providers = pytest.mark.skipif(not PROVIDERS, reason="PLAINBOX_TEST_PROVIDERS is not set")


@needs_providers
def test_all_real_providers_load_without_a_finding() -> None:
    sink = Sink()
    owners = find_providers([PROVIDERS], {}, sink)
    catalog = load_catalog(owners, sink)
    assert len(catalog.jobs) > 1000
    assert [found.message for found in sink] == []


@needs_providers
@pytest.mark.skipif(not FACTS.exists(), reason="the recorded facts are not here")
def test_real_units_are_alike_to_recorded_ones() -> None:
    facts = json.loads(FACTS.read_text("utf-8"))
    owners = find_providers([PROVIDERS], {}, Sink())
    for name, fact in facts.items():
        chosen = [owner for owner in owners if owner.name == name]
        catalog = load_catalog(chosen, Sink())
        found = [
            [
                row["file"],
                row["kind"],
                row["id"],
                row["first_line"],
                row["last_line"],
                row["checksum"],
            ]
            for row in rows(catalog, chosen)
            if row["file"].endswith((".pxu", ".txt", ".in"))
        ]
        expected = [[file, *unit] for file, units in fact["files"].items() for unit in units]
        assert sorted(found) == sorted(expected)
