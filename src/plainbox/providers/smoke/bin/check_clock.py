#!/usr/bin/env python3
"""Tests the clocks: that time never runs backwards, that clocks agree, that the date can be true.

Clocks are compared with each other, no other machine is asked. A slow adjustment by a time
service is at most 0.05 %, a tenth of what counts as a failure here.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

from smoke_machine import Failure, Machine, run_checks

SECONDS = 1.0
DRIFT = 0.005
"""Share by which two clocks may differ over the time."""

JUMP = 0.05
"""Seconds by which the date may be set while we look."""

LATE = 0.5
"""Seconds by which sleep may end late on a loaded machine."""

READINGS = 20_000
RELEASED = 1_735_689_600
"""This program did not exist before 2025."""

FAR = 4_102_444_800
"""The year 2100."""

RTC = "/sys/class/rtc/rtc0/since_epoch"


def backwards(readings: list[int]) -> int:
    """The largest step back, in nanoseconds; 0 where there is none."""
    steps = zip(readings, readings[1:])  # noqa: B905, RUF007
    return max((before - after for before, after in steps), default=0)


def compare(spans: dict[str, float], slept: float) -> None:
    """Failure where a clock disagrees with the monotonic one, or the timer is wrong."""
    true = spans["monotonic"]
    if true < slept or true > slept + LATE:
        raise Failure(f"a sleep of {slept:.2f} s took {true:.3f} s")
    for name, span in spans.items():
        allowed = DRIFT * true + (JUMP if name == "realtime" else 0.001)
        if abs(span - true) > allowed:
            raise Failure(f"clock {name} ran {span:.4f} s while monotonic ran {true:.4f} s")


def _clocks() -> dict[str, int]:
    names = {"monotonic": "MONOTONIC", "raw": "MONOTONIC_RAW", "boot time": "BOOTTIME"}
    names["realtime"] = "REALTIME"
    numbers = {ours: getattr(time, f"CLOCK_{theirs}", None) for ours, theirs in names.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def _across_processors() -> int:
    """Readings taken on each processor in turn: their counters must agree."""
    allowed = os.sched_getaffinity(0)
    worst, last = 0, time.monotonic_ns()
    for processor in sorted(allowed)[:64] * 3:
        with contextlib.suppress(OSError):  # a sandbox may forbid it: then we stay where we are
            os.sched_setaffinity(0, {processor})
        readings = [last] + [time.monotonic_ns() for _ in range(READINGS // 10)]
        worst, last = max(worst, backwards(readings)), readings[-1]
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, allowed)
    return worst


def rate(machine: Machine) -> str:
    """Monotonic clock and the rates of all clocks over a second."""
    step = backwards([time.monotonic_ns() for _ in range(READINGS)])
    step = max(step, _across_processors())
    if step > 0:
        raise Failure(f"the monotonic clock went back by {step} ns")
    clocks = _clocks()
    before = {name: time.clock_gettime_ns(number) for name, number in clocks.items()}
    time.sleep(SECONDS)
    after = {name: time.clock_gettime_ns(number) for name, number in clocks.items()}
    spans = {name: (after[name] - before[name]) / 1e9 for name in clocks}
    for name, span in spans.items():
        print(f"{name}: {span:.6f} s, resolution {time.clock_getres(clocks[name]):.9f} s")
    compare(spans, SECONDS)
    source = machine.text("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    worst = max(abs(span / spans["monotonic"] - 1) for span in spans.values())
    return (
        f"{len(clocks)} clocks agree within {worst * 1e6:.0f} ppm (source: {source or 'unknown'})"
    )


def zone_problem(data: bytes, name: str) -> str:
    """What is wrong with a time zone file; empty where it is sound."""
    return "" if data[:4] == b"TZif" else f"time zone {name} is not a time zone file"


def date(machine: Machine) -> str:
    """Whether today is plausible, and the time zone one that exists."""
    now = time.time()
    if not RELEASED <= now <= FAR:
        text = time.strftime("%Y-%m-%d", time.gmtime(now))
        raise Failure(f"the clock is not set: it says {text}")
    path = "/etc/localtime"
    if machine.exists(path):
        with open(machine.path(path), "rb") as stream:
            problem = zone_problem(stream.read(4), path)
        if problem:
            raise Failure(problem)
    offset = time.localtime(now).tm_gmtoff / 3600
    if not -12 <= offset <= 14:
        raise Failure(f"the time zone is {offset:+.2f} h from UTC")
    zone = time.strftime("%Z", time.localtime(now))
    return time.strftime(
        f"%Y-%m-%d %H:%M UTC, local zone {zone} ({offset:+.2f} h)", time.gmtime(now)
    )


def _next_second(machine: Machine, end: float) -> tuple[int, float]:
    """Wait until the hardware clock shows another second; what it shows, and when."""
    first = machine.number(RTC)
    while time.monotonic() < end:
        now = machine.number(RTC)
        if now != first and now is not None:
            return now, time.monotonic()
        time.sleep(0.005)
    raise Failure("the hardware clock stands still")


def hardware(machine: Machine) -> str:
    """The battery-backed clock runs, and one of its seconds is a second."""
    if machine.number(RTC) is None:
        raise Failure(f"no access: {RTC} cannot be read")
    end = time.monotonic() + 4
    first, begin = _next_second(machine, end)
    second, finish = _next_second(machine, end)
    seconds = finish - begin
    if second != first + 1 or not 0.9 <= seconds <= 1.1:
        raise Failure(f"{second - first} s of the hardware clock took {seconds:.2f} s")
    away = second - time.time()
    return f"the hardware clock runs; it is {away:+.0f} s from the system's time"


if __name__ == "__main__":
    sys.exit(run_checks({"date": date, "hardware": hardware, "rate": rate}, __doc__))
