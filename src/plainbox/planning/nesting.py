"""Plans within plans: a plan and all its nested parts, as one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.diagnostics import Code, Diagnostic, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plainbox.units import TestPlan

_KEY = "nested_part"


def parts_of(
    plans: Sequence[TestPlan], known: Mapping[str, TestPlan], sink: Sink | None = None
) -> list[TestPlan]:
    """Plans with their nested parts, in the order of the authors, each once.

    A part that does not exist is left out, and so is one that is around the plan that nests it;
    both are reported.
    """
    sink = Sink() if sink is None else sink
    parts: dict[str, TestPlan] = {}
    for root in plans:
        _add(root, parts, known, sink)
    return list(parts.values())


def _add(
    root: TestPlan, parts: dict[str, TestPlan], known: Mapping[str, TestPlan], sink: Sink
) -> None:
    """Add a plan that is not there yet, and what it nests."""
    if root.id in parts:
        return
    parts[root.id] = root
    path = [root]
    pending = [iter(root.nested_part)]
    while path:
        plan = path[-1]
        nested = next(pending[-1], None)
        part = None if nested is None else known.get(nested)
        if nested is None:
            path.pop()
            pending.pop()
        elif part is None:
            sink.add(_unknown(plan, nested))
        elif part.id not in parts:
            parts[part.id] = part
            path.append(part)
            pending.append(iter(part.nested_part))
        elif any(part is outer for outer in path):
            sink.add(_cycle(path, part))


def _unknown(plan: TestPlan, nested: str) -> Diagnostic:
    message = f"test plan {plan.id!r} nests {nested!r}, which does not exist"
    return Diagnostic(Code.UNKNOWN_PLAN, message, plan.id_span(_KEY, nested))


def _cycle(path: Sequence[TestPlan], part: TestPlan) -> Diagnostic:
    inner = path[[outer is part for outer in path].index(True) :]
    drawing = " -> ".join([*(plan.id for plan in inner), part.id])
    message = f"test plans nest each other: {drawing}"
    return Diagnostic(Code.PLAN_CYCLE, message, path[-1].id_span(_KEY, part.id))
