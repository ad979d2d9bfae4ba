"""Categories: the headings under which jobs are listed."""

from __future__ import annotations

from plainbox.fields import Line, Unit, UnitId, mandatory


class Category(Unit):
    """A heading under which jobs are listed."""

    type_name = "category"

    id = mandatory(UnitId(), "Name of the category, unique in its namespace.", absent="")
    name = mandatory(Line(80), "Title shown above the jobs.", absent="", translatable=True)
