"""The language of `requires` and `template-filter`: read, evaluate, explain, check.

Nothing here is ever evaluated as Python, and nothing raises for what a user wrote.
What would make them true is told by `expressions.repair`, which only few commands need.
"""

from plainbox.expressions.contradictions import Impossible, never_true
from plainbox.expressions.evaluation import (
    Answer,
    ComparisonReport,
    ExpressionReport,
    Verdict,
    evaluate,
    explain,
)
from plainbox.expressions.facts import Facts, Record, Records, Table
from plainbox.expressions.meaning import (
    Ambiguity,
    Reading,
    ambiguous_and,
    differs_from_incumbent,
)
from plainbox.expressions.program import (
    MANIFEST,
    Expression,
    Part,
    Program,
    parse_expression,
    parse_program,
)
from plainbox.expressions.tokens import ExpressionError

__all__ = [
    "MANIFEST",
    "Ambiguity",
    "Answer",
    "ComparisonReport",
    "Expression",
    "ExpressionError",
    "ExpressionReport",
    "Facts",
    "Impossible",
    "Part",
    "Program",
    "Reading",
    "Record",
    "Records",
    "Table",
    "Verdict",
    "ambiguous_and",
    "differs_from_incumbent",
    "evaluate",
    "explain",
    "never_true",
    "parse_expression",
    "parse_program",
]
