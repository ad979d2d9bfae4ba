"""JSON Schema 2020-12 of units in YAML, derived from the declarations of their fields.

Each document of a YAML file is one unit, and each is checked against the schema by itself. It is
for editors and for other programs: what it refuses, checking reports too, with better words;
rules that look at several fields are not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.fields.field import Field
    from plainbox.fields.unit import Unit

    Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DEFAULT_TYPE: Final = "job"
_PARAMETER: Final = {"type": "string", "pattern": "[{]"}
_CLOSED: Final = ("enum", "pattern", "exclusiveMinimum")


def schema_of_all(types: Mapping[str, type[Unit]], declared: Iterable[str] = ()) -> Schema:
    """The schema of a unit of any of the types; `declared` are keys that providers add."""
    names = sorted(types)
    definitions = {_slug(name): _unit(types[name], types, declared) for name in names}
    return {
        "$schema": DIALECT,
        "title": "unit",
        "description": "One unit of plainbox: a document of a YAML file.",
        "oneOf": [{"$ref": f"#/$defs/{_slug(name)}"} for name in names],
        "$defs": definitions,
    }


def schema_of(
    unit_type: type[Unit], types: Mapping[str, type[Unit]], declared: Iterable[str] = ()
) -> Schema:
    """The schema of the units of one type; `types` are those that a template can make."""
    return {"$schema": DIALECT, **_unit(unit_type, types, declared)}


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _unit(
    unit_type: type[Unit], types: Mapping[str, type[Unit]], declared: Iterable[str]
) -> Schema:
    properties = {
        "unit": {"const": unit_type.type_name, "description": unit_type.unit.help},
        **_properties(unit_type.fields.values()),
    }
    for key in declared:
        properties.setdefault(key, {})
    needed = list(_needed(unit_type.fields.values()))
    if unit_type.type_name != DEFAULT_TYPE:
        needed.insert(0, {"required": ["unit"]})
    schema: Schema = {
        "title": unit_type.type_name,
        "description": " ".join((unit_type.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        "allOf": needed,
    }
    if not unit_type.makes:
        return {**schema, "additionalProperties": False}
    needed.extend(_made(unit_type, made) for made in types.values() if made is not unit_type)
    return {**schema, "unevaluatedProperties": False}


def _properties(fields: Iterable[Field[Any]]) -> Schema:
    return {
        key: _field(field) for field in fields if field.name != "unit" for key in _spellings(field)
    }


def _spellings(field: Field[Any]) -> Iterator[str]:
    """The keys that stand for a field; one with `_` in front is translated."""
    for key in (field.key, *field.aliases):
        yield key
        if field.translatable:
            yield f"_{key}"


def _field(field: Field[Any]) -> Schema:
    schema = {**field.kind.schema(), "description": field.help}
    if field.default and ("enum" in schema or schema.get("type") == "string"):
        schema["default"] = field.default
    return schema


def _needed(fields: Iterable[Field[Any]]) -> Iterator[Schema]:
    """What says that fields have to be there, or others in their stead."""
    for field in fields:
        keys = [*_spellings(field), *field.instead]
        if field.mandatory and len(keys) == 1:
            yield {"required": keys}
        elif field.mandatory:
            yield {"anyOf": [{"required": [key]} for key in keys]}


def _made(template: type[Unit], made: type[Unit]) -> Schema:
    """What a template has besides its own fields where it makes units of some type."""
    own = template.fields
    fields = [field for field in made.fields.values() if field.key not in own]
    chosen: Schema = {"properties": {template.makes: {"const": made.type_name}}}
    if made.type_name != own[template.makes].default:
        chosen["required"] = [template.makes]
    then = {"properties": _with_parameters(_properties(fields)), "allOf": list(_needed(fields))}
    return {"if": chosen, "then": {key: value for key, value in then.items() if value}}


def _with_parameters(schema: Any) -> Any:
    """The schema of values some of whose texts are only known when the template is filled in."""
    if isinstance(schema, list):
        return [_with_parameters(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if any(key in schema for key in _CLOSED):
        said = {key: schema[key] for key in ("description", "default") if key in schema}
        closed = {key: value for key, value in schema.items() if key not in said}
        return {"anyOf": [closed, _PARAMETER], **said}
    return {key: _with_parameters(value) for key, value in schema.items()}
