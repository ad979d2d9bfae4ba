"""Keeping hold of all that a job starts, so that it can be ended as a whole.

Plainbox is a subreaper: what loses its parent becomes a child of plainbox, not of init. Where a
cgroup2 tree can be written, each attempt has a group in it, entered before the process is
started and left after; a group that can be removed is empty, so an attempt that leaves nothing
behind costs no search. Without such a tree the processes are found by their parents.

This module uses nothing but the standard library: it also serves in processes of other users.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PR_SET_CHILD_SUBREAPER: Final = 36
_PATIENCE: Final = 2.0
"""Seconds that killed processes get to disappear."""


class Process(NamedTuple):
    """A process as people know it."""

    number: int
    parent: int
    name: str
    arguments: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


def become_subreaper() -> bool:
    """Have orphans of our descendants become our children; whether the system allows it."""
    import ctypes

    try:
        return ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


class Containment:
    """Where the processes of attempts live: groups below our own one, or just our descendants."""

    def __init__(self, name: str, proc: Path = Path("/proc")) -> None:
        """`name` tells the groups of one session from those of others."""
        self._proc = proc
        self._known: set[int] = set()
        self._top = _own_group(proc, name)

    @property
    def grouped(self) -> bool:
        """Whether attempts have groups of their own."""
        return self._top is not None

    def keep(self, process: int) -> None:
        """Never take this child of ours for something that a job left behind."""
        self._known.add(process)

    @contextmanager
    def entered(self, attempt: int) -> Iterator[None]:
        """Inside, processes are started into the group of an attempt."""
        if self._top is None:
            yield
            return
        try:
            (self._top / str(attempt)).mkdir(exist_ok=True)
            _move_in(self._top / str(attempt))
        except OSError:
            yield
            return
        try:
            yield
        finally:
            with suppress(OSError):
                _move_in(self._top / "plainbox")

    def members(self, attempt: int, main: int) -> list[Process]:
        """The living processes of an attempt; `main` is the one that was started for it."""
        table = _table(self._proc)
        if self._top is not None:
            with suppress(OSError, ValueError):
                numbers = (self._top / str(attempt) / "cgroup.procs").read_text().split()
                return [table[int(number)] for number in numbers if int(number) in table]
        return list(_descendants(table, {main}, self._known))

    def kill(self, attempt: int, main: int) -> list[Process]:
        """Kill every process of an attempt; return those that were there, and wait for the end."""
        killed: dict[int, Process] = {}
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            living = [it for it in self.members(attempt, main) if it.number != os.getpid()]
            if not living:
                break
            for process in living:
                killed.setdefault(process.number, process)
                with suppress(OSError):
                    os.kill(process.number, signal.SIGKILL)
            self.reap(main)
            time.sleep(0.005)  # noqa: TID251 - waits for the kernel, where nothing can be awaited
        return list(killed.values())

    def left_by(self, attempt: int, main: int) -> list[Process]:
        """End what an attempt left behind after its main process ended; what that was."""
        if self._top is not None:
            try:
                (self._top / str(attempt)).rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                left = self.kill(attempt, main)
                with suppress(OSError):
                    (self._top / str(attempt)).rmdir()
                return left
            else:
                return []
        if not self._known and _childless():
            return []
        return self.kill(attempt, main)

    def reap(self, main: int) -> None:
        """Take leave of orphans that have ended, so that they do not stay as zombies."""
        for process in _descendants(_table(self._proc, zombies=True), {main}, self._known):
            if process.number != main and process.parent == os.getpid():
                with suppress(ChildProcessError):
                    os.waitpid(process.number, os.WNOHANG)

    def close(self) -> None:
        """Give our groups back."""
        if self._top is None:
            return
        for group in sorted(self._top.iterdir()):
            if group.is_dir() and group.name != "plainbox":
                with suppress(OSError):
                    group.rmdir()
        with suppress(OSError):
            _move_in(self._top.parent)
            (self._top / "plainbox").rmdir()
            self._top.rmdir()


def _own_group(proc: Path, name: str) -> Path | None:
    """A group of ours in the cgroup2 tree, with us in it; None where there can be none."""
    try:
        mounts = (proc / "self/mountinfo").read_text()
        path = next(
            line.partition("::")[2]
            for line in (proc / "self/cgroup").read_text().splitlines()
            if line.startswith("0::")
        )
    except (OSError, StopIteration):
        return None
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        if right.startswith("cgroup2 "):
            top = Path(left.split()[4] + path) / f"plainbox-{name}-{os.getpid()}"
            try:
                (top / "plainbox").mkdir(parents=True)
                _move_in(top / "plainbox")
            except OSError:
                with suppress(OSError):
                    (top / "plainbox").rmdir()
                    top.rmdir()
                return None
            return top
    return None


def _move_in(group: Path) -> None:
    descriptor = os.open(group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def _childless() -> bool:
    """Whether we have no child at all, living or dead."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None and False
    except ChildProcessError:
        return True


def _table(proc: Path, *, zombies: bool = False) -> dict[int, Process]:
    """All processes that can be seen, by number."""
    table: dict[int, Process] = {}
    for entry in os.listdir(proc):  # noqa: PTH208 - names, not paths: this is searched often
        if not entry.isdecimal():
            continue
        try:
            with open(f"{proc}/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                head, _, rest = stat.read().rpartition(")")
        except OSError:
            continue
        state, parent = rest.split(None, 2)[:2]
        if zombies or state not in "ZX":
            number = int(entry)
            table[number] = Process(number, int(parent), head.partition("(")[2])
    return table


def _descendants(
    table: dict[int, Process], mains: Collection[int], known: Collection[int]
) -> Iterator[Process]:
    """Our descendants, but for the children that we know and what they started."""
    children: dict[int, list[Process]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    own = children.get(os.getpid(), [])
    waiting = [it for it in own if it.number not in known or it.number in mains]
    while waiting:
        process = waiting.pop()
        yield process
        waiting.extend(children.get(process.number, ()))
