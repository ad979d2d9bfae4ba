"""Which template could have made a job that is not there, and of what record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plainbox.ids import SEPARATOR, namespace_of, partial, qualify
from plainbox.planning.copies import SUSPENDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from plainbox.units import Template

_SLOT = re.compile(r"\{\{\s*(?P<jinja>[\w.]+)\s*\}\}|\{(?P<plain>[\w.]+)\}|\{\{.*?\}\}|\{[^{}]*\}")


class Origin(NamedTuple):
    """A template, and values of its resource that make a job of the wanted id."""

    template: Template
    values: Mapping[str, str]


def origins(job_id: str, templates: Iterable[Template]) -> Iterator[Origin]:
    """The templates that could make a job, or the job that it is a copy of after a suspend."""
    namespace, name = namespace_of(job_id), partial(job_id)
    names = {name, *(name.removeprefix(suspend.prefix) for suspend in SUSPENDS)}
    wanted = [qualify(it, namespace) for it in sorted(names, key=len, reverse=True)]
    for template in templates:
        for full_id in wanted:
            values = _values(template, full_id)
            if values:
                yield Origin(template, values)
                break


def _values(template: Template, full_id: str) -> dict[str, str] | None:
    """The parameters that make this id of a template's; the first way to cut it counts."""
    text = qualify(template.partial_id, template.namespace)
    start = text.partition("{")[0]
    if start == text or not full_id.startswith(start):
        return None
    groups: list[str] = []
    expression = ""
    last = 0
    for slot in _SLOT.finditer(text):
        expression += re.escape(text[last : slot.start()])
        name = _parameter(slot["jinja"] or slot["plain"] or "")
        if not name:
            return None
        if name in groups:
            expression += f"(?P=p{groups.index(name)})"
        else:
            expression += f"(?P<p{len(groups)}>.+)"
            groups.append(name)
        last = slot.end()
    match = re.fullmatch(expression + re.escape(text[last:]), full_id)
    if match is None:
        return None
    return {name: match[f"p{place}"] for place, name in enumerate(groups)}


def _parameter(name: str) -> str:
    """The field of a record that a parameter means; none where it means something else."""
    field = name.rpartition(".")[2]
    return "" if field.startswith("__") or SEPARATOR in field else field


def parameters_of(template: Template) -> list[str]:
    """The fields of a record that the texts of a template use, as far as that can be seen."""
    found: dict[str, None] = {}
    for key, entry in template.record.entries.items():
        if not key.lstrip("_").startswith("template-"):
            for slot in _SLOT.finditer(str(entry.value)):
                found[_parameter(slot["jinja"] or slot["plain"] or "")] = None
    return [name for name in found if name]
