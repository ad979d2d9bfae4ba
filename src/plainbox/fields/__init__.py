"""Fields and their kinds, units and their rules: how a unit type is declared, once."""

from plainbox.fields.field import Field, accessor, defaulted, mandatory, optional
from plainbox.fields.kinds import (
    Choice,
    Duration,
    JsonObject,
    JsonObjects,
    Kind,
    Line,
    Made,
    OneOf,
    Shell,
    Text,
)
from plainbox.fields.owner import Import, Instance, Owner
from plainbox.fields.programs import Imports, ResourceProgram, resolve
from plainbox.fields.reading import BadValue, Place, Reading
from plainbox.fields.selectors import IncludeLine, IncludeList, Override, OverrideList
from plainbox.fields.unit import Extension, Rule, Unit, rule
from plainbox.fields.words import (
    Flags,
    Reference,
    Requirement,
    Requirements,
    UnitId,
    UnitIds,
    Variables,
    Words,
)

__all__ = [
    "BadValue",
    "Choice",
    "Duration",
    "Extension",
    "Field",
    "Flags",
    "Import",
    "Imports",
    "IncludeLine",
    "IncludeList",
    "Instance",
    "JsonObject",
    "JsonObjects",
    "Kind",
    "Line",
    "Made",
    "OneOf",
    "Override",
    "OverrideList",
    "Owner",
    "Place",
    "Reading",
    "Reference",
    "Requirement",
    "Requirements",
    "ResourceProgram",
    "Rule",
    "Shell",
    "Text",
    "Unit",
    "UnitId",
    "UnitIds",
    "Variables",
    "Words",
    "accessor",
    "defaulted",
    "mandatory",
    "optional",
    "resolve",
    "rule",
]
