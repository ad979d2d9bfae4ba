#!/usr/bin/env python3
"""Tests the kernel's random numbers: ready, fast enough, and not obviously patterned.

A sound generator fails one of the statistics less than once in a hundred million runs; a broken
one, such as a seed that is always the same, may still pass them.
"""

from __future__ import annotations

import os
import sys
import time
import zlib

from smoke_machine import Failure, Machine, run_checks

MEGA = 1024 * 1024
AMOUNT = 8
LEAST_RATE = 1.0
"""MB/s; small boards reach ten."""

CHI_LOW, CHI_HIGH = 140.0, 420.0
"""For 255 degrees of freedom, 255 on average."""

BITS = 0.5 / (8 * MEGA) ** 0.5 * 6
"""Six standard deviations of the share of ones in a megabyte."""


def problem(data: bytes) -> str:
    """What shows that bytes are not random; empty where nothing does."""
    expected = len(data) / 256
    chi = sum((data.count(value) - expected) ** 2 for value in range(256)) / expected
    print(f"chi square of the bytes: {chi:.1f}, sound between {CHI_LOW:.0f} and {CHI_HIGH:.0f}")
    if not CHI_LOW <= chi <= CHI_HIGH:
        return f"bytes are not evenly spread: chi square {chi:.1f}"
    ones = bin(int.from_bytes(data, "little")).count("1") / (8 * len(data))  # noqa: FURB161
    print(f"share of ones: {ones:.5f}")
    if abs(ones - 0.5) > BITS:
        return f"{ones * 100:.2f} % of the bits are ones"
    size = len(zlib.compress(data, 1)) / len(data)
    return f"random data could be packed to {size * 100:.0f} %" if size < 0.99 else ""


def entropy(machine: Machine) -> str:
    """Read without waiting, measure, and look at the numbers."""
    pool = machine.number("/proc/sys/kernel/random/entropy_avail")
    print(f"entropy in the pool: {'unknown' if pool is None else pool}")
    try:
        first, second = (os.getrandom(32, os.GRND_NONBLOCK) for _ in range(2))
    except BlockingIOError as error:
        raise Failure("the kernel's random numbers are not ready: no entropy yet") from error
    if first == second:
        raise Failure("the same random numbers came twice")
    begin = time.monotonic()
    blocks = [os.urandom(MEGA) for _ in range(AMOUNT)]
    rate = AMOUNT / max(time.monotonic() - begin, 1e-6)
    found = problem(blocks[-1])
    if found:
        raise Failure(found)
    if rate < LEAST_RATE:
        raise Failure(f"{rate:.2f} MB/s of random numbers, at least {LEAST_RATE} MB/s expected")
    return f"random numbers at {rate:.0f} MB/s, evenly spread"


if __name__ == "__main__":
    sys.exit(run_checks({"entropy": entropy}, __doc__))
