"""What happens to the machine meanwhile is read where the kernel and systemd tell of it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from tests.machine.fake_programs import fake_program

from plainbox.machine.core_dumps import CoreDumps
from plainbox.machine.failed_units import FailedUnits
from plainbox.machine.happenings import MOST_LINES, Watch
from plainbox.machine.kernel_log import MOST_RECORDS, KernelLine, read_record
from plainbox.session.events import Happening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Device:
    """A root directory with a kernel log that is a pipe: one record a line is close enough."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in {
            "proc/sys/kernel/tainted": "512\n",
            "proc/sys/kernel/core_pattern": "|/usr/lib/systemd/systemd-coredump %P %u\n",
            "proc/vmstat": "nr_free_pages 5\noom_kill 3\ndrop_pagecache 0\n",
        }.items():
            self.write(name, text)
        (root / "dev").mkdir()
        (root / "var/lib/systemd/coredump").mkdir(parents=True)
        os.mkfifo(root / "dev/kmsg")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def dump(self, name: str) -> None:
        folder = self.root / "var/lib/systemd/coredump"
        (folder / name).touch()
        os.utime(folder, ns=(0, time.time_ns()))


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


@pytest.fixture
def watch(device: Device) -> Iterator[Watch]:
    watch = Watch(device.root)
    yield watch
    watch.close()


def say(device: Device, record: bytes) -> None:
    descriptor = os.open(device.root / "dev/kmsg", os.O_WRONLY | os.O_NONBLOCK)
    os.write(descriptor, record)
    os.close(descriptor)


def test_most_often_nothing_happens(watch: Watch) -> None:
    assert watch.look() == []
    assert watch.notes == []


def test_lines_of_the_kernel_are_told_from_its_warnings(device: Device, watch: Watch) -> None:
    say(device, b"4,900,5535372478,-;usb 1-1: error -71\n SUBSYSTEM=usb\n")
    assert watch.look() == [Happening("warning", "usb 1-1: error -71", 5535.372478)]
    say(device, b"6,901,5535400000,-;usb 1-1: new device\n")
    assert watch.look() == [Happening("kernel", "usb 1-1: new device", 5535.4)]
    assert watch.look() == []


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (b"3,1,2000000,-;bad \xff\n", KernelLine(2.0, 3, "bad \ufffd")),
        (b"30,1,2000000,-;systemd[1]: hello\n", None),
        (b"nonsense", None),
        (b"", None),
    ],
)
def test_only_what_the_kernel_itself_wrote_counts(record: bytes, line: KernelLine | None) -> None:
    assert read_record(record) == line


def test_a_flood_of_lines_is_cut_in_the_middle(watch: Watch) -> None:
    class Flood:
        def new_lines(self) -> list[KernelLine]:
            return [KernelLine(float(i), 6, str(i)) for i in range(MOST_RECORDS)]

        def close(self) -> None:
            pass

    assert watch._log is not None
    watch._log.close()
    watch._log = Flood()  # type: ignore[assignment]
    found = watch.look()
    assert len(found) == MOST_LINES + 1
    assert found[MOST_LINES // 2].text == f"({MOST_RECORDS - MOST_LINES} lines left out)"
    assert found[-1].text == str(MOST_RECORDS - 1)


def test_flags_that_taint_the_kernel_are_named_once(device: Device, watch: Watch) -> None:
    device.write("proc/sys/kernel/tainted", f"{512 | 4096 | 1 << 40}\n")
    assert watch.look() == [
        Happening("taint", "a module from outside the kernel was loaded"),
        Happening("taint", "flag 40 was set"),
    ]
    assert watch.look() == []


def test_kills_for_want_of_memory_are_counted_without_a_kernel_log(device: Device) -> None:
    (device.root / "dev/kmsg").unlink()
    watch = Watch(device.root)
    assert len(watch.notes) == 1
    assert "kernel log cannot be read" in watch.notes[0]
    device.write("proc/vmstat", "nr_free_pages 5\noom_kill 5\n")
    text = "the kernel killed 2 processes for want of memory"
    assert watch.look() == [Happening("oom", text)]


def test_a_kill_is_told_in_the_words_of_the_kernel(device: Device, watch: Watch) -> None:
    device.write("proc/vmstat", "nr_free_pages 5\noom_kill 4\n")
    say(device, b"3,1,2000000,-;Out of memory: Killed process 77 (hog) total-vm:5kB\n")
    assert watch.look()[1] == Happening(
        "oom", "Out of memory: Killed process 77 (hog) total-vm:5kB"
    )


def test_only_new_core_dumps_count(device: Device) -> None:
    device.dump("core.old.1000")
    watch = Watch(device.root)
    assert watch.look() == []
    device.dump("core.bash.1000")
    device.dump(".#half-written")
    assert watch.look() == [Happening("core", "core.bash.1000")]
    assert watch.look() == []
    watch.close()


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("|/usr/share/apport/apport -p%p", "var/crash"),
        ("/var/cores/core.%e.%p", "var/cores"),
        ("|/usr/bin/unheard-of", ""),
        ("|", ""),
        ("core", ""),
        ("/cores/%u/core", ""),
    ],
)
def test_core_dumps_are_looked_for_where_the_pattern_leads(
    device: Device, pattern: str, folder: str
) -> None:
    device.write("proc/sys/kernel/core_pattern", pattern)
    (device.root / (folder or "cores")).mkdir(parents=True)
    dumps = CoreDumps(device.root)
    (device.root / (folder or "cores") / "core.1").touch()
    os.utime(device.root / (folder or "cores"), ns=(0, time.time_ns()))
    assert dumps.new() == (["core.1"] if folder else [])


def test_failed_units_are_asked_for_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    fake_program(tmp_path, "systemctl", 'cat "$0.answer"', monkeypatch)
    answer = tmp_path / "bin/systemctl.answer"
    answer.write_text("old.service loaded failed failed Old\n")
    moment = 100.0
    units = FailedUnits(tmp_path, lambda: moment)
    answer.write_text("old.service loaded failed failed Old\nnew.service loaded failed failed N\n")
    moment += 10
    assert units.new() == []
    moment += 30
    assert units.new() == ["new.service"]
    moment += 40
    assert units.new() == []


def test_without_systemd_no_units_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(tmp_path, "systemctl", "touch $0.called", monkeypatch)
    assert FailedUnits(tmp_path).new() == []
    assert not (tmp_path / "bin/systemctl.called").exists()


def test_looking_costs_next_to_nothing() -> None:
    watch = Watch()
    watch.look()
    began = time.perf_counter()
    for _ in range(100):
        watch.look()
    watch.close()
    assert (time.perf_counter() - began) / 100 < 0.005
