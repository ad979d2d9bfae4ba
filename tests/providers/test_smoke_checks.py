"""What the test programs say of this machine, and of recorded machines with a fault."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def on_this_machine(smoke: Path, program: str, *words: str) -> tuple[int, str]:
    command = [sys.executable, str(smoke / "bin" / program), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check_memory.py", "memory"), "without an error"),
        (("check_clock.py", "rate"), "clocks agree"),
        (("check_clock.py", "date"), "UTC"),
        (("check_processes.py", "processes"), "zombie reaped"),
        (("check_processes.py", "files"), "files opened at once"),
        (("check_entropy.py", "entropy"), "evenly spread"),
        (("check_network.py", "loopback"), "intact"),
    ],
)
def test_this_machine_passes(smoke: Path, words: tuple[str, ...], says: str) -> None:
    status, line = on_this_machine(smoke, *words)
    assert status == 0, line
    assert says in line


def test_every_processor_we_may_use_computes_correctly(smoke: Path) -> None:
    for number in sorted(os.sched_getaffinity(0))[:4]:
        status, line = on_this_machine(smoke, "check_cpu.py", "cpu", str(number))
        assert status == 0
        assert line.startswith(f"processor {number}: ")
        assert line.endswith("all right")


def test_a_processor_that_is_not_there_is_no_access(smoke: Path) -> None:
    status, line = on_this_machine(smoke, "check_cpu.py", "cpu", "1000")
    assert status == 1
    assert line.startswith("no access: cannot run on processor 1000")


def test_programs_run_by_their_name_through_a_link(smoke: Path, tmp_path: Path) -> None:
    (tmp_path / "check_cpu.py").symlink_to(smoke / "bin" / "check_cpu.py")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["sh", "-c", f"check_cpu.py cpu {max(os.sched_getaffinity(0))}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_check_of_one_thing_needs_its_name(machine: Callable[[str], Any]) -> None:
    done = machine("laptop").run("check_hardware.py", "thermal")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("thermal needs the name of what to test")


def test_degrees_can_be_said_in_any_locale(
    machine: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = machine("board").run("check_hardware.py", "thermal", "thermal_zone0")
    assert done.returncode == 0, done.stderr


def test_a_wrong_answer_fails(program: Callable[[str], Any]) -> None:
    check = program("check_cpu")

    def broken_sum() -> int:
        return 3

    with pytest.raises(check.Failure, match="wrong result of broken sum in round 1: 3"):
        check.compute(((broken_sum, 4),), 0.1)


def test_many_processors_share_the_time(program: Callable[[str], Any]) -> None:
    check = program("check_cpu")
    assert check.share(1) == 0.2
    assert check.share(256) * 256 < 7


class StuckBit(bytearray):
    """Memory in which one bit of one byte is always set."""

    def __getitem__(self, place: Any) -> Any:
        block = super().__getitem__(place)
        start, stop, _ = place.indices(len(self))
        if start <= 1_500_000 < stop:
            block[1_500_000 - start] |= 4
        return block


def test_a_stuck_bit_is_found_and_named(program: Callable[[str], Any]) -> None:
    check = program("check_memory")
    area = StuckBit(2 * check.MEGA)
    patterns = dict(check.blocks(len(area)))
    check.exercise(area, "ones", patterns["ones"])
    with pytest.raises(check.Failure) as caught:
        check.exercise(area, "zeros", patterns["zeros"])
    assert str(caught.value) == (
        "memory error: byte 0x16e360 of the tested area holds 0x04 instead of 0x00 (zeros)"
    )


def test_swapped_pages_are_found(program: Callable[[str], Any]) -> None:
    check = program("check_memory")

    class Swapped(bytearray):
        def __setitem__(self, place: Any, value: Any) -> None:
            start = 0 if place.start == check.MEGA else place.start
            super().__setitem__(slice(start, start + len(value)), value)

    patterns = dict(check.blocks(2 * check.MEGA))
    area = Swapped(2 * check.MEGA)
    with pytest.raises(check.Failure, match="addresses"):
        check.exercise(area, "addresses", patterns["addresses"])


def test_the_limit_of_the_container_bounds_the_memory_test(
    machine: Callable[[str], Any], program: Callable[[str], Any]
) -> None:
    available = program("check_memory").available
    read = program("smoke_machine").Machine
    assert available(read(str(machine("container").root))) == 128
    assert available(read(str(machine("board").root))) == 683


def test_too_little_memory_is_said(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    recorded.write("/proc/meminfo", "MemAvailable: 30000 kB\n")
    assert recorded.verdict("check_memory.py", "memory") == (
        1,
        "not enough memory to test: 29 MB available, 64 MB needed",
    )


def test_a_clock_that_runs_backwards_is_found(program: Callable[[str], Any]) -> None:
    check = program("check_clock")
    assert check.backwards([1, 5, 3, 9]) == 2
    assert check.backwards([1, 1, 2]) == 0


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ({"monotonic": 1.0, "raw": 1.02}, "clock raw ran 1.0200 s"),
        ({"monotonic": 1.0, "realtime": 0.9}, "clock realtime ran 0.9000 s"),
        ({"monotonic": 2.0}, "a sleep of 1.00 s took 2.000 s"),
        ({"monotonic": 0.5}, "a sleep of 1.00 s took 0.500 s"),
    ],
)
def test_clocks_that_disagree_fail(
    program: Callable[[str], Any], spans: dict[str, float], message: str
) -> None:
    check = program("check_clock")
    with pytest.raises(check.Failure, match=message):
        check.compare(spans, 1.0)


def test_clocks_may_be_adjusted_a_little(program: Callable[[str], Any]) -> None:
    program("check_clock").compare({"monotonic": 1.0, "raw": 1.0005, "realtime": 1.03}, 1.0)


def test_a_clock_that_was_never_set_fails(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = program("check_clock")
    monkeypatch.setattr(time, "time", lambda: 86400.0)
    with pytest.raises(check.Failure, match="the clock is not set: it says 1970-01-02"):
        check.date(program("smoke_machine").Machine())


def test_a_damaged_time_zone_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    recorded.write("/etc/localtime", "junk")
    status, line = recorded.verdict("check_clock.py", "date")
    assert (status, line) == (1, "time zone /etc/localtime is not a time zone file")


def test_a_hardware_clock_that_stands_still_fails(
    machine: Callable[[str], Any], program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = program("check_clock")
    ticks = iter(range(100))
    monkeypatch.setattr(check.time, "sleep", lambda _: None)
    monkeypatch.setattr(check.time, "monotonic", lambda: float(next(ticks)))
    recorded = program("smoke_machine").Machine(str(machine("laptop").root))
    with pytest.raises(check.Failure, match="the hardware clock stands still"):
        check.hardware(recorded)


def test_an_untainted_kernel_passes(machine: Callable[[str], Any]) -> None:
    assert machine("board").verdict("check_kernel.py", "taint") == (0, "the kernel is not tainted")


def test_modules_from_elsewhere_are_only_reported(machine: Callable[[str], Any]) -> None:
    done = machine("laptop").run("check_kernel.py", "taint")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "P: a proprietary module was loaded",
        "O: a module from outside the kernel tree was loaded",
        "E: a module without a signature was loaded",
        "kernel tainted POE (12289), nothing that tells of a fault",
    ]


@pytest.mark.parametrize(
    ("bit", "word"), [(4, "machine check"), (5, "bad page"), (7, "an oops or a bug")]
)
def test_a_fault_in_the_taint_fails(machine: Callable[[str], Any], bit: int, word: str) -> None:
    recorded = machine("laptop")
    recorded.write("/proc/sys/kernel/tainted", f"{1 | 1 << bit}\n")
    status, line = recorded.verdict("check_kernel.py", "taint")
    assert status == 1
    assert line.startswith(f"kernel tainted ({1 | 1 << bit}): ")
    assert word in line


def test_a_taint_newer_than_the_program_is_reported(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    recorded.write("/proc/sys/kernel/tainted", str(1 << 40))
    done = recorded.run("check_kernel.py", "taint")
    assert done.returncode == 0
    assert "?: bit 40, unknown here" in done.stdout


def test_a_taint_that_cannot_be_read_is_no_access(machine: Callable[[str], Any]) -> None:
    status, line = machine("empty").verdict("check_kernel.py", "taint")
    assert status == 1
    assert line.startswith("no access: ")


def test_a_cool_zone_passes_and_a_hot_one_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("board")
    words = ("check_hardware.py", "thermal", "thermal_zone0")
    assert recorded.verdict(*words) == (
        0,
        "thermal_zone0 (cpu-thermal): 51.6 °C, limit 110.0 °C",
    )
    recorded.write("/sys/class/thermal/thermal_zone0/temp", "110000\n")
    assert recorded.verdict(*words) == (
        1,
        "thermal_zone0 (cpu-thermal) is overheated: 110.0 °C, limit 110.0 °C",
    )


def test_an_overheated_sensor_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    status, line = recorded.verdict("check_hardware.py", "sensors")
    assert (status, line) == (0, "2 sensors, the nearest to its limit is 52.0 °C below")
    recorded.write("/sys/class/hwmon/hwmon3/temp1_input", "101000\n")
    status, line = recorded.verdict("check_hardware.py", "sensors")
    assert (status, line) == (
        1,
        "overheated: coretemp Package id 0: 101.0 °C, limit 100.0 °C",
    )


@pytest.mark.parametrize(
    ("corrected", "uncorrected", "status"), [(5, 0, 0), (0, 1, 1), (101, 0, 1)]
)
def test_memory_error_counters(
    machine: Callable[[str], Any], corrected: int, uncorrected: int, status: int
) -> None:
    recorded = machine("empty")
    recorded.write("/sys/devices/system/edac/mc/mc0/ce_count", str(corrected))
    recorded.write("/sys/devices/system/edac/mc/mc0/ue_count", str(uncorrected))
    found, line = recorded.verdict("check_hardware.py", "memory_errors")
    assert found == status
    assert f"{corrected} corrected" in line


def test_a_fatal_pci_error_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    words = ("check_hardware.py", "pci_errors")
    assert recorded.verdict(*words) == (
        0,
        "1 PCI devices without a fatal error, 2 corrected errors",
    )
    device = "/sys/devices/pci0000:00/0000:03:00.0"
    recorded.write(f"{device}/aer_dev_fatal", "DLP 1\nTOTAL_ERR_FATAL 1\n")
    assert recorded.verdict(*words) == (1, "fatal PCI errors: 0000:03:00.0 1")


def test_over_current_on_a_port_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    words = ("check_hardware.py", "usb_ports")
    assert recorded.verdict(*words) == (0, "2 USB ports without over-current")
    recorded.write("/sys/bus/usb/devices/1-0:1.0/usb1-port2/over_current_count", "3\n")
    assert recorded.verdict(*words) == (1, "over-current on USB ports: usb1-port2 3 times")


def test_a_worn_or_faulty_battery_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    words = ("check_hardware.py", "battery", "BAT0")
    assert recorded.verdict(*words) == (
        0,
        "BAT0: 81 % charged, discharging, holds 83 % of its design capacity",
    )
    recorded.write("/sys/class/power_supply/BAT0/energy_full", "2400000\n")
    assert recorded.verdict(*words) == (
        1,
        "BAT0: the battery is worn out, it holds 10 % of its design capacity",
    )
    recorded.write("/sys/class/power_supply/BAT0/health", "Overheat\n")
    assert recorded.verdict(*words) == (1, "BAT0: the battery says it is overheat")


def test_a_slow_loopback_fails(smoke: Path) -> None:
    status, line = on_this_machine(smoke, "check_network.py", "loopback", "99999999")
    assert status == 1
    assert line.endswith("at least 99999999 MB/s expected")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (bytes(1 << 20), "bytes are not evenly spread"),
        (bytes(range(256)) * 4096, "bytes are not evenly spread"),
    ],
)
def test_what_is_not_random_is_found(program: Callable[[str], Any], data: bytes, says: str) -> None:
    assert says in program("check_entropy").problem(data)


def test_random_numbers_in_a_regular_order_are_found(program: Callable[[str], Any]) -> None:
    assert "packed" in program("check_entropy").problem(bytes(sorted(os.urandom(1 << 20))))


def test_random_numbers_that_repeat_fail(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = program("check_entropy")
    monkeypatch.setattr(os, "getrandom", lambda size, _flags: b"7" * size)
    with pytest.raises(check.Failure, match="the same random numbers came twice"):
        check.entropy(program("smoke_machine").Machine())


def test_a_pool_that_is_not_ready_fails(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = program("check_entropy")

    def not_ready(_size: int, _flags: int) -> bytes:
        raise BlockingIOError

    monkeypatch.setattr(os, "getrandom", not_ready)
    with pytest.raises(check.Failure, match="not ready"):
        check.entropy(program("smoke_machine").Machine())


def test_a_system_nearly_out_of_files_fails(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    recorded.write("/proc/sys/fs/file-nr", "980\t0\t1000\n")
    assert recorded.verdict("check_processes.py", "files") == (
        1,
        "the system is nearly out of open files: 980 of 1000",
    )


def test_too_small_a_limit_of_files_fails(smoke: Path) -> None:
    program = smoke / "bin" / "check_processes.py"
    command = ["sh", "-c", f"ulimit -n 100; exec '{sys.executable}' '{program}' files"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "a program may open 100 files, at least 256 are needed"


def test_hanging_processes_fail(program: Callable[[str], Any]) -> None:
    check = program("check_processes")
    with pytest.raises(check.Failure, match="processes hang: not done after 15 s"):
        check._too_long(14, None)
