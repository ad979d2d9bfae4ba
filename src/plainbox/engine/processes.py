"""What the system knows of processes: who they are, whose children, and what they hold open.

Children are read from `/proc/<pid>/task/<tid>/children` where the kernel has it (microseconds),
else from a table of all processes (milliseconds). Nothing here ends a process.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from plainbox.text import harmless, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_LINE: Final = 160
_MOST_LINES: Final = 100


class Process(NamedTuple):
    """A process as people know it; `session` is the number of the one that leads its session."""

    number: int
    parent: int
    session: int
    state: str
    name: str

    @property
    def ended(self) -> bool:
        """Whether it has ended and only waits for its parent to ask."""
        return self.state in "ZX"

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Processes:
    """Looks processes up in a proc file system."""

    def __init__(self, proc: Path = Path("/proc"), *, lists_children: bool | None = None) -> None:
        """`lists_children`: whether the kernel does; found out where not given."""
        self._proc = proc
        own = f"{proc}/self/task/{os.getpid()}/children"
        self._lists = os.path.exists(own) if lists_children is None else lists_children  # noqa: PTH110 - text

    def find(self, number: int) -> Process | None:
        """A process; None where there is none of that number."""
        try:
            with open(f"{self._proc}/{number}/stat", "rb") as stat:
                head, _, rest = stat.read().rpartition(b")")
        except OSError:
            return None
        state, parent, _, session = rest.split(None, 4)[:4]
        name = harmless(printable(os.fsdecode(head.partition(b"(")[2])))
        return Process(number, int(parent), int(session), state.decode(), name)

    def children(self, number: int) -> list[Process]:
        """The children of a process, with those that have ended."""
        if not self._lists:
            return [it for it in self._all() if it.parent == number]
        found: list[Process] = []
        with suppress(OSError):
            for task in os.listdir(f"{self._proc}/{number}/task"):  # noqa: PTH208 - numbers
                path = f"{self._proc}/{number}/task/{task}/children"
                with suppress(OSError), open(path, "rb") as children:
                    found += filter(None, map(self.find, map(int, children.read().split())))
        return found

    def descendants(self, roots: Iterable[Process]) -> list[Process]:
        """The roots and all below them that live, parents first."""
        below = self.children
        if not self._lists:
            table: dict[int, list[Process]] = {}
            for process in self._all():
                table.setdefault(process.parent, []).append(process)

            def below(number: int) -> list[Process]:
                return table.get(number, [])

        found: dict[int, Process] = {}
        waiting = list(roots)
        while waiting:
            process = waiting.pop()
            if process.number not in found:
                found[process.number] = process
                waiting += reversed(below(process.number))
        return [it for it in found.values() if not it.ended]

    def _all(self) -> Iterator[Process]:
        for entry in os.listdir(self._proc):  # noqa: PTH208 - numbers
            if entry.isdecimal() and (process := self.find(int(entry))):
                yield process

    def command_line(self, process: Process) -> str:
        """What was called, as far as it fits on a line; the name where that is not known."""
        words = b""
        with suppress(OSError):
            words = Path(f"{self._proc}/{process.number}/cmdline").read_bytes()
        text = words.replace(b"\0", b" ").decode("utf-8", "replace")
        return " ".join(harmless(text).split())[:_LONGEST_LINE] or process.name

    def holds(self, process: Process, pipes: Iterable[int]) -> bool:
        """Whether a process has one of these pipes open, given by the numbers of their inodes."""
        names = {f"pipe:[{inode}]" for inode in pipes}
        folder = f"{self._proc}/{process.number}/fd"
        with suppress(OSError):
            for entry in os.listdir(folder):  # noqa: PTH208 - numbers
                with suppress(OSError):
                    if os.readlink(f"{folder}/{entry}") in names:  # noqa: PTH115 - text
                        return True
        return False

    def tree(self, living: Iterable[Process]) -> tuple[str, ...]:
        """Processes as lines of text, each below its parent and further in."""
        listed = {it.number: it for it in living}
        depths: dict[int, int] = {}
        lines: list[str] = []
        for process in _in_tree_order(listed):
            depth = depths[process.number] = depths.get(process.parent, -1) + 1
            lines.append(f"{'  ' * depth}{self.command_line(process)} ({process.number})")
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"and {len(lines) - _MOST_LINES} more"]
        return tuple(lines)


def _in_tree_order(listed: dict[int, Process]) -> Iterator[Process]:
    below: dict[int, list[Process]] = {}
    for process in listed.values():
        below.setdefault(process.parent if process.parent in listed else 0, []).append(process)
    waiting = below.get(0, [])[::-1]
    while waiting:
        process = waiting.pop()
        yield process
        waiting += below.get(process.number, [])[::-1]
