"""What the resource programs tell of recorded machines, and of the one that runs the tests."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESOURCES_OF = {
    "facts_system.py": (
        "cpu",
        "cpuinfo",
        "dmi",
        "dmi_present",
        "lsb",
        "meminfo",
        "module",
        "observable",
        "uname",
        "virtualization",
    ),
    "facts_software.py": ("executable", "package"),
    "facts_devices.py": ("block_device", "device", "power_supply", "thermal_zone", "usb"),
    "facts_mounts.py": ("mount",),
    "facts_network.py": ("net_interface",),
}
RESOURCES = [(program, name) for program, names in RESOURCES_OF.items() for name in names]


@pytest.mark.parametrize(("program_name", "resource"), RESOURCES)
@pytest.mark.parametrize("name", ["empty", "laptop", "container", "board"])
def test_no_resource_fails_on_any_machine(
    machine: Callable[[str], Any], name: str, program_name: str, resource: str
) -> None:
    machine(name).facts(program_name, resource)


@pytest.mark.parametrize(("program_name", "resource"), RESOURCES)
def test_every_resource_is_quick_and_sound_on_this_machine(
    smoke: Path, program_name: str, resource: str
) -> None:
    path = smoke / "bin" / program_name
    begin = time.monotonic()
    done = subprocess.run([sys.executable, path, resource], capture_output=True, check=False)
    assert time.monotonic() - begin < 5
    assert done.returncode == 0
    assert done.stderr == b""
    for line in done.stdout.decode().splitlines():
        assert line == "" or ": " in line


def test_cpuinfo_has_the_names_of_existing_providers(machine: Callable[[str], Any]) -> None:
    (record,) = machine("laptop").facts("facts_system.py", "cpuinfo")
    assert record["platform"] == "x86_64"
    assert record["count"] == "2"
    assert record["type"] == "GenuineIntel"
    assert record["model_version"] == "142"
    assert record["speed"] == "3400"
    assert record["scaling"] == "supported"
    assert record["governors"] == "performance powersave"


def test_cpuinfo_of_an_arm_board(machine: Callable[[str], Any]) -> None:
    (record,) = machine("board").facts("facts_system.py", "cpuinfo")
    assert record["platform"] == "aarch64"
    assert record["count"] == "2"
    assert record["type"] == "0x41"
    assert record["model"] == "Raspberry Pi 4 Model B Rev 1.4"
    assert record["scaling"] == "non-supported"


def test_each_processor_tells_whether_it_is_online(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_system.py", "cpu")
    assert [(r["number"], r["state"]) for r in records] == [
        ("0", "online"),
        ("1", "online"),
        ("2", "offline"),
    ]


def test_processors_outside_of_the_container_are_not_allowed(machine: Callable[[str], Any]) -> None:
    records = machine("container").facts("facts_system.py", "cpu")
    assert [r["allowed"] for r in records] == ["no", "yes", "yes", "no"]


def test_memory_is_in_bytes(machine: Callable[[str], Any]) -> None:
    (record,) = machine("laptop").facts("facts_system.py", "meminfo")
    assert record == {"total": "8192000000", "available": "4096000000", "swap": "2048000000"}


def test_the_distribution_has_the_names_of_lsb(machine: Callable[[str], Any]) -> None:
    (record,) = machine("laptop").facts("facts_system.py", "lsb")
    assert record["distributor_id"] == "Ubuntu"
    assert record["release"] == "24.04"
    assert record["codename"] == "noble"
    assert record["description"] == "Ubuntu 24.04.1 LTS"


def test_the_kernel(machine: Callable[[str], Any]) -> None:
    (record,) = machine("laptop").facts("facts_system.py", "uname")
    assert record["release"] == "6.8.0-45-generic"
    assert record["machine"] == "x86_64"


def test_firmware_tells_that_a_laptop_is_portable(machine: Callable[[str], Any]) -> None:
    laptop = machine("laptop")
    records = laptop.facts("facts_system.py", "dmi")
    assert [r["category"] for r in records] == ["SYSTEM", "BOARD", "BIOS", "CHASSIS"]
    assert records[0]["product"] == "20L5CTO1WW"
    assert records[3]["product"] == "Notebook"
    assert records[3]["sane_product"] == "portable"
    assert records[3]["display_type"] == "integrated"
    assert laptop.facts("facts_system.py", "dmi_present") == [{"state": "supported"}]


def test_a_board_without_firmware_tables_has_no_dmi(machine: Callable[[str], Any]) -> None:
    board = machine("board")
    assert board.facts("facts_system.py", "dmi") == []
    assert board.facts("facts_system.py", "dmi_present") == [{"state": "unsupported"}]


def test_virtual_machines_and_containers_are_told_apart(machine: Callable[[str], Any]) -> None:
    (laptop,) = machine("laptop").facts("facts_system.py", "virtualization")
    assert laptop == {"kvm": "supported", "hypervisor": "none", "container": "none"}
    (container,) = machine("container").facts("facts_system.py", "virtualization")
    assert container == {"kvm": "unsupported", "hypervisor": "other", "container": "docker"}


def test_missing_health_reports_are_told(machine: Callable[[str], Any]) -> None:
    (laptop,) = machine("laptop").facts("facts_system.py", "observable")
    assert laptop["pci_errors"] == laptop["usb_over_current"] == laptop["sensor_limits"] == "yes"
    assert laptop["memory_errors"] == "no"
    (empty,) = machine("empty").facts("facts_system.py", "observable")
    assert set(empty.values()) == {"no"}


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("laptop", {"bash": "5.2.21-2ubuntu4", "zlib1g": "1:1.3.dfsg-3.1ubuntu2"}),
        ("container", {"musl": "1.2.5-r0", "busybox": "1.36.1-r29"}),
        ("board", {"bash": "5.2.026-2", "python": "3.12.5-1"}),
        ("empty", {}),
    ],
)
def test_packages_of_each_database(
    machine: Callable[[str], Any], name: str, packages: dict[str, str]
) -> None:
    records = machine(name).facts("facts_software.py", "package")
    assert {r["name"]: r["version"] for r in records} == packages


def test_three_thousand_packages_are_read_at_once(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    stanza = (
        "Package: p{}\nStatus: install ok installed\nVersion: 1\nDescription: x\n" + " y\n" * 30
    )
    text = "\n".join(stanza.format(i) for i in range(3000))
    recorded.write("/var/lib/dpkg/status", text)
    assert len(recorded.facts("facts_software.py", "package")) == 3000


def test_devices_have_the_categories_of_existing_providers(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_devices.py", "device")
    by_category = {r["category"]: r for r in records}
    assert {
        "VIDEO",
        "NETWORK",
        "WIRELESS",
        "USB",
        "CAPTURE",
        "DISK",
        "KEYBOARD",
        "TOUCHPAD",
    } == set(by_category)
    assert by_category["VIDEO"]["driver"] == "i915"
    assert by_category["VIDEO"]["product"] == "UHD Graphics 620"
    assert by_category["WIRELESS"]["interface"] == "wlp3s0"
    assert by_category["WIRELESS"]["mac"] == "74:e5:f9:0a:0b:0c"
    assert by_category["NETWORK"]["vendor"] == "Intel Corporation"
    assert by_category["CAPTURE"]["driver"] == "uvcvideo"
    assert by_category["DISK"]["name"] == "nvme0n1"


def test_a_network_card_that_is_on_no_bus_of_cards_is_a_device(
    machine: Callable[[str], Any],
) -> None:
    records = machine("board").facts("facts_devices.py", "device")
    (card,) = (r for r in records if r["category"] == "NETWORK")
    assert card["bus"] == "platform"
    assert card["driver"] == "bcmgenet"
    assert card["interface"] == "eth0"


def test_disks_without_loops(machine: Callable[[str], Any]) -> None:
    laptop = machine("laptop")
    (disk,) = laptop.facts("facts_devices.py", "block_device")
    assert disk["name"] == "nvme0n1"
    assert disk["state"] == "internal"
    assert disk["fstrim"] == "True"
    assert disk["size"] == str(1000215216 * 512)
    assert disk["health"] == "reported"
    (card,) = machine("board").facts("facts_devices.py", "block_device")
    assert card["state"] == "removable"
    assert card["health"] == "unreported"


def test_usb_speeds(machine: Callable[[str], Any]) -> None:
    assert machine("laptop").facts("facts_devices.py", "usb") == [
        {"usb2": "supported", "usb3": "supported"}
    ]


def test_thermal_zones_without_temperature_or_limit_say_so(machine: Callable[[str], Any]) -> None:
    zones = machine("laptop").facts("facts_devices.py", "thermal_zone")
    assert [(z["type"], z["state"], z["limits"]) for z in zones] == [
        ("acpitz", "readable", "known"),
        ("iwlwifi_1", "unreadable", "unknown"),
        ("pch_skylake", "readable", "unknown"),
    ]
    assert zones[0]["limit"] == "128.0"


def test_the_battery_of_a_mouse_is_none_of_the_machine(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_devices.py", "power_supply")
    assert {r["name"]: r["type"] for r in records} == {
        "BAT0": "Battery",
        "AC": "Mains",
        "hidpp_battery_0": "Peripheral",
    }


def test_file_systems_are_sorted_by_what_a_test_may_do(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_mounts.py", "mount")
    kinds = {r["mountpoint"]: r["kind"] for r in records}
    assert kinds == {
        "/sys": "pseudo",
        "/proc": "pseudo",
        "/": "disk",
        "/dev/shm": "memory",
        "/run/lock": "pseudo",
        "/snap/core22/1612": "image",
        "/boot/efi": "boot",
        "/media/It's mine": "disk",
        "/media/frozen": "disk",
        "/net/server": "network",
        "/run/user/1000/doc": "fuse",
        "/var/lib/docker/overlay2/0a/merged": "container",
    }
    writable = [r["mountpoint"] for r in records if r["writable"] == "yes"]
    assert writable == ["/", "/dev/shm", "/media/It's mine"]


def test_a_file_system_mounted_twice_is_one_record(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_mounts.py", "mount")
    assert [r["name"] for r in records if r["source"] == "/dev/nvme0n1p2"] == ["root"]


def test_names_are_safe_on_a_command_line(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_mounts.py", "mount")
    names = [r["name"] for r in records]
    assert "media-It-s-mine" in names
    assert all(c.isalnum() or c in "._-" for name in names for c in name)


def test_a_hidden_mount_is_left_out(machine: Callable[[str], Any]) -> None:
    recorded = machine("empty")
    line = "{} 1 0:{} / /a rw - tmpfs {} rw\n"
    recorded.write("/proc/self/mountinfo", line.format(1, 50, "first") + line.format(2, 51, "last"))
    records = recorded.facts("facts_mounts.py", "mount")
    assert [r["source"] for r in records] == ["last"]


def test_a_container_writes_to_its_root_but_not_to_a_mounted_file(
    machine: Callable[[str], Any],
) -> None:
    records = machine("container").facts("facts_mounts.py", "mount")
    writable = {r["mountpoint"]: r["kind"] for r in records if r["writable"] == "yes"}
    assert writable == {"/": "overlay", "/dev/shm": "memory"}


def test_network_interfaces(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_network.py", "net_interface")
    by_name = {r["interface"]: r for r in records}
    assert {name: r["kind"] for name, r in by_name.items()} == {
        "docker0": "bridge",
        "enp0s31f6": "ethernet",
        "lo": "loopback",
        "veth1a2b": "port",
        "wlp3s0": "wireless",
    }
    assert by_name["enp0s31f6"]["carrier"] == "no"
    assert by_name["wlp3s0"]["state"] == "up"
    assert by_name["lo"]["addresses"] == "127.0.0.1 ::1"


@pytest.mark.skipif(sys.byteorder == "big", reason="the recorded route table is of a little-endian")
def test_addresses_belong_to_their_interface(machine: Callable[[str], Any]) -> None:
    records = machine("laptop").facts("facts_network.py", "net_interface")
    (radio,) = (r for r in records if r["interface"] == "wlp3s0")
    assert radio["address_family"] == "inet inet6"
    assert radio["addresses"] == "192.168.1.23 fe80::76e5:f9ff:fe0a:b0c"


def test_a_value_never_breaks_its_record(program: Callable[[str], Any]) -> None:
    shared = program("smoke_machine")
    text = shared.as_text([{"name": "a\n\nname: b\tc", "none": None, "empty": "", "yes": True}])
    assert text == "name: a  name: b c\nyes: yes\n"


def test_names_that_clash_are_numbered(program: Callable[[str], Any]) -> None:
    records = program("smoke_machine").unique_names([{"name": "a"}, {"name": "a"}, {"name": "a_2"}])
    assert [r["name"] for r in records] == ["a", "a_2", "a_2_2"]


def test_sources_are_listed_with_their_state(machine: Callable[[str], Any]) -> None:
    recorded = machine("laptop")
    done = recorded.run("smoke_machine.py")
    states = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
    assert states["/proc/cpuinfo"] == "readable"
    assert states["/sys/block"] == "2"
    assert states["/sys/devices/system/edac/mc"] == "absent"
