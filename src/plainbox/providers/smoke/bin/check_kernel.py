#!/usr/bin/env python3
"""Tests whether the running kernel says of itself that something went wrong.

The kernel keeps a set of taint bits until the next boot. Those that tell of faulty hardware or
of a crash inside the kernel fail; those that tell what somebody loaded or allowed are reported.
"""

from __future__ import annotations

import sys

from smoke_machine import Failure, Machine, run_checks

TAINT = "/proc/sys/kernel/tainted"
BITS = (
    ("P", "a proprietary module was loaded"),
    ("F", "a module was loaded by force"),
    ("S", "the processor or its settings are out of specification"),
    ("R", "a module was unloaded by force"),
    ("M", "a processor reported a machine check: faulty hardware"),
    ("B", "a bad page of memory was met"),
    ("U", "a program asked for the taint"),
    ("D", "the kernel crashed in part: an oops or a bug"),
    ("A", "a table of the firmware was overridden"),
    ("W", "the kernel gave a warning with a trace"),
    ("C", "a driver of the staging area was loaded"),
    ("I", "a fault of the firmware is worked around"),
    ("O", "a module from outside the kernel tree was loaded"),
    ("E", "a module without a signature was loaded"),
    ("L", "a processor was stuck for long: a soft lock-up"),
    ("K", "the kernel was patched while it ran"),
    ("X", "a mark of the distributor"),
    ("T", "the kernel was built with shuffled structures"),
    ("N", "a test inside the kernel was run"),
    ("J", "a debugging interface of a device was used"),
)
"""Letter and meaning, from bit 0."""

FAILING = "MBD"


def explain(value: int) -> list[tuple[str, str]]:
    """Letter and meaning of each bit that is set; `?` for one newer than this program."""
    bits = [number for number in range(value.bit_length()) if value >> number & 1]
    return [BITS[n] if n < len(BITS) else ("?", f"bit {n}, unknown here") for n in bits]


def taint(machine: Machine) -> str:
    """Explain the taint of the running kernel."""
    value = machine.number(TAINT)
    if value is None:
        raise Failure(f"no access: {TAINT} cannot be read")
    found = explain(value)
    for letter, meaning in found:
        print(f"{letter}: {meaning}{' (fails)' if letter in FAILING else ''}")
    bad = [meaning for letter, meaning in found if letter in FAILING]
    if bad:
        raise Failure(f"kernel tainted ({value}): {'; '.join(bad)}")
    if not found:
        return "the kernel is not tainted"
    letters = "".join(letter for letter, _ in found)
    return f"kernel tainted {letters} ({value}), nothing that tells of a fault"


if __name__ == "__main__":
    sys.exit(run_checks({"taint": taint}, __doc__))
