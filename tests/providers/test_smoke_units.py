"""The shipped provider as it lies there: its units fit its programs, and its plan what it says."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Unit = dict[str, str]


@pytest.fixture(name="units")
def all_units(smoke: Path) -> list[Unit]:
    """Every unit, read plainly: fields, and continuation lines without their first blank."""
    units = []
    for path in sorted((smoke / "units").glob("*.pxu")):
        text = re.sub(r"(?m)^#.*\n", "", path.read_text(encoding="utf-8"))
        for block in re.split(r"\n\s*\n", text.strip()):
            unit: Unit = {}
            key = ""
            for line in block.splitlines():
                if line.startswith(" "):
                    unit[key] += line[1:] + "\n"
                else:
                    key, _, value = line.partition(":")
                    unit[key] = value.strip()
            units.append(unit)
    return units


def of_kind(units: list[Unit], kind: str) -> list[Unit]:
    return [unit for unit in units if unit.get("unit", "job") == kind]


def test_manage_py_names_the_provider_without_being_run(smoke: Path) -> None:
    tree = ast.parse((smoke / "manage.py").read_text(encoding="utf-8"))
    (call,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    )
    words = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    assert words["namespace"] == "org.plainbox"
    assert words["name"] == "plainbox-smoke"


def test_ids_are_unique(units: list[Unit]) -> None:
    ids = [unit.get("template-id") or unit["id"] for unit in units]
    assert len(ids) == len(set(ids))


def test_every_job_says_what_a_reader_needs(units: list[Unit]) -> None:
    for unit in of_kind(units, "job") + of_kind(units, "template"):
        for key in ("_summary", "_description", "category_id", "estimated_duration", "plugin"):
            assert unit.get(key), (unit["id"], key)
        assert float(unit["estimated_duration"]) > 0
        assert len(unit["_summary"]) <= 80
        assert unit["category_id"].startswith("com.canonical.plainbox::")


def test_every_command_calls_a_program_with_something_it_knows(
    units: list[Unit], smoke: Path
) -> None:
    for unit in units:
        words = unit.get("command", "").split()
        if not words or words[0] == "cat":
            continue
        program = smoke / "bin" / words[0]
        assert os.access(program, os.X_OK), words
        if len(words) > 1:
            assert f'"{words[1]}": ' in program.read_text(encoding="utf-8"), words


def test_every_program_is_used_by_a_unit(units: list[Unit], smoke: Path) -> None:
    used = {unit.get("command", "").partition(" ")[0] for unit in units}
    assert {path.name for path in (smoke / "bin").glob("*.py")} <= used


def test_programs_are_python_3_8_and_import_nothing_of_ours(smoke: Path) -> None:
    for path in (smoke / "bin").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("#!/usr/bin/env python3\n")
        ast.parse(text, feature_version=(3, 8))
        assert "import plainbox" not in text
        assert "from plainbox" not in text


def test_requirements_name_resources_and_attributes_that_are_described(units: list[Unit]) -> None:
    resources = {unit["id"]: unit for unit in units if unit.get("plugin") == "resource"}
    for unit in units:
        for text in (unit.get("requires", ""), unit.get("template-filter", "")):
            for name, attribute in re.findall(r"\b([a-z_]+)\.([a-z_]+)", text):
                assert attribute in resources[name]["_description"], (unit["id"], name, attribute)


def test_templates_use_parameters_that_are_described_and_always_given(units: list[Unit]) -> None:
    resources = {unit["id"]: unit for unit in units if unit.get("plugin") == "resource"}
    for unit in of_kind(units, "template"):
        described = resources[unit["template-resource"]]["_description"]
        for key, value in unit.items():
            for name in re.findall(r"\{(\w+)\}", value):
                assert name in described, (unit["template-id"], key, name)
        assert "{" in unit["id"]
        assert "{" in unit["_description"]


def test_plans_include_what_exists_and_all_of_it(units: list[Unit]) -> None:
    known = {u.get("template-id") or u["id"] for u in units if u.get("unit") != "test plan"}
    plans = {unit["id"]: unit for unit in of_kind(units, "test plan")}
    assert set(plans) == {"smoke", "facts"}
    included = set()
    for plan in plans.values():
        named = set(plan["include"].split()) | set(plan.get("bootstrap_include", "").split())
        assert named <= known
        included |= named
    assert included == known


def test_the_plan_collects_what_its_templates_need_beforehand(units: list[Unit]) -> None:
    (plan,) = (unit for unit in of_kind(units, "test plan") if unit["id"] == "smoke")
    needed = {unit["template-resource"] for unit in of_kind(units, "template")}
    assert needed == set(plan["bootstrap_include"].split())
