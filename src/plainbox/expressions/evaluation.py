"""Whether resources meet a program; of each comparison, and of the records that come nearest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from plainbox.expressions.facts import Facts
from plainbox.expressions.nodes import And, Or, children, names
from plainbox.expressions.plan import Plan
from plainbox.expressions.values import meets, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plainbox.expressions.facts import Record, Records, Table
    from plainbox.expressions.nodes import Node
    from plainbox.expressions.program import Expression, Part, Program


class Verdict(Enum):
    """What came out; unknown means that nothing is known about a resource that is named."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on a program, the first expression that is not true, what it lacks."""

    verdict: Verdict
    failed: Expression | None = None
    missing: str | None = None


def evaluate(program: Program, resources: Facts | Mapping[str, Records | Table]) -> Answer:
    """Decide a program; resources go by the names that its expressions use.

    Whoever asks more than once about the same records passes `Facts` over the same tables.
    """
    facts = resources if isinstance(resources, Facts) else Facts(resources)
    for name in program.names:
        if name not in facts.tables:
            failed = next(found for found in program.expressions if name in found.names)
            return Answer(Verdict.UNKNOWN, failed, name)
    for expression in program.expressions:
        if not is_true(expression, facts):
            return Answer(Verdict.FALSE, expression)
    return Answer(Verdict.TRUE)


def is_true(expression: Expression, facts: Facts) -> bool:
    """Whether an expression is true; all its resources have to be known."""
    return any(
        all(witness(part, facts) is not None for part in alternative)
        for alternative in expression.alternatives
    )


def witness(part: Part, facts: Facts) -> dict[str, Record] | None:
    """Records by resource that meet a part; of those resources that mattered."""
    tables = facts.tables
    if not all(tables[name].records for name in part.names):
        return None
    return part.plan.find(tables)


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """One operand of `and` and `or`: its text, its place, and how it fares.

    `verdict` says whether any records meet it, on its own; `met` whether the nearest ones do.
    """

    text: str
    start: int
    end: int
    names: tuple[str, ...]
    verdict: Verdict
    met: bool


@dataclass(frozen=True, slots=True)
class ExpressionReport:
    """How an expression came to its verdict.

    `nearest` holds of each resource that has records the one that meets most comparisons, or has
    most of what they read (where one combination makes it true, that); `read` the values that
    the expression reads of it; `records` the number of records of each resource that is known.
    """

    expression: Expression
    verdict: Verdict
    comparisons: tuple[ComparisonReport, ...]
    nearest: Mapping[str, Record]
    read: Mapping[str, Mapping[str, str]]
    records: Mapping[str, int]


def explain(
    program: Program, resources: Facts | Mapping[str, Records | Table]
) -> tuple[ExpressionReport, ...]:
    """Report on every expression, also on those behind one that is false."""
    facts = resources if isinstance(resources, Facts) else Facts(resources)
    return tuple(_report(expression, facts) for expression in program.expressions)


def _report(expression: Expression, facts: Facts) -> ExpressionReport:
    terms = _terms(expression.node)
    nearest = _nearest(expression, terms, facts)
    return ExpressionReport(
        expression,
        _verdict(expression, facts),
        tuple(_comparison(expression, term, nearest, facts) for term in terms),
        nearest,
        {
            name: {
                attribute: record.get(attribute, "")
                for resource, attribute in expression.attributes
                if resource == name
            }
            for name, record in nearest.items()
        },
        {
            name: len(facts.tables[name].records)
            for name in expression.names
            if name in facts.tables
        },
    )


def _verdict(expression: Expression, facts: Facts) -> Verdict:
    if not all(name in facts.tables for name in expression.names):
        return Verdict.UNKNOWN
    return Verdict.TRUE if is_true(expression, facts) else Verdict.FALSE


def _terms(node: Node) -> list[Node]:
    """The operands of `and` and `or`, in the order in which they are written."""
    terms: list[Node] = []
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, And | Or):
            pending.extend(reversed(children(node)))
        else:
            terms.append(node)
    return terms


def _nearest(expression: Expression, terms: list[Node], facts: Facts) -> dict[str, Record]:
    """One record of each resource: a witness, else what meets most, resource by resource."""
    chosen: dict[str, Record] = {}
    if expression.joint and _verdict(expression, facts) is Verdict.TRUE:
        chosen.update(witness(expression.alternatives[0][0], facts) or {})
    for name in expression.names:
        table = facts.tables.get(name)
        if name in chosen or table is None or not table.records:
            continue
        known = {*chosen, name}
        values = [
            value_of(term)
            for term in terms
            if name in names(term) and known.issuperset(names(term))
        ]
        keys = [key for resource, key in expression.attributes if resource == name]
        chosen[name] = max(
            table.records,
            key=lambda record: (
                sum(meets(value, {**chosen, name: record}) for value in values),
                sum(key in record for key in keys),
            ),
        )
    return chosen


def _comparison(
    expression: Expression, term: Node, nearest: Mapping[str, Record], facts: Facts
) -> ComparisonReport:
    named = names(term)
    if not all(name in facts.tables for name in named):
        verdict = Verdict.UNKNOWN
    elif not all(facts.tables[name].records for name in named):
        verdict = Verdict.FALSE
    else:
        found = Plan([term]).find(facts.tables)
        verdict = Verdict.FALSE if found is None else Verdict.TRUE
    met = all(name in nearest for name in named) and meets(value_of(term), nearest)
    return ComparisonReport(expression.slice(term), term.start, term.end, named, verdict, met)
