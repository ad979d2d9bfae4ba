"""Keeping hold of all that a job starts, so that it can be ended as a whole.

Plainbox is a subreaper: what loses its parent becomes a child of plainbox, not of init. Where a
cgroup2 tree can be written, each attempt has a group in it, entered before its process is
started and left after; the kernel ends a group at once, however fast it forks. Besides, and
where there is no such tree, processes are found by their parents: an orphan belongs to the
attempt whose session it is in; one that left its session belongs to the attempt that is alone,
or the last of several, since nothing else tells whose it was. Every job leads a session of its
own, so children that share plainbox's session are its own programs and are left alone.

It serves in processes of other users too, and imports little.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.engine.processes import Process, Processes

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_CHILD_SUBREAPER: Final = 36
_MORE_EXPENDABLE: Final = 500
_MOST_EXPENDABLE: Final = 1000
_OWN: Final = "plainbox"
_NO_ATTEMPT: Final = -1
_PATIENCE: Final = 2.0
_PAUSE: Final = 0.005
"""Seconds that killed processes of an earlier run get to disappear, and between two looks."""


def become_subreaper() -> bool:
    """Have orphans of our descendants become our children; whether the system allows it."""
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


class Containment:
    """Where the processes of attempts live: groups below our own one, or just our descendants."""

    def __init__(
        self, name: str, processes: Processes | None = None, *, owner: int | None = None
    ) -> None:
        """`name` tells the groups of one session from those of others.

        Children that are there already are of no attempt, and stay. `owner` is the user that
        this process will become, whose the groups are to be.
        """
        self._processes = processes or Processes()
        self._kept = {child.number for child in self._processes.children(os.getpid())}
        self._mains: dict[int, int] = {}
        self._session = os.getsid(0)
        self._top = _own_group(name, owner)
        self._own = -1
        if self._top is not None:
            self._own = os.open(self._top / _OWN / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        self._score, self._scores = _expendability()

    @property
    def grouped(self) -> bool:
        """Whether attempts have groups of their own."""
        return self._top is not None

    @property
    def group(self) -> Path | None:
        """The group that the groups of attempts are in."""
        return self._top

    def keep(self, process: int) -> None:
        """Never take this child of ours for something that a job left behind."""
        self._kept.add(process)

    @contextmanager
    def entered(self, attempt: int) -> Iterator[None]:
        """Inside, processes are started into the group of an attempt, as the first to be killed.

        The kernel ends them before plainbox where memory runs out. Raises nothing: where a group
        cannot be had, the attempt does without.
        """
        self._write(self._score, self._scores[1])
        inside = self._enter(attempt)
        try:
            yield
        finally:
            if inside:
                self._write(self._own, b"0")
            self._write(self._score, self._scores[0])

    def _enter(self, attempt: int) -> bool:
        if self._top is None:
            return False
        group = f"{self._top}/{attempt}"
        try:
            with suppress(FileExistsError):
                os.mkdir(group, 0o755)  # noqa: PTH102 - once a job
            _move_in(group)
        except OSError:
            return False
        return True

    @staticmethod
    def _write(descriptor: int, content: bytes) -> None:
        if descriptor >= 0:
            with suppress(OSError):
                os.pwrite(descriptor, content, 0)

    def began(self, attempt: int, main: int) -> None:
        """Note which process was started for an attempt."""
        self._mains[attempt] = main

    def living(self, attempt: int) -> list[Process]:
        """The processes of an attempt that live, its main one first where it does."""
        roots = self._roots(attempt)
        for number in self._in_group(attempt):
            if process := self._processes.find(number):
                roots.append(process)
        return self._processes.descendants(roots[::-1])

    def _in_group(self, attempt: int) -> Iterator[int]:
        if self._top is None:
            return
        for folder, _, _ in os.walk(self._top / str(attempt), topdown=False):
            yield from _numbers(folder)

    def _roots(self, attempt: int) -> list[Process]:
        """Those of our children that are of an attempt; orphans that have ended are forgotten."""
        main = self._mains.get(attempt)
        others = {number for key, number in self._mains.items() if key != attempt}
        roots: list[Process] = []
        for child in self._processes.children(os.getpid()):
            if child.number == main:
                roots.insert(0, child)
            elif self._is_foreign(child, others):
                continue
            elif child.ended:
                with suppress(ChildProcessError):
                    os.waitpid(child.number, os.WNOHANG)
            elif child.session == main or not others:
                roots.append(child)
        return roots

    def _is_foreign(self, child: Process, others: set[int]) -> bool:
        """Whether a child is plainbox's own, or surely of one of the other attempts."""
        own = child.number in self._kept or child.session == self._session
        return own or child.number in others or child.session in others

    def tree(self, attempt: int) -> tuple[str, ...]:
        """The processes of an attempt as lines of text."""
        return self._processes.tree(self.living(attempt))

    def holders(self, attempt: int, pipes: frozenset[int]) -> list[Process]:
        """The processes of an attempt that hold one of these pipes open."""
        return [it for it in self.living(attempt) if self._processes.holds(it, pipes)]

    def kill(self, attempt: int) -> list[Process]:
        """Kill all that lives of an attempt; what that was. They take a moment to be gone."""
        living = [it for it in self.living(attempt) if it.number != os.getpid()]
        if self._top is not None:
            with suppress(OSError):
                (self._top / str(attempt) / "cgroup.kill").write_bytes(b"1")
        for process in living:
            with suppress(OSError):
                os.kill(process.number, signal.SIGKILL)
        return living

    def gone(self, attempt: int) -> bool:
        """Whether nothing is left of an attempt whose main process has ended; takes its group."""
        if self._top is not None:
            try:
                os.rmdir(f"{self._top}/{attempt}")  # noqa: PTH106 - once a job
            except FileNotFoundError:
                pass
            except OSError:
                if any(self._in_group(attempt)) or not self._remove(attempt):
                    return False
        if not self._kept and len(self._mains) == 1 and _childless():
            return True
        return not self._roots(attempt)

    def _remove(self, attempt: int) -> bool:
        """Remove a group with the groups that the job made in it."""
        if self._top is not None:
            for folder, _, _ in os.walk(self._top / str(attempt), topdown=False):
                with suppress(OSError):
                    os.rmdir(folder)  # noqa: PTH106 - text from the walk
            return not (self._top / str(attempt)).exists()
        return True

    def ended(self, attempt: int) -> None:
        """Forget an attempt."""
        self._mains.pop(attempt, None)

    def end_strays(self) -> None:
        """End orphans that are of no attempt here: a spawner that died left them to us."""
        until = time.monotonic() + _PATIENCE
        while not self.gone(_NO_ATTEMPT) and time.monotonic() < until:
            self.kill(_NO_ATTEMPT)
            time.sleep(_PAUSE)  # the kernel tells nobody that they are gone

    def close(self) -> None:
        """End what is of no attempt, and give our groups back."""
        self.end_strays()
        if self._score >= 0:
            os.close(self._score)
            self._score = -1
        if self._top is None:
            return
        os.close(self._own)
        self._own = -1
        for group in self._top.iterdir():
            if group.name.isdecimal():
                self._remove(int(group.name))
        with suppress(OSError):
            _move_in(self._top.parent)
        for group in (self._top / _OWN, self._top):
            with suppress(OSError):
                group.rmdir()
        self._top = None


def end_earlier(name: str) -> list[str]:
    """End what processes of this name that are gone left in their groups; what that was."""
    base = _base()
    ended: dict[int, str] = {}
    for group in base.glob(f"plainbox-{name}-*") if base else ():
        if _owner(group) in _numbers(group / _OWN):
            continue
        until = time.monotonic() + _PATIENCE
        while group.exists() and time.monotonic() < until:
            _end_group(group, ended)
            time.sleep(_PAUSE)  # the kernel tells nobody that a group is empty
    return list(ended.values())


def _end_group(group: Path, ended: dict[int, str]) -> None:
    """Kill what is in a group and remove it as far as it is empty."""
    for folder, _, _ in os.walk(group, topdown=False):
        for number in _numbers(folder):
            process = Processes().find(number)
            if process is not None and not process.ended:
                ended.setdefault(number, str(process))
                with suppress(OSError):
                    os.kill(number, signal.SIGKILL)
        with suppress(OSError):
            os.rmdir(folder)  # noqa: PTH106 - text from the walk


def _owner(group: Path) -> int:
    """The process that made a group of this kind; 0 where the name tells none."""
    number = group.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _numbers(group: Path | str) -> list[int]:
    """The processes in a group, without those in groups below it."""
    try:
        with open(f"{group}/cgroup.procs", "rb") as numbers:
            return [int(number) for number in numbers.read().split()]
    except OSError:
        return []


def _here(proc: Path = Path("/proc")) -> Path | None:
    """The folder of the cgroup2 group that this process is in."""
    try:
        mounts = (proc / "self/mountinfo").read_text("utf-8")
        groups = (proc / "self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return None
    path = next((it.partition("::")[2] for it in groups if it.startswith("0::")), None)
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        if path is not None and right.startswith("cgroup2 "):
            root, point = left.split()[3:5]
            inside = path if root == "/" else path.removeprefix(root)
            return Path(point + inside)
    return None


def _own_group(name: str, owner: int | None) -> Path | None:
    """A group of ours in the cgroup2 tree, with us in it; None where there can be none."""
    here = _base()
    if here is None:
        return None
    sweep()
    top = here / f"plainbox-{name}-{os.getpid()}"
    try:
        (top / _OWN).mkdir(parents=True)
        _move_in(top / _OWN)
        if owner is not None:
            for place in (top, top / "cgroup.procs", top / _OWN, top / _OWN / "cgroup.procs"):
                os.chown(place, owner, -1)
    except OSError:
        with suppress(OSError):
            _move_in(here)
        for group in (top / _OWN, top):
            with suppress(OSError):
                group.rmdir()
        return None
    return top


def _base() -> Path | None:
    """The group that groups of ours are made in: the one we were started in."""
    here = _here()
    if here is not None and here.name == _OWN and _owner(here.parent) == os.getpid():
        return here.parent.parent
    return here


def sweep() -> None:
    """Remove the empty groups of processes that are gone: nobody else would."""
    base = _base()
    for group in base.glob("plainbox-*-*") if base else ():
        if not os.path.exists(f"/proc/{_owner(group)}"):  # noqa: PTH110 - text
            for folder, _, _ in os.walk(group, topdown=False):
                with suppress(OSError):
                    os.rmdir(folder)  # noqa: PTH106 - text from the walk


def _move_in(group: Path | str) -> None:
    descriptor = os.open(f"{group}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, b"0")
    finally:
        os.close(descriptor)


def _expendability() -> tuple[int, tuple[bytes, bytes]]:
    """Where to write how readily the kernel may end us, and what: usually, and for jobs."""
    try:
        descriptor = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)
        usual = int(os.pread(descriptor, 16, 0))
    except (OSError, ValueError):
        return -1, (b"0", b"0")
    more = min(_MOST_EXPENDABLE, usual + _MORE_EXPENDABLE)
    return descriptor, (str(usual).encode(), str(more).encode())


def _childless() -> bool:
    """Whether we have no child at all, living or dead."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False
