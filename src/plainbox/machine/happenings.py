"""What happens to the machine while jobs run, looked at after each of them.

========  ==================================================  =================================
kind      what                                                where it is read
========  ==================================================  =================================
kernel    a line of the kernel log                            /dev/kmsg
warning   one of level warning or worse                       /dev/kmsg
taint     a flag that taints the kernel was set               /proc/sys/kernel/tainted
oom       the kernel killed processes for want of memory      /proc/vmstat
core      a core dump was written                             where the core pattern leads
unit      a unit of systemd failed                            systemctl, every half a minute
========  ==================================================  =================================
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plainbox.machine.core_dumps import CoreDumps
from plainbox.machine.failed_units import FailedUnits
from plainbox.machine.kernel_log import KernelLog
from plainbox.session.events import Happening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plainbox.machine.kernel_log import KernelLine

MOST_LINES: Final = 200
"""So many kernel lines are kept of one attempt, the first and the last of them."""
_LONGEST: Final = 400
_UNREADABLE: Final = "the kernel log cannot be read: what it says during jobs is not recorded"

_TAINTS: Final = (
    "a proprietary module was loaded",
    "a module was forced to load",
    "a kernel runs on a system that is out of its specification",
    "a module was forced to unload",
    "a machine check happened",
    "a bad page was referenced",
    "a user set the flag",
    "the kernel died (oops or bug)",
    "an ACPI table was overridden",
    "the kernel gave a warning",
    "a staging driver was loaded",
    "a firmware bug was worked around",
    "a module from outside the kernel was loaded",
    "an unsigned module was loaded",
    "a soft lockup happened",
    "the kernel was live patched",
    "an auxiliary taint was set",
    "the kernel was built with struct randomisation",
    "a test of the kernel itself was run",
)


class Watch:
    """Looks at the machine from the moment it is made; `notes` say what cannot be seen here."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.notes: list[str] = []
        self._log: KernelLog | None = None
        try:
            self._log = KernelLog(root)
        except OSError as error:
            self.notes.append(f"{_UNREADABLE} ({error.strerror})")
        self._tainted = str(root / "proc/sys/kernel/tainted")
        self._statistics = str(root / "proc/vmstat")
        self._taints = _number(_read(self._tainted))
        self._kills = _kills(_read(self._statistics))
        self._cores = CoreDumps(root)
        self._units = FailedUnits(root)

    def look(self) -> list[Happening]:
        """What happened since the last look; most often nothing."""
        lines = self._log.new_lines() if self._log else []
        found = [_of_line(line) for line in _bounded(lines)]
        found += [Happening("taint", text) for text in self._new_taints()]
        kills = _kills(_read(self._statistics))
        if kills > self._kills:
            found.append(Happening("oom", _of_kills(kills - self._kills, lines)))
        self._kills = kills
        found += [Happening("core", name[:_LONGEST]) for name in self._cores.new()]
        found += [Happening("unit", f"{name} failed") for name in self._units.new()]
        return found

    def _new_taints(self) -> Iterator[str]:
        taints = _number(_read(self._tainted))
        fresh = taints & ~self._taints
        self._taints |= taints
        for bit in range(fresh.bit_length()):
            if fresh >> bit & 1:
                yield _TAINTS[bit] if bit < len(_TAINTS) else f"flag {bit} was set"

    def close(self) -> None:
        """Look no more."""
        if self._log is not None:
            self._log.close()
            self._log = None


def _bounded(lines: list[KernelLine]) -> list[KernelLine]:
    """The lines, or the first and the last of them around a line that says how many are gone."""
    dropped = len(lines) - MOST_LINES
    if dropped <= 0:
        return lines
    half = MOST_LINES // 2
    gap = lines[half]._replace(text=f"({dropped} lines left out)")
    return [*lines[:half], gap, *lines[-half:]]


def _of_line(line: KernelLine) -> Happening:
    return Happening("warning" if line.is_warning else "kernel", line.text[:_LONGEST], line.at)


def _of_kills(number: int, lines: list[KernelLine]) -> str:
    said = [line.text for line in lines if "Killed process" in line.text]
    if said:
        return said[-1][:_LONGEST]
    what = "a process" if number == 1 else f"{number} processes"
    return f"the kernel killed {what} for want of memory"


def _read(path: str) -> bytes:
    """The beginning of a small file that the kernel makes up; empty where it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _number(content: bytes) -> int:
    text = content.strip()
    return int(text) if text.isdigit() else 0


def _kills(statistics: bytes) -> int:
    """How many processes the kernel has killed for want of memory since the boot."""
    _, found, rest = statistics.partition(b"\noom_kill ")
    return _number(rest.partition(b"\n")[0]) if found else 0
