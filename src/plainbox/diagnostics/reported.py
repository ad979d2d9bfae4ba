"""A diagnostic with what other programs want to know of it besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plainbox.diagnostics.model import Diagnostic


class Reported(NamedTuple):
    """A diagnostic, the unit and field that it is about, and a name that lives longer than lines.

    What cannot be read belongs to no unit: then the first three texts are empty.
    """

    diagnostic: Diagnostic
    unit_kind: str = ""
    unit_id: str = ""
    field: str = ""
    fingerprint: str = ""


class Totals(NamedTuple):
    """How much was looked at, in how many seconds, and how many mistakes were mended."""

    files: int
    seconds: float
    fixed: int = 0
