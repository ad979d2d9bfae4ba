#!/usr/bin/env python3
"""Tests memory: writes patterns over a part of it, reads all of it back, and compares.

It takes a quarter of what is available, at least 16 and at most 128 megabytes, and respects the
limit of the control group that it runs in. What is found is a bad module, a bad address line,
or a machine that runs too fast; hours of a memory tester find more.
"""

from __future__ import annotations

import mmap
import os
import sys
import time

from smoke_machine import Failure, Machine, fields, run_checks

MEGA = 1024 * 1024
LEAST, MOST = 16, 128
PAGE = 4096
FILLINGS = (("zeros", 0x00), ("ones", 0xFF), ("0101", 0x55), ("1010", 0xAA), ("0011", 0x33))


def available(machine: Machine) -> int:
    """Megabytes that can be had, by the kernel and by our control group."""
    memory = fields(machine.text("/proc/meminfo"))
    line = memory.get("MemAvailable") or memory.get("MemFree") or "0 kB"
    amounts = [int(line.split()[0]) // 1024]
    group = fields(machine.text("/proc/self/cgroup").replace("0::", "unified:", 1)).get("unified")
    for folder, top, now in (
        (f"/sys/fs/cgroup{group or ''}", "memory.max", "memory.current"),
        ("/sys/fs/cgroup", "memory.max", "memory.current"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        limit, used = machine.number(f"{folder}/{top}"), machine.number(f"{folder}/{now}")
        if limit is not None and used is not None:
            amounts.append((limit - used) // MEGA)
    return min(amounts)


def blocks(size: int) -> list[tuple[str, list[bytes]]]:
    """Patterns: a name, and the megabyte blocks that are written in turn."""
    walking = bytes(1 << (i % 8) for i in range(MEGA))
    random = os.urandom(MEGA)
    patterns = [(name, [bytes([value]) * MEGA]) for name, value in FILLINGS]
    patterns.append(("walking bit", [walking]))
    patterns.append(("random", [random, random[1:] + random[:1], random[7:] + random[:7]]))
    patterns.append(("addresses", [_addresses(i) for i in range(size // MEGA)]))
    return patterns


def _addresses(block: int) -> bytes:
    """A block in which every page says which one it is, so that mixed up pages show."""
    first = block * (MEGA // PAGE)
    pages = range(first, first + MEGA // PAGE)
    return b"".join(page.to_bytes(8, "little") * (PAGE // 8) for page in pages)


def exercise(area: mmap.mmap | bytearray, name: str, turns: list[bytes]) -> None:
    """Write one pattern everywhere, then read it; Failure with the first wrong byte."""
    count = len(area) // MEGA
    for block in range(count):
        area[block * MEGA : (block + 1) * MEGA] = turns[block % len(turns)]
    for block in range(count):
        wanted = turns[block % len(turns)]
        found = area[block * MEGA : (block + 1) * MEGA]
        if found != wanted:
            place = next(i for i in range(MEGA) if found[i] != wanted[i])
            raise Failure(
                f"memory error: byte {block * MEGA + place:#x} of the tested area holds"
                f" {found[place]:#04x} instead of {wanted[place]:#04x} ({name})"
            )


def memory(machine: Machine) -> str:
    """Take an area and run all patterns over it."""
    free = available(machine)
    amount = min(MOST, free // 4)
    if amount < LEAST:
        raise Failure(f"not enough memory to test: {free} MB available, {4 * LEAST} MB needed")
    begin = time.monotonic()
    with mmap.mmap(-1, amount * MEGA) as area:
        patterns = blocks(len(area))
        for name, turns in patterns:
            exercise(area, name, turns)
            print(f"{name}: right")
    seconds = time.monotonic() - begin
    rate = 2 * amount * len(patterns) / seconds
    return f"{amount} MB held {len(patterns)} patterns without an error ({rate:.0f} MB/s)"


if __name__ == "__main__":
    sys.exit(run_checks({"memory": memory}, __doc__))
