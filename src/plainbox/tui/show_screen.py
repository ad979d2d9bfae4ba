"""One unit with all that has to do with it, as a person reads it, and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from plainbox.ids import namespace_of, partial
from plainbox.planning.including import SELECTING
from plainbox.tui.tables import table
from plainbox.tui.words import Line, count
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plainbox.app.about import About, Link
    from plainbox.fields import Unit
    from plainbox.planning import Reason

_MOST: Final = 12
"""So many of a kind are shown, unless all are asked for."""
_FEW: Final = 4


class ShowScreen:
    """Shows one unit; `everything` also what is the same over and over."""

    def __init__(self, found: About, *, everything: bool = False) -> None:
        self._found = found
        self._everything = everything
        self._namespace = namespace_of(found.full_id)

    def name(self, full_id: str) -> str:
        """An id as it is shown: without the namespace where that is the unit's own."""
        return partial(full_id) if namespace_of(full_id) == self._namespace else full_id

    def lines(self) -> Iterator[Line]:
        """All there is to say."""
        found = self._found
        unit = found.unit
        yield [(f"{unit.kind} ", "dim"), (found.full_id, "bold"), (f"  {found.title}", "")]
        yield [(f"  {unit.owner.name}  {place_of(unit)}", "dim")]
        yield []
        yield from self._written()
        yield []
        if found.copy_of is not None:
            yield _row("copy of", self.name(found.copy_of.id))
        yield from self._many("copies", [[self.name(copy)] for copy in found.copies])
        yield from self._many("needs", [self._link(link) for link in found.needs])
        yield from self._many("needed by", [self._link(link) for link in found.needed_by])
        yield from self._plans()
        yield from self._many("overrides", list(self._overrides()), _FEW)

    def _written(self) -> Iterator[Line]:
        """The lines of the file, and for a copy the fields that differ."""
        record = self._found.unit.record
        width = len(str(record.last_line))
        for number in range(record.first_line, record.last_line + 1):
            yield [(f"  {number:>{width}} | ", "dim"), (record.source.line(number), "")]
        if self._found.copy_of is not None:
            yield []
            yield [("  in the copy", "dim")]
            original = self._found.copy_of.record.entries
            for key, entry in record.entries.items():
                if key not in original or original[key].value != entry.value:
                    yield [(f"  {key}: ", "cyan"), (str(entry.value), "")]

    def _link(self, link: Link) -> list[str]:
        place = place_of(link.unit) if link.unit is not None else "does not exist"
        other = "" if link.unit is None or _is(link) else f"a job of {self.name(_id(link.unit))}, "
        return [link.how, self.name(link.full_id), other + place]

    def _plans(self) -> Iterator[Line]:
        found = self._found
        selecting = [it for it in found.lines if it.key in SELECTING]
        others = [it for it in found.lines if it.key not in SELECTING]
        yield from self._many("plans", [self._line(it) for it in (*selecting, *others)])
        if found.around:
            what = "nested by" if found.unit.kind == "test plan" else "in"
            names = ", ".join(self.name(plan.id) for plan in found.around[:_MOST])
            more = f" and {len(found.around) - _MOST} more" if len(found.around) > _MOST else ""
            yield _row(what, f"{count(len(found.around), 'plan')} in all: {names}{more}")

    def _line(self, reason: Reason) -> list[str]:
        text = reason.line.pattern.text if reason.line else self.name(reason.job_id)
        where = f"{reason.span.source.name}:{reason.span.line}"
        return [self.name(reason.plan.id), f"{reason.key} {text}", where]

    def _overrides(self) -> Iterator[list[str]]:
        for name, setting, counts in self._found.overrides:
            where = f"{setting.span.source.name}:{setting.span.line}"
            value = f"{name} = {self.name(setting.value)}"
            yield [value, ("" if counts else "in ") + self.name(setting.plan.id), where]

    def _many(self, title: str, rows: list[list[str]], most: int = _MOST) -> Iterator[Line]:
        shown = rows if self._everything else rows[:most]
        for place, line in enumerate(table(shown)):
            yield [(f"  {'' if place else title:<9} ", "dim"), *line]
        if len(rows) > len(shown):
            yield [(f"  {'':<9} and {len(rows) - len(shown)} more (--all)", "dim")]


def about_json(found: About) -> dict[str, Any]:
    """The same for programs."""
    unit = found.unit
    return {
        "kind": unit.kind,
        "id": found.full_id,
        "title": found.title,
        "provider": unit.owner.name,
        "file": unit.record.source.name,
        "first_line": unit.record.first_line,
        "last_line": unit.record.last_line,
        "checksum": unit.checksum,
        "fields": {key: entry.value for key, entry in unit.record.entries.items()},
        "copy_of": found.copy_of.id if found.copy_of else None,
        "copies": list(found.copies),
        "needs": _links_json(found.needs),
        "needed_by": _links_json(found.needed_by),
        "lines": [
            {
                "plan": it.plan.id,
                "field": it.key,
                "text": it.line.text if it.line else it.job_id,
                "file": it.span.source.name,
                "line": it.span.line,
            }
            for it in found.lines
        ],
        "plans": [plan.id for plan in found.around],
        "overrides": [
            {
                "field": name,
                "value": setting.value,
                "plan": setting.plan.id,
                "file": setting.span.source.name,
                "line": setting.span.line,
            }
            for name, setting, _ in found.overrides
        ],
    }


def _links_json(links: Iterable[Link]) -> list[dict[str, Any]]:
    return [{"how": how, "id": full_id, "exists": unit is not None} for how, full_id, unit in links]


def place_of(unit: Unit) -> str:
    """Where a unit is written."""
    return f"{unit.record.source.name}:{unit.record.first_line}"


def _id(unit: Unit) -> str:
    template_id: str = getattr(unit, "template_id", None) or ""
    return unit.id if isinstance(unit, Job) else template_id or unit.id


def _is(link: Link) -> bool:
    """Whether the unit has that id, rather than making jobs of it."""
    return link.unit is not None and _id(link.unit) == link.full_id


def _row(title: str, text: str) -> Line:
    return [(f"  {title:<9} ", "dim"), (text, "")]
