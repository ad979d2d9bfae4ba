"""What a test plan selects, as a tree: plans, their lines, and the jobs of each line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from plainbox.ids import namespace_of, partial
from plainbox.planning.expanding import LISTS, SELECTING, id_of
from plainbox.tui.tables import Branch, tree
from plainbox.tui.words import Line, count
from plainbox.units import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.planning.expanding import Chosen, ExpandedLine, ExpandedPlan, Expansion
    from plainbox.planning.selecting import Reason
    from plainbox.tui.words import Marks

_TITLES: Final = {
    "setup_include": "setup",
    "bootstrap_include": "bootstrap",
    "mandatory_include": "mandatory",
    "include": "include",
    "exclude": "exclude",
}


def expansion_lines(expansion: Expansion, marks: Marks) -> Iterator[Line]:
    """The whole tree, and in one line what it comes to."""
    view = _View(expansion)
    yield from tree([view.plan(expansion.root)], marks)
    yield []
    yield [("  " + f" {marks.dot} ".join(view.totals()), "bold")]


class _View:
    def __init__(self, expansion: Expansion) -> None:
        self._expansion = expansion
        self._namespace = expansion.root.plan.namespace

    def name(self, full_id: str) -> str:
        return partial(full_id) if namespace_of(full_id) == self._namespace else full_id

    def plan(self, root: ExpandedPlan) -> Branch:
        """The branch of a plan; parts are finished before the plan that nests them."""
        order = list(root.walk())
        made: dict[int, Branch] = {}
        for expanded in reversed(order):
            parts = [made[id(part)] for part in expanded.parts]
            made[id(expanded)] = self._plan(expanded, parts, outermost=expanded is root)
        return made[id(root)]

    def _plan(self, expanded: ExpandedPlan, parts: list[Branch], *, outermost: bool) -> Branch:
        plan = expanded.plan
        line: Line = [("" if outermost else "nested ", "dim"), (self.name(plan.id), "bold")]
        if expanded.repeated:
            return Branch([*line, ("  is above already", "dim")])
        line += [(f"  {plan.name}", ""), (f"  {plan.record.span()}".rpartition(":")[0], "dim")]
        below = [
            self._line(key, expanded_line)
            for key in (*LISTS, *SELECTING, "exclude")
            for expanded_line in expanded.lines.get(key, ())
        ]
        lost = [
            Branch([("nested ", "dim"), (self.name(it), ""), ("  does not exist", "red")])
            for it in expanded.unknown
        ]
        return Branch(line, [*below, *parts, *lost])

    def _line(self, key: str, line: ExpandedLine) -> Branch:
        reason = line.reason
        text = reason.line.pattern.text if reason.line else self.name(reason.job_id)
        words: Line = [(f"{_TITLES[key]} ", "dim"), (text, "cyan")]
        words.append((f"  :{reason.span.line}", "dim"))
        if not line.chosen:
            words.append(("  selects nothing", "red"))
        elif self._is_itself(line, text):
            return Branch([*words, *self._about(line.chosen[0], key)])
        return Branch(words, [Branch(self._chosen(it, key)) for it in line.chosen])

    def _is_itself(self, line: ExpandedLine, text: str) -> bool:
        """Whether a line selects only what it names: then it needs no branch below."""
        return len(line.chosen) == 1 and text in (
            id_of(line.chosen[0].unit),
            partial(id_of(line.chosen[0].unit)),
        )

    def _chosen(self, chosen: Chosen, key: str) -> Line:
        return [(self.name(id_of(chosen.unit)), ""), *self._about(chosen, key)]

    def _about(self, chosen: Chosen, key: str) -> Line:
        unit = chosen.unit
        if isinstance(unit, Job):
            line: Line = [(f"  {unit.plugin.value}", "dim")]
        else:
            line = [(f"  one for each record of {self.name(unit.template_resource)}", "yellow")]
        if chosen.out is not None:
            return [*line, (f"  not here: {self._out(chosen.out, chosen)}", "red")]
        if chosen.by is not None:
            return [*line, (f"  already by {_place(chosen.by)}", "dim")]
        if key in SELECTING:
            settings = self._expansion.settings.get(id_of(unit), {})
            line += [
                (f"  {field.replace('_', '-')}={self.name(setting.value)}", "magenta")
                for field, setting in settings.items()
            ]
        return line

    def _out(self, reason: Reason, chosen: Chosen) -> str:
        if reason.key == "bootstrap_include":
            return f"it runs in the bootstrap ({_place(reason)})"
        if reason.key == "setup_include":
            return f"it runs in the setup ({_place(reason)})"
        if reason.key == "exclude":
            return f"excluded by {_place(reason)}"
        return f"plainbox asks for the manifest itself ({partial(id_of(chosen.unit))})"

    def totals(self) -> Iterator[str]:
        expansion = self._expansion
        numbers: Counter[str] = Counter()
        for expanded in expansion.root.walk():
            numbers["plans"] += not expanded.repeated
            for key, lines in expanded.lines.items():
                numbers[key] += len(lines)
                numbers["nothing"] += sum(not line.chosen for line in lines)
        selection = expansion.selection
        yield count(len(selection.wanted), "job")
        if expansion.templates:
            yield count(len(expansion.templates), "template")
        if selection.bootstrap:
            yield f"{len(selection.bootstrap)} in the bootstrap"
        yield f"{count(numbers['plans'], 'plan')}, {count(numbers['include'], 'include line')}"
        if numbers["nothing"] == 1:
            yield "1 line selects nothing"
        elif numbers["nothing"]:
            yield f"{numbers['nothing']} lines select nothing"


def _place(reason: Reason) -> str:
    span = reason.span
    return f"{span.source.name}:{span.line}"


def expansion_json(expansion: Expansion) -> dict[str, Any]:
    """The same for programs: plans in plans, each with its lines."""
    order = list(expansion.root.walk())
    made: dict[int, dict[str, Any]] = {}
    for expanded in reversed(order):
        plan = expanded.plan
        entry: dict[str, Any] = {"id": plan.id, "name": plan.name}
        if expanded.repeated:
            entry["repeated"] = True
        else:
            entry |= {"file": plan.record.source.name, "line": plan.record.first_line}
            entry |= {
                _TITLES[key]: [_line_json(line, key, expansion) for line in lines]
                for key, lines in expanded.lines.items()
            }
            entry["parts"] = [made[id(part)] for part in expanded.parts]
            entry["unknown_parts"] = list(expanded.unknown)
        made[id(expanded)] = entry
    selection = expansion.selection
    return {
        "plan": made[id(expansion.root)],
        "jobs": list(selection.jobs),
        "mandatory": list(selection.mandatory),
        "bootstrap": list(selection.bootstrap),
        "setup": list(selection.setup),
        "templates": [template.template_id for template in expansion.templates],
    }


def _line_json(line: ExpandedLine, key: str, expansion: Expansion) -> dict[str, Any]:
    reason = line.reason
    found: dict[str, Any] = {
        "text": reason.line.text if reason.line else reason.job_id,
        "file": reason.span.source.name,
        "line": reason.span.line,
        "selects": [_chosen_json(it, key, expansion) for it in line.chosen],
    }
    return found


def _chosen_json(chosen: Chosen, key: str, expansion: Expansion) -> dict[str, Any]:
    unit = chosen.unit
    name = id_of(unit)
    entry: dict[str, Any] = {"id": name, "kind": unit.kind}
    if isinstance(unit, Job):
        entry["plugin"] = unit.plugin.value
        entry["category_id"] = unit.category_id
        entry["certification_status"] = unit.certification_status
    else:
        entry["resource"] = unit.template_resource
    if key in SELECTING:
        settings = expansion.settings.get(name, {})
        entry |= {field: setting.value for field, setting in settings.items()}
        entry["overrides"] = {
            field: f"{setting.span.source.name}:{setting.span.line}"
            for field, setting in settings.items()
        }
        entry["already_by"] = _place(chosen.by) if chosen.by else None
        entry["taken_out_by"] = _place(chosen.out) if chosen.out else None
    return entry
