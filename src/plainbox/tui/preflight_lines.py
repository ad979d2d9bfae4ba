"""What is told before the first job: what is needed, and what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plainbox.text import harmless

if TYPE_CHECKING:
    from plainbox.app.preflight import Preflight
    from plainbox.tui.words import Line


def preflight_lines(found: Preflight, dot: str) -> list[Line]:
    """A line of needs, if there are any, and one for each remark."""
    lines: list[Line] = []
    if found.needs:
        lines.append([("  needs  ", "dim"), (harmless(dot.join(found.needs)), "")])
    for text, hint in found.remarks:
        line: Line = [("  !      ", "yellow"), (harmless(text).replace("\n", " "), "")]
        if hint:
            line.append((f"   {harmless(hint)}", "cyan"))
        lines.append(line)
    return lines
