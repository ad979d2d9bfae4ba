"""Exporters: report formats that providers define."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic
from plainbox.fields import (
    JsonObject,
    Line,
    OneOf,
    Unit,
    UnitId,
    Words,
    defaulted,
    mandatory,
    rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXTENSION = re.compile(r"[\w.-]+")


class Exporter(Unit):
    """A report format: a way of rendering, with options and data."""

    type_name = "exporter"

    id = mandatory(UnitId(), "Name of the exporter, unique in its namespace.", absent="")
    summary = defaulted(Line(80), "", "One-line title shown in lists.", translatable=True)
    entry_point = mandatory(
        OneOf("jinja2", "tar", "text", "xlsx"), "What renders the report.", absent="text"
    )
    file_extension = mandatory(Line(), "Extension of the report's file.", absent="")
    options = defaulted(Words(",;"), "", "Options of what renders it.")
    data = defaulted(JsonObject(), "{}", "Data for what renders it; `template` for jinja2.")

    @rule
    def extension_is_part_of_a_name(self) -> Iterator[Diagnostic]:
        """An extension has only characters that fit a file's name."""
        if not _EXTENSION.fullmatch(self.file_extension):
            found = self.file_extension
            message = f"file_extension: expected letters, digits, '.', '_' or '-', found {found!r}"
            yield self.finding("file_extension", Code.BAD_VALUE, message)
