"""A change of facts in words: what would have to be different for a job to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plainbox.expressions import Verdict
from plainbox.ids import PLAINBOX, partial, qualify
from plainbox.tui.words import Line, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plainbox.expressions import Records
    from plainbox.expressions.repair import Edit
    from plainbox.planning.changing import Change
    from plainbox.planning.explaining import Explanation
    from plainbox.planning.outlook import Outlook

    Name = Callable[[str], str]

_IN_A_SENTENCE: Final = 2
_LONGEST_LABEL: Final = 60
_MANIFEST: Final = qualify("manifest", PLAINBOX)


def change_lines(found: Explanation, outlook: Outlook, name: Name) -> Iterator[Line]:
    """The last lines of an explanation: what would make the job run, or why nothing would."""
    change = found.change
    if change is None:
        template = found.template
        what = "run" if template is None else "make a job"
        if template is not None and not found.why_not:
            any_record = f"there were a record of {name(template.template_resource)}"
            yield [(f"  It would make a job if {any_record}.", "bold")]
        else:
            yield [(f"  No change of facts makes it {what}: {found.why_not}.", "bold")]
        return
    parts = list(_parts(change, outlook, name))
    start = "It runs if" if found.runs is Verdict.UNKNOWN else "It would run if"
    if found.template is not None:
        start = "It would make a job if"
    if not parts:
        unread = ", ".join(map(name, change.reads))
        yield [(f"  It runs unless {unread} says otherwise, of which nothing is known.", "bold")]
    elif len(parts) <= _IN_A_SENTENCE:
        yield [(f"  {start} {' and '.join(parts)}.", "bold")]
    else:
        yield [(f"  {start}", "bold")]
        for place, part in enumerate(parts):
            yield [(f"    - {part}" + ("." if place + 1 == len(parts) else ""), "bold")]
    if change.runs:
        jobs = ", ".join(map(name, change.runs))
        yield [(f"  Then these would run too, which it needs: {cut(jobs, 200)}.", "")]


def _parts(change: Change, outlook: Outlook, name: Name) -> Iterator[str]:
    """Each thing that would have to be so."""
    by_record: dict[tuple[str, int], list[Edit]] = {}
    for edit in change.edits:
        by_record.setdefault(edit.cell[:2], []).append(edit)
    for (resource, number), edits in by_record.items():
        records = outlook.knowledge.records.get(resource, ())
        if resource == _MANIFEST:
            yield from _entries(edits, records, number)
        elif edits[0].before is None:
            values = ", ".join(f"{edit.cell.attribute}={edit.value!r}" for edit in edits)
            only = "" if any(records) else " (it has none)" if records else ""
            yield f"there were a record of {name(resource)} with {values}{only}"
        else:
            whose = _whose(resource, number, records, edits, name)
            for edit in edits:
                yield f"{edit.cell.attribute} of {whose} were {edit.value!r}"
    for job_id, outcome in change.outcomes.items():
        yield f"{name(job_id)} had {outcome.look.label}"


def _entries(edits: Sequence[Edit], records: Records, number: int) -> Iterator[str]:
    namespace = records[number].get("ns", "") if number < len(records) else ""
    for edit in edits:
        entry = qualify(edit.cell.attribute, namespace)
        value = {"True": "yes", "False": "no"}.get(edit.value, edit.value)
        command = f"plainbox manifest set {entry}={value}"
        yield f"the manifest said {edit.value!r} for {entry} ({command})"


def _whose(resource: str, number: int, records: Records, edits: Sequence[Edit], name: Name) -> str:
    """What to call a record: by a value that no other record has, else by its number."""
    record = records[number]
    if len(records) == 1:
        return name(resource)
    key, value = next(((key, value) for key, value in record.items() if value), ("", ""))
    edited = {edit.cell.attribute for edit in edits}
    alone = sum(other.get(key) == value for other in records) == 1
    if value and alone and key not in edited and len(value) <= _LONGEST_LABEL:
        return f"{value} ({partial(resource)})"
    return f"record {number + 1} of {name(resource)}"
