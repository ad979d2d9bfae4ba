"""The rows that benchmarks give, and how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER: Final = ("what", "plainbox", "limit", "ratio", "target", "", "the limit")
_VERDICTS: Final = {None: "", True: "holds", False: "FALLS SHORT"}


@dataclass(frozen=True)
class Target:
    """The most that a figure may be: a ratio to its limit, or an amount where it has a unit."""

    most: float
    unit: str = "x"


@dataclass(frozen=True)
class Row:
    """One figure beside its limit, both in `unit`; `ratio` is of figures measured together."""

    what: str
    measured: float
    limit: float
    limit_is: str
    unit: str
    ratio: float
    target: Target | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        return (self.measured if self.target.unit == self.unit else self.ratio) <= self.target.most

    def cells(self) -> tuple[str, ...]:
        """The texts of the columns."""
        return (
            self.what,
            f"{self.measured:.3g} {self.unit}",
            f"{self.limit:.3g} {self.unit}",
            f"{self.ratio:.2f} x",
            f"≤ {self.target.most:g} {self.target.unit}" if self.target else "",
            _VERDICTS[self.holds],
            self.limit_is,
        )


@dataclass(frozen=True)
class Skipped:
    """A figure that cannot be measured here, and why."""

    what: str
    reason: str


Line: TypeAlias = Row | Skipped


def render(lines: Sequence[Line]) -> str:
    """The table as text; what was skipped stands below it."""
    table = [HEADER, *(line.cells() for line in lines if isinstance(line, Row))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in table
    ]
    skipped = [f"{it.what}: skipped, {it.reason}" for it in lines if isinstance(it, Skipped)]
    return "\n".join([*texts, *skipped])
