"""Whether the kernel killed a job because memory ran out.

A control group counts such kills (`oom_kill` of `memory.events`); where none that we are in can
be read, the kernel log names the processes. Where neither can, nothing is known.
"""

from __future__ import annotations

import errno
import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_KILLED: Final = re.compile(rb"[Kk]illed process (\d+)")
_BY_SIGNAL: Final = (-signal.SIGKILL, 128 + signal.SIGKILL)
_MOST_READ: Final = 8192


class MemoryWatch:
    """Notices kills by the kernel since it was made; asked once for every job that ended."""

    def __init__(self, group: Path | None = None, log: Path = Path("/dev/kmsg")) -> None:
        """`group` is the control group that jobs are below of; None where there is none."""
        self._counter = _counter(group)
        self._count = self._read_count()
        self._log = -1 if self._counter >= 0 else _end_of(log)

    def killed(self, main: int, return_code: int) -> bool:
        """Whether a job that ended so was killed for memory, itself or in what it started."""
        if self._counter >= 0:
            before, self._count = self._count, self._read_count()
            return self._count > before and return_code != 0
        if return_code == 0 or self._log < 0:
            return False
        numbers = self._read_log()
        return main in numbers or (bool(numbers) and return_code in _BY_SIGNAL)

    def _read_count(self) -> int:
        if self._counter < 0:
            return 0
        for line in os.pread(self._counter, _MOST_READ, 0).splitlines():
            key, _, value = line.partition(b" ")
            if key == b"oom_kill":
                return int(value)
        return 0

    def _read_log(self) -> set[int]:
        """The processes that the kernel log names as killed since it was last read."""
        numbers: set[int] = set()
        while record := self._read_record():
            numbers.update(map(int, _KILLED.findall(record)))
        return numbers

    def _read_record(self) -> bytes:
        """The next record of the kernel log; empty where there is none yet."""
        with suppress(BlockingIOError):
            try:
                return os.read(self._log, _MOST_READ)
            except OSError as error:
                if error.errno == errno.EPIPE:  # some were overwritten before they were read
                    return b"..."
        return b""

    def close(self) -> None:
        """Look no more."""
        for descriptor in (self._counter, self._log):
            if descriptor >= 0:
                os.close(descriptor)
        self._counter = self._log = -1


def _counter(group: Path | None) -> int:
    """The nearest count of kills above a group; -1 where there is none."""
    for folder in () if group is None else (group, *group.parents):
        with suppress(OSError):
            return os.open(folder / "memory.events", os.O_RDONLY | os.O_CLOEXEC)
    return -1


def _end_of(log: Path) -> int:
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return -1
    os.lseek(descriptor, 0, os.SEEK_END)
    return descriptor
