"""What the test programs say of disks, file systems and networks, sound and faulty."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RADIO = "/sys/devices/pci0000:00/0000:03:00.0/net/wlp3s0"


def test_a_file_system_is_written_and_left_as_it_was(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    before = sorted(recorded.root.rglob("*"))
    status, line = recorded.verdict("check_storage.py", "filesystem", "media-It-s-mine")
    assert status == 0, line
    assert line.startswith("/media/It's mine: 16 MB intact, written at ")
    assert sorted(recorded.root.rglob("*")) == before


def test_a_read_only_file_system_is_no_access(machine: Callable[[str], Any]) -> None:
    status, line = machine("laptop").verdict("check_storage.py", "filesystem", "media-frozen")
    assert (status, line) == (1, "no access: /media/frozen cannot be written to")


def test_a_file_system_that_went_away_is_said(machine: Callable[[str], Any]) -> None:
    status, line = machine("laptop").verdict("check_storage.py", "filesystem", "stick")
    assert status == 1
    assert line.startswith("stick is gone")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_file_system_says_so(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, machine: Callable[[str], Any]
) -> None:
    check = program("check_storage")
    monkeypatch.setattr(check, "_nameless_file", lambda _: open("/dev/full", "w+b", buffering=0))  # noqa: SIM115
    recorded = program("smoke_machine").Machine(str(machine("laptop").root))
    with pytest.raises(check.Failure, match="/: No space left on device"):
        check.filesystem(recorded, "root")


def test_damaged_and_lost_data_fail(program: Callable[[str], Any]) -> None:
    check = program("check_storage")
    check.compare(b"a" * 2000, b"a" * 2000)
    with pytest.raises(check.Failure, match="first difference in the 512 bytes at 1024"):
        check.compare(b"a" * 1100 + b"b" + b"a" * 899, b"a" * 2000)
    with pytest.raises(check.Failure, match="data lost: 1999 of 2000 bytes"):
        check.compare(b"a" * 1999, b"a" * 2000)


def test_a_file_system_without_nameless_files_is_tested_too(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check = program("check_storage")
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    check.write_and_read(str(tmp_path), 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (
            "/sys/fs/ext4/nvme0n1p2/errors_count",
            "2",
            "the file system of nvme0n1p2 recorded 2 errors",
        ),
        ("/sys/block/nvme0n1/device/state", "dead", "the device is dead"),
        ("/sys/block/nvme0n1/device/pre_eol_info", "0x03", "its reserve blocks are used up"),
        ("/sys/block/nvme0n1/md/degraded", "1", "the array lacks 1 of its disks"),
    ],
)
def test_a_sick_disk_fails(machine: Callable[[str], Any], path: str, text: str, says: str) -> None:
    recorded = machine("laptop")
    words = ("check_storage.py", "disk", "nvme0n1")
    assert recorded.verdict(*words) == (0, "nvme0n1: 512.1 GB, 2 health reports, none bad")
    recorded.write(path, text)
    assert recorded.verdict(*words) == (1, f"nvme0n1: {says}")


def test_a_working_interface_passes(machine: Callable[[str], Any]) -> None:
    for name, interface in (("board", "eth0"), ("container", "eth0"), ("laptop", "wlp3s0")):
        status, line = machine(name).verdict("check_network.py", "interface", interface)
        assert status == 0, line
        assert line.startswith(f"{interface}: ")


def test_too_many_errors_fail(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    recorded.write(f"{RADIO}/statistics/rx_crc_errors", "40000\n")
    status, line = recorded.verdict("check_network.py", "interface", "wlp3s0")
    assert (status, line) == (1, "wlp3s0: rx_crc_errors is 40000 in 1500000 packets")


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("carrier", "0", "its state is up without a carrier"),
        ("operstate", "notpresent", "it has a carrier, but its state is notpresent"),
        ("flags", "0x1002", "it is down"),
        ("mtu", "20", "its MTU is 20, IP needs 68"),
        ("address", "00:00:00:00:00:00", "its hardware address is 00:00:00:00:00:00"),
        ("address", "01:16:45:01:02:03", "its hardware address 01:16:45:01:02:03 is a group's"),
    ],
)
def test_contradictions_of_a_link_fail(
    machine: Callable[[str], Any], file: str, text: str, says: str
) -> None:
    recorded = machine("laptop")
    recorded.write(f"{RADIO}/{file}", text)
    status, line = recorded.verdict("check_network.py", "interface", "wlp3s0")
    assert (status, line) == (1, f"wlp3s0: {says}")


def test_damage_on_the_way_is_found(
    program: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = program("check_network")
    sent = bytes(check.BLOCK)

    class Damaging(check.Receiver):  # type: ignore[misc, name-defined]
        def _receive(self, connection: Any) -> None:
            monkeypatch.setattr(check, "BLOCK", sent[:100] + b"x" + sent[101:])
            super()._receive(connection)

    monkeypatch.setattr(check, "Receiver", Damaging)
    with pytest.raises(check.Failure, match="data damaged near byte"):
        check.transfer("127.0.0.1", 1)
