#!/usr/bin/env python3
"""Tests a file system by writing, syncing, reading back and comparing; and a disk by its counters.

The file is anonymous where the file system can do that, else removed right after it is opened:
nothing stays behind, even when this program is killed.
"""

# pathlib would double the start-up time
# ruff: noqa: PTH108

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import time

import facts_devices
import facts_mounts
from smoke_machine import Failure, Machine, run_checks

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing it takes time
    from typing import BinaryIO

MEGA = 1024 * 1024
AMOUNT = 16
WORN = 3
"""`pre_eol_info` of eMMC: 1 normal, 2 80 % of the reserve used, 3 urgent."""


def write_and_read(folder: str, megabytes: int) -> tuple[float, float]:
    """MB/s of writing to the disk and of reading; Failure where the contents differ."""
    random = os.urandom(MEGA)
    blocks = [random[i:] + random[:i] for i in range(megabytes)]
    with _nameless_file(folder) as stream:
        begin = time.monotonic()
        for block in blocks:
            stream.write(block)
        os.fsync(stream.fileno())
        middle = time.monotonic()
        if hasattr(os, "posix_fadvise"):
            with contextlib.suppress(OSError):  # read from the disk, not from memory
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        stream.seek(0)
        begin_read = time.monotonic()
        found = list(iter(lambda: stream.read(MEGA), b""))
        end = time.monotonic()
    compare(b"".join(found), b"".join(blocks))
    return megabytes / max(middle - begin, 1e-6), megabytes / max(end - begin_read, 1e-6)


def _nameless_file(folder: str) -> BinaryIO:
    flag = getattr(os, "O_TMPFILE", 0)
    if flag:
        with contextlib.suppress(OSError):
            return os.fdopen(os.open(folder, flag | os.O_RDWR, 0o600), "w+b", buffering=0)
    number, name = tempfile.mkstemp(prefix=".plainbox-smoke-", dir=folder)
    os.unlink(name)
    return os.fdopen(number, "w+b", buffering=0)


def compare(found: bytes, written: bytes) -> None:
    """Failure where the length or the checksum of what was read is not that of what was written."""
    if len(found) != len(written):
        raise Failure(f"data lost: {len(found)} of {len(written)} bytes could be read back")
    checksums = [hashlib.sha256(data).hexdigest()[:16] for data in (written, found)]
    if checksums[0] != checksums[1]:
        place = next(
            i for i in range(0, len(found), 512) if found[i : i + 512] != written[i : i + 512]
        )
        raise Failure(
            f"data damaged: wrote checksum {checksums[0]}, read {checksums[1]},"
            f" first difference in the 512 bytes at {place}"
        )


def _record(records: list[dict], key: str, name: str) -> dict:
    for record in records:
        if record[key] == name:
            return record
    raise Failure(f"{name} is gone: it is no longer among the machine's resources")


def filesystem(machine: Machine, name: str) -> str:
    """Write and read in the file system that the resource calls so."""
    record = _record(facts_mounts.mount(machine), "name", name)
    place = record["mountpoint"]
    if not record["writable"]:
        raise Failure(f"no access: {place} cannot be written to")
    print(
        f"{place}: {record['fstype']}, {record['free_mb']} MB free, writing in {record['folder']}"
    )
    try:
        write, read = write_and_read(machine.path(record["folder"]), AMOUNT)
    except OSError as error:
        raise Failure(f"{place}: {error.strerror}") from error
    return f"{place}: {AMOUNT} MB intact, written at {write:.0f} MB/s, read at {read:.0f} MB/s"


def complaint(path: str, text: str) -> str:
    """What a report of the kernel says against a disk; empty where all is well."""
    name = path.rpartition("/")[2]
    try:
        number = int(text, 0)
    except ValueError:
        bad = name == "state" and text in ("offline", "dead", "blocked", "transport-offline")
        return f"the device is {text}" if bad else ""
    if name == "errors_count" and number:
        return f"the file system of {path.split('/')[-2]} recorded {number} errors"
    if name == "degraded" and number:
        return f"the array lacks {number} of its disks"
    if name == "pre_eol_info" and number >= WORN:
        return "its reserve blocks are used up"
    return ""


def disk(machine: Machine, name: str) -> str:
    """Look at everything the kernel reports about one disk."""
    record = _record(facts_devices.block_device(machine), "slug", name)
    reports = facts_devices.disk_reports(machine, record["name"])
    complaints = []
    for path, text in reports.items():
        print(f"{path}: {text}")
        complaints.append(complaint(path, text))
    complaints = [text for text in complaints if text]
    if complaints:
        raise Failure(f"{name}: {'; '.join(complaints)}")
    return f"{name}: {record['size'] / 1e9:.1f} GB, {len(reports)} health reports, none bad"


if __name__ == "__main__":
    sys.exit(run_checks({"disk": disk, "filesystem": filesystem}, __doc__))
