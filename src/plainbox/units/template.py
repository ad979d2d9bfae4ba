"""Templates: records of a resource turned into units.

Fields that start with `template-` belong to the template, all others define its instances; of
those only `id` is a field here. `planning` makes the instances.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import (
    Imports,
    Line,
    OneOf,
    ResourceProgram,
    Text,
    Unit,
    UnitId,
    defaulted,
    mandatory,
    optional,
    resolve,
    rule,
)
from plainbox.ids import partial, qualify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9\-_.:/\\]+")


def _id_without_parameters(template: Template) -> str:
    text = _NOT_IN_IDS.sub("", template.text("id") or "")
    return text and qualify(text, template.namespace)


class Template(Unit):
    """A skeleton of units: each record of a resource makes one."""

    type_name = "template"
    makes = "template-unit"

    template_id = mandatory(
        UnitId(),
        "Name of the template; the id without the signs of parameters where there is none.",
        absent="",
        key="template-id",
        otherwise=_id_without_parameters,
        instead=("id",),
    )
    template_summary = optional(
        Line(80), "One-line title of the template.", key="template-summary", translatable=True
    )
    template_description = optional(
        Text(), "What the template is for.", key="template-description", translatable=True
    )
    template_unit = defaulted(
        Line(), "job", "Type of the units that it makes.", key="template-unit"
    )
    resource_name = mandatory(
        Line(),
        "Resource job that feeds it: a partial id, a full one, or a name that is imported.",
        absent="",
        key="template-resource",
    )
    template_imports = defaulted(
        Imports(), "", "Names for resources of other providers.", key="template-imports"
    )
    template_filter = defaulted(
        ResourceProgram(), "", "Which records make instances.", key="template-filter"
    )
    template_engine = defaulted(
        OneOf("default", "jinja2"),
        "default",
        "How fields are formatted: `{name}`, or as Jinja2 does.",
        key="template-engine",
    )
    id = mandatory(UnitId(pattern=True), "Pattern of the ids of the instances.", absent="")

    @property
    def template_resource(self) -> str:
        """The full id of the resource job; empty where the template names none."""
        name = self.resource_name
        imported = resolve([name], self.template_imports, "")[name]
        return qualify(imported, self.namespace) if name else ""

    @property
    def variable(self) -> str:
        """The name by which its texts know a whole record of its resource."""
        resource_id = self.template_resource
        for statement in self.template_imports:
            if statement.full_id == resource_id:
                return statement.alias
        return partial(resource_id)

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The full ids of resources by the names that the filter calls them, in order."""
        return resolve(self.template_filter.names, self.template_imports, self.namespace)

    @rule
    def makes_units_of_a_known_type(self) -> Iterator[Diagnostic]:
        """The type of the instances has to exist."""
        if self.template_unit not in self.types:
            known = ", ".join(sorted(self.types))
            yield Diagnostic(
                Code.UNKNOWN_UNIT_TYPE,
                f"template-unit: unknown unit type {self.template_unit!r}",
                self.span("template-unit"),
                notes=(f"the types are {known}",),
            )
