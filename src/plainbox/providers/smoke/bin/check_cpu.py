#!/usr/bin/env python3
"""Tests one processor: computations with known answers, done on that processor alone.

The answers are published ones (NIST's SHA test vectors, Park and Miller's generator, a Mersenne
prime and a Mersenne number that is none), so every architecture has to agree.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import zlib

from smoke_machine import Failure, Machine, run_checks

MILLION = b"a" * 1_000_000
TEXT = b"The quick brown fox jumps over the lazy dog"
ALL_SECONDS, ONE_SECONDS, LEAST_SECONDS = 6.0, 0.2, 0.02
"""For all processors together, at most and at least for one."""


def sha_256() -> str:
    """The third of the vectors of FIPS 180."""
    return hashlib.sha256(MILLION).hexdigest()


def sha_512() -> str:
    """The same for the 64-bit algorithm."""
    return hashlib.sha512(MILLION).hexdigest()[:32]


def integers() -> int:
    """Park and Miller: from 1, the 10,000th number is 1043618065."""
    number = 1
    for _ in range(10_000):
        number = number * 16807 % 2147483647
    return number


def floats() -> float:
    """The same in floating point, where all of its products are exact."""
    number = 1.0
    for _ in range(10_000):
        number = number * 16807.0 % 2147483647.0
    return number


def _lucas_lehmer(exponent: int) -> int:
    prime, number = (1 << exponent) - 1, 4
    for _ in range(exponent - 2):
        number = (number * number - 2) % prime
    return number


def long_integers() -> tuple[bool, bool]:
    """Lucas and Lehmer: 2^521-1 is prime, 2^523-1 is not."""
    return _lucas_lehmer(521) == 0, _lucas_lehmer(523) == 0


def checksum() -> int:
    """The CRC-32 of a well-known sentence."""
    return zlib.crc32(TEXT)


def compression() -> bool:
    """What is packed comes out again."""
    return zlib.decompress(zlib.compress(TEXT * 200, 1)) == TEXT * 200


ANSWERS = (
    (sha_256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    (sha_512, "e718483d0ce769644e2e42c7bc15b463"),
    (integers, 1043618065),
    (floats, 1043618065.0),
    (long_integers, (True, False)),
    (checksum, 0x414FA339),
    (compression, True),
)


def compute(answers: tuple, seconds: float) -> int:
    """Rounds done in the time, one at least; Failure at the first wrong answer."""
    rounds, end = 0, time.monotonic() + seconds
    while not rounds or time.monotonic() < end:
        for work, right in answers:
            answer = work()
            if answer != right:
                name = work.__name__.replace("_", " ")
                raise Failure(f"wrong result of {name} in round {rounds + 1}: {answer}")
        rounds += 1
    return rounds


def share(count: int) -> float:
    """Seconds for one of so many processors."""
    return max(LEAST_SECONDS, min(ONE_SECONDS, ALL_SECONDS / max(count, 1)))


def cpu(_machine: Machine, number: str = "0") -> str:
    """Compute on one processor."""
    wanted = int(number)
    try:
        os.sched_setaffinity(0, {wanted})
    except OSError as error:
        raise Failure(f"no access: cannot run on processor {wanted}: {error.strerror}") from error
    begin = time.monotonic()
    rounds = compute(ANSWERS, share(os.cpu_count() or 1))
    seconds = time.monotonic() - begin
    if os.sched_getaffinity(0) != {wanted}:
        raise Failure(f"bound to processor {wanted}, but allowed on {os.sched_getaffinity(0)}")
    return f"processor {wanted}: {rounds} rounds of known answers in {seconds:.2f} s, all right"


if __name__ == "__main__":
    sys.exit(run_checks({"cpu": cpu}, __doc__))
