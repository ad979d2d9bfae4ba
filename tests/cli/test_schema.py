"""`plainbox schema` prints which fields units have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from tests.catalog.provider_files import write_files

from plainbox.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


def test_the_schema_of_all_units_is_valid(program: Program) -> None:
    answer = program("schema")
    schema = json.loads(answer.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (answer.code, answer.err) == (0, "")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.validate({"id": "a", "plugin": "shell", "command": "true"}, schema)


@pytest.mark.parametrize("words", [("test", "plan"), ("test-plan",), ("test plan",)])
def test_a_unit_type_can_be_named(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", *words]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["unit"]["const"] == "test plan"
    assert "mandatory_include" in schema["properties"]


def test_a_misspelt_type_is_refused_with_the_right_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema", "categry"]) == 2
    said = capsys.readouterr().err
    assert "there is no unit type 'categry'" in said
    assert "did you mean 'category'?" in said


def test_the_reference_page_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "category", "--format", "markdown"]) == 0
    assert capsys.readouterr().out.startswith("# category\n")
    assert main(["schema", "--format", "markdown"]) == 0
    assert "\n# job\n" in capsys.readouterr().out


def test_fields_that_a_provider_declares_are_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = "setup(name='a', namespace='org.example', fields=['shelf', '_team'])"
    folder = write_files(tmp_path, {"manage.py": setup, "units/a.pxu": ""})
    assert main(["schema", "job", "--provider", str(folder)]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["shelf"] == schema["properties"]["team"] == {}
    main(["schema", "job", "--provider", str(tmp_path / "nothing")])
    assert "no such provider" in capsys.readouterr().err
