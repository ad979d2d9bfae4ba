"""A finding: a diagnostic, and the unit that it is about.

Its fingerprint names the same mistake in every version of a file: it is made of the code, the
unit, the field and the message, and of nothing that moves when lines are added elsewhere.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from plainbox.units import Template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plainbox.diagnostics import Diagnostic
    from plainbox.fields import Unit


class Finding(NamedTuple):
    """A diagnostic; what cannot be read belongs to no unit."""

    diagnostic: Diagnostic
    unit: Unit | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """Kind and full id of the unit; empty where there is none."""
        unit = self.unit
        if unit is None:
            return "", ""
        return unit.kind, unit.template_id if isinstance(unit, Template) else unit.id

    @property
    def field(self) -> str:
        """The key of the field that the diagnostic is in, without `_`; empty if it is in none."""
        span = self.diagnostic.span
        if self.unit is None or span is None:
            return ""
        record = self.unit.record
        if span.source is not record.source or span.start == span.end == 0:
            return ""
        line = span.line
        for key, entry in record.entries.items():
            if entry.line <= line <= entry.last_line:
                return key.removeprefix("_")
        return ""

    @property
    def identity(self) -> str:
        """What makes the finding what it is, whatever line it is on."""
        diagnostic = self.diagnostic
        name = text = ""
        if diagnostic.span is not None and self.unit is None:
            name, text = diagnostic.span.source.name, diagnostic.span.text.strip()
        return "\0".join(
            (str(diagnostic.code), *self.subject, self.field, diagnostic.message, name, text)
        )


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """A fingerprint of each finding; findings that are alike are counted, so that all differ."""
    seen: dict[str, int] = {}
    found = []
    for finding in findings:
        identity = finding.identity
        number = seen[identity] = seen.get(identity, 0) + 1
        text = f"{identity}\0{number}" if number > 1 else identity
        found.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found
