"""Units out of texts, and what is wrong with them, for the tests beside this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from plainbox.diagnostics import Sink
from plainbox.fields import Owner, Unit
from plainbox.records import read_pxu, read_yaml
from plainbox.text import Source
from plainbox.units import build_unit

if TYPE_CHECKING:
    from plainbox.records import Record

U = TypeVar("U", bound=Unit)
OWNER = Owner("2024.org.example:test", "2024.org.example")


def record(text: str) -> Record:
    """The only record of a text; YAML where it starts with dashes."""
    sink = Sink()
    reader = read_yaml if text.startswith("---") else read_pxu
    (found,) = reader(Source("units/a.pxu", text), sink)
    assert not sink.found
    return found


def unit(kind: type[U], text: str) -> U:
    """The unit of a text, which has to be of the given type; `;` at a line's end is a line end."""
    sink = Sink()
    built = build_unit(record(text.replace("; ", "\n")), OWNER, sink)
    assert isinstance(built, kind), sink.found
    return built


def problems(text: str) -> list[str]:
    """`code @text: message` of everything that is wrong with the unit of a text."""
    return [
        f"{each.code} @{each.span.text if each.span else ''}: {each.message}"
        for each in unit(Unit, text).problems()
    ]
