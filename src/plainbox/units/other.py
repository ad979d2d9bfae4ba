"""Unit types without a meaning of their own: they are kept so that they can be listed."""

from __future__ import annotations

from plainbox.fields import Line, Unit, defaulted, optional


class OtherUnit(Unit):
    """A unit that nothing uses; `text` gives its fields."""


class BareUnit(OtherUnit):
    """A unit that says no more than that it is one."""

    type_name = "unit"


class FileUnit(OtherUnit):
    """A file of a provider."""

    type_name = "file"

    path = defaulted(Line(), "", "Path of the file.")
    base = optional(Line(), "Folder that the path starts from.")
    role = optional(Line(), "What the file is for.")
