"""Packages that are installed beside plainbox add fields and unit types to it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.app.packages import PACKAGE, UNITS, undone
from tests.catalog.provider_files import write_files
from tests.units.unit_texts import unit

import plainbox
from plainbox.app.extensions import entry_points, load_extensions
from plainbox.diagnostics import Code, Sink
from plainbox.fields import Unit
from plainbox.impl.job import JobDefinition
from plainbox.units import Job, SetupJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Program


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder where a package is installed."""
    folder = write_files(tmp_path / "site", PACKAGE)
    monkeypatch.syspath_prepend(folder)
    with undone():
        yield folder


def faults(site: Path, entries: str) -> list[str]:
    (site / "warehouse-1.0.dist-info" / "entry_points.txt").write_text(entries)
    sink = Sink()
    load_extensions(sink, [str(site)])
    assert {each.code for each in sink} <= {Code.BAD_EXTENSION}
    return [each.message for each in sink]


def test_a_package_adds_a_field_to_jobs(site: Path) -> None:
    sink = Sink()
    load_extensions(sink)
    assert sink.found == []
    text = "id: a; plugin: shell; command: b; parts-shelf: C4; boxes: "
    job: Any = unit(JobDefinition, f"{text}3")
    assert (job.shelf, job.boxes) == ("C4", 3)
    assert job.problems() == []
    assert {"parts-shelf", "boxes"} <= job.known_keys()
    assert "parts-shelf" in SetupJob.fields
    (found,) = unit(Job, f"{text}many").problems()
    assert found.code is Code.BAD_VALUE
    assert found.span is not None
    assert found.span.text == "many"


def test_a_package_adds_a_unit_type(site: Path) -> None:
    load_extensions(Sink())
    shelf: Any = unit(Unit, "unit: shelf; id: c4; room: cellar")
    assert (type(shelf).__name__, shelf.kind, shelf.room) == ("Shelf", "shelf", "cellar")
    (found,) = unit(Unit, "unit: shelf; id: c4").problems()
    assert found.message == "missing field 'room'"


def test_loading_again_changes_nothing(site: Path) -> None:
    sink = Sink()
    load_extensions(sink, [str(site), str(site)])
    load_extensions(sink)
    assert sink.found == []


def test_the_program_knows_what_a_package_adds(tmp_path: Path, program: Program) -> None:
    site = write_files(tmp_path / "site", PACKAGE)
    source = Path(plainbox.__file__).parents[1]
    env = {"PYTHONPATH": os.pathsep.join((str(source), str(site)))}
    write_files(
        tmp_path / "provider",
        {
            "manage.py": "setup(name='a', namespace='org.example')",
            "units/a.pxu": "unit: shelf\nid: c4\nroom: cellar\n",
        },
    )
    answer = program("schema", env=env)
    schema = json.loads(answer.out)
    assert {"$ref": "#/$defs/shelf"} in schema["oneOf"]
    assert "parts-shelf" in schema["$defs"]["job"]["properties"]
    page = program("schema", "job", "--format", "markdown", env=env).out
    assert "| `boxes` | Number of boxes. | text | | |" in page
    answer = program("list", "units", "--provider", tmp_path / "provider", "--json", env=env)
    assert [row["full_id"] for row in json.loads(answer.out) if row["kind"] == "shelf"] == [
        "org.example::c4"
    ]
    assert answer.err == ""


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("warehouse.nowhere:A", "ModuleNotFoundError: No module named 'warehouse.nowhere'"),
        ("warehouse.units:A", "AttributeError: module 'warehouse.units' has no attribute 'A'"),
        ("warehouse.units", "'warehouse.units' is no class derived from Unit"),
        ("warehouse.units:Unit", "'warehouse.units:Unit' has no type_name of its own"),
        ("", "ValueError: Empty module name"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(site: Path, entry: str, reason: str) -> None:
    assert faults(site, f"[plainbox.units]\na = {entry}\n") == [
        f"plainbox.units 'a' is left out: {reason}"
    ]


def test_a_package_that_breaks_while_it_is_imported_stops_nothing(site: Path) -> None:
    (site / "broken.py").write_text("1 / 0")
    (site / "thief.py").write_text(UNITS.replace('"shelf"', '"job"'))
    assert faults(site, "[plainbox.units]\na = broken:A\nb = thief:Shelf\n") == [
        "plainbox.units 'a' is left out: ZeroDivisionError: division by zero",
        "plainbox.units 'b' is left out: TypeError: the unit type 'job' is there already: Job",
    ]
    assert Unit.types["job"] is Job


def test_a_fault_is_shown_at_its_line(site: Path) -> None:
    file = site / "warehouse-1.0.dist-info" / "entry_points.txt"
    file.write_text("[plainbox.units]\n\na = nowhere:A\n")
    sink = Sink()
    load_extensions(sink, [str(site)])
    (found,) = sink.found
    assert str(found.span) == f"{file}:3:1"


def test_the_group_of_checkbox_is_named_and_left_alone(site: Path) -> None:
    (found,) = faults(site, "[plainbox.unit]\na = nowhere:A\n")
    assert found.startswith("plainbox.unit 'a' is left out: this group belongs to Checkbox")


def test_folders_that_cannot_be_read_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_bytes(b"PK")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    path = ["", "/nowhere", str(tmp_path / "archive.zip"), str(tmp_path)]
    assert list(entry_points(path)) == []
