"""The schema of a unit type follows from the declarations of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import jsonschema
import pytest

from plainbox.fields import (
    Duration,
    Flags,
    Imports,
    IncludeList,
    JsonObject,
    JsonObjects,
    Kind,
    Line,
    OneOf,
    OverrideList,
    Requirements,
    Unit,
    UnitId,
    UnitIds,
    Variables,
    defaulted,
    mandatory,
    optional,
)
from plainbox.fields.schema import schema_of, schema_of_all

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def types_of_their_own() -> Iterator[None]:
    before = dict(Unit.types)
    yield
    Unit.types.clear()
    Unit.types.update(before)


def accepts(schema: dict[str, Any], value: object) -> bool:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(value)


def lantern() -> type[Unit]:
    class Lantern(Unit):
        """A light
        that people carry."""

        type_name: ClassVar[str] = "lantern of tests"
        id = mandatory(UnitId(), "Name.", absent="", instead=("label",))
        label = optional(Line(), "Old name.")
        title = mandatory(Line(9), "Title.", absent="", translatable=True)
        fuel = defaulted(OneOf("oil", "gas"), "oil", "What burns.", aliases=("burns",))
        hours = optional(Duration(), "How long.", key="burning-time")
        hangs = defaulted(UnitIds("hook"), "", "Where it hangs.")

    return Lantern


def test_a_schema_is_closed_and_tells_of_each_field() -> None:
    schema = schema_of(lantern(), {})
    assert schema["title"] == "lantern of tests"
    assert schema["description"] == "A light that people carry."
    assert schema["additionalProperties"] is False
    assert schema["properties"]["fuel"] == {
        "enum": ["oil", "gas"],
        "description": "What burns.",
        "default": "oil",
    }
    assert list(schema["properties"]) == [
        *("unit", "id", "label", "title", "_title", "fuel", "burns", "burning-time", "hangs")
    ]


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({}, True),
        ({"unit": "job"}, False),
        ({"unit": None}, False),
        ({"colour": "red"}, False),
        ({"title": None}, False),
        ({"title": None, "_title": "T"}, True),
        ({"_id": "x"}, False),
        ({"id": None}, False),
        ({"id": None, "label": "x"}, True),
        ({"fuel": "coal"}, False),
        ({"burns": "gas"}, True),
        ({"burning-time": 5}, True),
        ({"burning-time": "1h 5m"}, True),
        ({"burning-time": 0}, False),
        ({"burning-time": "soon"}, False),
        ({"hangs": ["a", "b"]}, True),
        ({"hangs": "a b"}, True),
        ({"hangs": [1]}, False),
    ],
)
def test_the_schema_accepts_what_can_be_read(change: dict[str, object], *, good: bool) -> None:
    unit = {"unit": "lantern of tests", "id": "a", "title": "A", **change}
    given = {key: value for key, value in unit.items() if value is not None}
    assert accepts(schema_of(lantern(), {}), given) is good


def test_keys_that_providers_declare_hold_anything() -> None:
    unit = {"unit": "lantern of tests", "id": "a", "title": "A", "shelf": [1]}
    assert not accepts(schema_of(lantern(), {}), unit)
    assert accepts(schema_of(lantern(), {}, ["shelf"]), unit)


def test_a_template_has_the_fields_of_what_it_makes_with_parameters_in_them() -> None:
    class Mould(Unit):
        """Makes lanterns."""

        type_name: ClassVar[str] = "mould of tests"
        makes = "makes"
        id = mandatory(UnitId(pattern=True), "Name.", absent="")
        made = defaulted(Line(), "job", "Type.", key="makes")

    made = lantern()
    types: dict[str, type[Unit]] = {Mould.type_name: Mould, made.type_name: made}
    schema = schema_of(Mould, types)
    mould = {"unit": "mould of tests", "makes": "lantern of tests", "id": "a-{n}", "title": "T"}
    assert accepts(schema, mould)
    assert accepts(schema, {**mould, "fuel": "{fuel}", "burning-time": "{n}", "hangs": ["{x}"]})
    assert not accepts(schema, {**mould, "fuel": "coal"})
    assert not accepts(schema, {**mould, "colour": "red"})
    assert not accepts(schema, {key: value for key, value in mould.items() if key != "title"})
    assert not accepts(schema, {key: value for key, value in mould.items() if key != "makes"})


def test_the_whole_schema_takes_a_unit_of_exactly_one_type() -> None:
    schema = schema_of_all({"lantern of tests": lantern()})
    assert accepts(schema, {"unit": "lantern of tests", "id": "a", "title": "A"})
    assert not accepts(schema, {"unit": "lamp", "id": "a", "title": "A"})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Flags({"fast": ""}), [["fast"], "fast slow"], [["slow"], 1]),
        (Variables(), [["A_1"]], [["A=1"]]),
        (Imports(), [["from a import b", "from a import b/c as d"]], [["import a"]]),
        (JsonObject(), [{"a": 1}, '{"a": 1}'], [[]]),
        (JsonObjects(), [[{"a": 1}], "[]"], [[1], {}]),
        (OverrideList(), [["apply a to b"]], [["a to b"], [1]]),
        (
            Requirements(),
            [["a", {"b": 1}], "a b"],
            [[{"a": 1, "b": 2}], [{}], [1]],
        ),
        (
            IncludeList({"category_id": (), "auto_retry": ("no",)}),
            [
                "a\nb",
                ["a", {"b": {"category-id": "x", "auto_retry": "no"}}],
            ],
            [[{"a": {"auto_retry": "perhaps"}}], [{"a": {"x": "y"}}], [{"a": None}], [1], [""]],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_knows_its_values_in_yaml(
    kind: Kind[Any], good: list[object], bad: list[object]
) -> None:
    assert [value for value in good if not accepts(kind.schema(), value)] == []
    assert [value for value in bad if accepts(kind.schema(), value)] == []
