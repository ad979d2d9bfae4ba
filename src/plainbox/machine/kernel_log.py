"""The kernel log, followed from where it stands now.

/dev/kmsg gives one record a read: `priority,number,microseconds,flags;text`, then continuation
lines that begin with a blank. The low three bits of the priority are the level, the rest says
who wrote it: 0 is the kernel itself. Lines of others (systemd writes some) are left out.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_RECORD_BYTES: Final = 8192
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_WARNING: Final = 4
MOST_RECORDS: Final = 1000
"""So many records are read at one look; of more only that there are more is said."""


class KernelLine(NamedTuple):
    """One line: seconds since the boot, level (0 emergency … 7 debug), text."""

    at: float
    level: int
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether the kernel warns, or worse."""
        return self.level <= _WARNING


class KernelLog:
    """What the kernel says from now on. Raise `OSError` where it cannot be read."""

    def __init__(self, root: Path) -> None:
        self._descriptor = os.open(root / "dev/kmsg", _FLAGS)
        with suppress(OSError):
            os.lseek(self._descriptor, 0, os.SEEK_END)

    def new_lines(self) -> list[KernelLine]:
        """The lines since the last look, oldest first, `MOST_RECORDS` at the most."""
        lines: list[KernelLine] = []
        for _ in range(MOST_RECORDS):
            try:
                record = os.read(self._descriptor, _RECORD_BYTES)
            except BlockingIOError:
                return lines
            except BrokenPipeError:  # records were overwritten before they were read
                lines.append(KernelLine(0.0, _WARNING, "(some lines were lost)"))
                continue
            except OSError:
                return lines
            if not record:
                return lines
            if (line := read_record(record)) is not None:
                lines.append(line)
        with suppress(OSError):
            os.lseek(self._descriptor, 0, os.SEEK_END)
        lines.append(KernelLine(0.0, _WARNING, "(more lines followed)"))
        return lines

    def close(self) -> None:
        """Read no more."""
        os.close(self._descriptor)


def read_record(record: bytes) -> KernelLine | None:
    """The line of a record; none where the kernel itself did not write it."""
    head, _, rest = record.decode("utf-8", "replace").partition(";")
    parts = head.split(",")
    try:
        priority, microseconds = int(parts[0]), int(parts[2])
    except (ValueError, IndexError):
        return None
    if priority >> 3:
        return None
    text = rest.partition("\n")[0]
    return KernelLine(microseconds / 1e6, priority & 7, text)
