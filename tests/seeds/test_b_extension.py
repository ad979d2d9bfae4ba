"""Seeds B27 to B30: the job format can be extended, and what is added is validated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.app.packages import PACKAGE, undone
from tests.catalog.provider_files import write_files

from plainbox.app.setup import set_up
from plainbox.impl.job import JobDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Program

JOB = "id: a\nplugin: shell\ncommand: true\n"


def load(folder: Path, fields: str, *, declared: str = "[]") -> Any:
    """The job `a`, with more fields, of a provider that declares names of fields."""
    setup = f"setup(name='a', namespace='org.example', fields={declared})"
    write_files(folder, {"manage.py": setup, "units/a.pxu": JOB + fields})
    return set_up([str(folder)], {}).catalog.jobs["org.example::a"]


@pytest.fixture
def extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(write_files(tmp_path / "site", PACKAGE))
    with undone():
        yield


def test_b27_additional_keys_are_loaded_and_kept(tmp_path: Path) -> None:
    job = load(tmp_path, "shelf: C4\n")
    assert job.text("shelf") == "C4"
    assert "shelf" not in job.known_keys()


def test_b27_a_provider_declares_keys_of_its_own(tmp_path: Path) -> None:
    assert "shelf" in load(tmp_path, "shelf: C4\n", declared="['shelf']").known_keys()
    assert "shelf" in load(tmp_path, "shelf: C4\n", declared="'shelf, _team'").known_keys()


def test_b28_a_declared_field_is_a_property_of_job_definitions(
    tmp_path: Path, extended: None
) -> None:
    job = load(tmp_path, "parts-shelf: C4\nboxes: 3\n")
    assert (job.shelf, job.boxes) == ("C4", 3)
    assert type(job) is JobDefinition
    assert {"parts-shelf", "boxes"} <= job.known_keys()
    assert JobDefinition.fields["boxes"].help == "Number of boxes."


def test_b29_the_schema_says_which_fields_are_known_mandatory_and_of_which_type(
    program: Program,
) -> None:
    schema = json.loads(program("schema", "job").out)
    assert schema["additionalProperties"] is False
    assert {"anyOf": [{"required": ["id"]}, {"required": ["name"]}]} in schema["allOf"]
    assert schema["properties"]["command"]["type"] == "string"


def test_b30_data_must_make_sense_as_the_accessor_defines_it(
    tmp_path: Path, extended: None
) -> None:
    (found,) = load(tmp_path, "boxes: many\n").problems()
    assert str(found.code) == "bad-value"
    assert found.span is not None
    assert (found.span.line, found.span.text) == (4, "many")
