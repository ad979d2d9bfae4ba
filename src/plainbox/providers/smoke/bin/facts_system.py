#!/usr/bin/env python3
"""Facts about the processors, memory, kernel, distribution and firmware of this machine.

Attributes have the names that existing providers use wherever they mean the same.
"""

from __future__ import annotations

import os
import platform
import sys

from smoke_machine import Machine, fields, number_list, run_facts

CPU = "/sys/devices/system/cpu"
DMI = "/sys/class/dmi/id"
PORTABLE = ("portable", "laptop", "notebook", "sub notebook", "tablet", "convertible", "detachable")
FIXED = (
    "desktop",
    "low profile desktop",
    "mini tower",
    "tower",
    "all in one",
    "space saving",
    "main server chassis",
    "rack mount chassis",
    "mini pc",
)
CHASSIS = (
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space Saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosing",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
)
"""SMBIOS names of chassis types, from number 1."""

HYPERVISORS = (
    ("QEMU", "qemu"),
    ("KVM", "kvm"),
    ("VMware", "vmware"),
    ("innotek", "virtualbox"),
    ("VirtualBox", "virtualbox"),
    ("Xen", "xen"),
    ("Virtual Machine", "hyper-v"),
    ("Amazon EC2", "amazon"),
    ("Google", "google"),
    ("Parallels", "parallels"),
    ("OpenStack", "openstack"),
)
"""What firmware calls a virtual machine, and our word for it."""


def cpuinfo(machine: Machine) -> list[dict]:
    """All processors as one record."""
    text = machine.text("/proc/cpuinfo")
    if not text:
        return []
    field = fields(text)
    count = sum(line.startswith("processor") for line in text.splitlines())
    return [
        {
            "platform": _platform(machine),
            "count": count or len(_cpu_numbers(machine)) or 1,
            "type": field.get("vendor_id") or field.get("CPU implementer"),
            "model": field.get("model name") or field.get("cpu") or field.get("Model"),
            "model_number": field.get("cpu family") or field.get("CPU architecture"),
            "model_version": field.get("model") or field.get("CPU variant"),
            "model_revision": field.get("stepping") or field.get("CPU revision"),
            "cache": field.get("cache size"),
            "bogomips": field.get("bogomips") or field.get("BogoMIPS"),
            "speed": _speed(machine, field),
            "other": field.get("flags") or field.get("Features"),
            "governors": machine.text(f"{CPU}/cpu0/cpufreq/scaling_available_governors"),
            "scaling": "supported"
            if machine.exists(f"{CPU}/cpu0/cpufreq/scaling_driver")
            else "non-supported",
        }
    ]


def _platform(machine: Machine) -> str:
    """The architecture, by the word that existing providers compare with."""
    name = machine.text("/proc/sys/kernel/arch") or platform.machine()
    return "i386" if name in ("i486", "i586", "i686") else name


def _speed(machine: Machine, field: dict) -> int | None:
    """MHz, the highest where frequency scales."""
    highest = machine.number(f"{CPU}/cpu0/cpufreq/cpuinfo_max_freq")
    if highest:
        return highest // 1000
    megahertz = field.get("cpu MHz", "").partition(".")[0]
    return int(megahertz) if megahertz.isdigit() else None


def _cpu_numbers(machine: Machine) -> list[int]:
    found = [n[3:] for n in machine.names(CPU) if n.startswith("cpu") and n[3:].isdigit()]
    if found:
        return [int(number) for number in found]
    lines = [line.partition(":") for line in machine.text("/proc/cpuinfo").splitlines()]
    return [int(v) for k, _, v in lines if k.strip() == "processor" and v.strip().isdigit()]


def cpu(machine: Machine) -> list[dict]:
    """One record a CPU number: whether it is online, and whether we may run on it."""
    numbers = _cpu_numbers(machine)
    online = number_list(machine.text(f"{CPU}/online")) or numbers
    status = fields(machine.text("/proc/self/status"))
    allowed = number_list(status.get("Cpus_allowed_list", "")) or online
    return [
        {
            "number": number,
            "state": "online" if number in online else "offline",
            "allowed": number in allowed,
            "core": machine.text(f"{CPU}/cpu{number}/topology/core_id"),
            "package": machine.text(f"{CPU}/cpu{number}/topology/physical_package_id"),
            "governor": machine.text(f"{CPU}/cpu{number}/cpufreq/scaling_governor"),
        }
        for number in numbers
    ]


def meminfo(machine: Machine) -> list[dict]:
    """Memory and swap in bytes."""
    field = fields(machine.text("/proc/meminfo"))
    wanted = (("total", "MemTotal"), ("available", "MemAvailable"), ("swap", "SwapTotal"))
    sizes = {ours: field[theirs].split()[0] for ours, theirs in wanted if theirs in field}
    return [{name: int(size) * 1024 for name, size in sizes.items()}] if sizes else []


def uname(machine: Machine) -> list[dict]:
    """The running kernel."""
    if not machine.root:
        return [dict(zip(("name", "node", "release", "version", "machine"), os.uname()))]  # noqa: B905
    kernel = "/proc/sys/kernel"
    record = {
        "name": machine.text(f"{kernel}/ostype"),
        "node": machine.text(f"{kernel}/hostname"),
        "release": machine.text(f"{kernel}/osrelease"),
        "version": machine.text(f"{kernel}/version"),
        "machine": machine.text(f"{kernel}/arch"),
    }
    return [record] if record["release"] else []


def distribution(machine: Machine) -> list[dict]:
    """What os-release says."""
    text = machine.text("/etc/os-release") or machine.text("/usr/lib/os-release")
    field = {key: value.strip("\"'") for key, value in fields(text, "=").items()}
    if not field:
        return []
    return [
        {
            "distributor_id": field.get("NAME"),
            "description": field.get("PRETTY_NAME"),
            "release": field.get("VERSION_ID"),
            "codename": field.get("VERSION_CODENAME"),
            "id": field.get("ID"),
            "id_like": field.get("ID_LIKE"),
        }
    ]


def virtualization(machine: Machine) -> list[dict]:
    """What runs below us and around us, and whether we can run virtual machines."""
    return [
        {
            "kvm": "supported" if machine.exists("/dev/kvm") else "unsupported",
            "hypervisor": _hypervisor(machine),
            "container": _container(machine),
        }
    ]


def _hypervisor(machine: Machine) -> str:
    firmware = machine.text(f"{DMI}/sys_vendor") + " " + machine.text(f"{DMI}/product_name")
    for mark, name in HYPERVISORS:
        if mark in firmware:
            return name
    flags = fields(machine.text("/proc/cpuinfo")).get("flags", "").split()
    other = "other" if "hypervisor" in flags else "none"
    return machine.text("/sys/hypervisor/type") or other


def _container(machine: Machine) -> str:
    if machine.exists("/.dockerenv"):
        return "docker"
    if machine.exists("/run/.containerenv"):
        return "podman"
    groups = machine.text("/proc/self/cgroup")
    for mark in ("docker", "kubepods", "lxc"):
        if f"/{mark}" in groups:
            return mark
    return machine.text("/run/systemd/container") or "none"


def module(machine: Machine) -> list[dict]:
    """The loaded kernel modules."""
    lines = [line.split() for line in machine.text("/proc/modules").splitlines()]
    return [{"name": line[0], "size": line[1]} for line in lines if len(line) > 1]


def dmi_present(machine: Machine) -> list[dict]:
    """Whether firmware describes the machine."""
    return [{"state": "supported" if machine.names(DMI) else "unsupported"}]


def dmi(machine: Machine) -> list[dict]:
    """System, board, firmware and chassis, from what every user may read."""
    records = [
        _dmi_record(machine, "SYSTEM", "sys_vendor", "product_name", "product_version"),
        _dmi_record(machine, "BOARD", "board_vendor", "board_name", "board_version"),
        _dmi_record(machine, "BIOS", "bios_vendor", "bios_date", "bios_version"),
    ]
    records[0]["sku"] = machine.text(f"{DMI}/product_sku")
    number = machine.number(f"{DMI}/chassis_type")
    if number and 1 <= number <= len(CHASSIS):
        kind = CHASSIS[number - 1]
        chassis = _dmi_record(machine, "CHASSIS", "chassis_vendor", "", "chassis_version")
        chassis.update(product=kind, sane_product=_shape(kind), display_type=_display(kind))
        records.append(chassis)
    return [record for record in records if record["product"] or record["vendor"]]


def _dmi_record(machine: Machine, category: str, *files: str) -> dict:
    vendor, product, version = (machine.text(f"{DMI}/{name}") if name else "" for name in files)
    return {
        "path": f"/devices/virtual/dmi/id/{category.lower()}",
        "category": category,
        "product": product,
        "vendor": vendor,
        "version": version,
    }


def _shape(kind: str) -> str:
    if kind.lower() in PORTABLE:
        return "portable"
    return "non-portable" if kind.lower() in FIXED else "unknown"


def _display(kind: str) -> str:
    return "integrated" if kind.lower() in (*PORTABLE, "all in one") else "external"


def observable(machine: Machine) -> list[dict]:
    """Which health reports of the kernel there are, so that a test can say why it is skipped."""
    return [
        {
            "kernel_taint": machine.text("/proc/sys/kernel/tainted") != "",
            "memory_errors": _any_file(machine, "/sys/devices/system/edac/mc", "ce_count"),
            "pci_errors": _any_file(machine, "/sys/bus/pci/devices", "aer_dev_fatal"),
            "usb_over_current": _any_file(machine, "/sys/bus/usb/devices", "-port"),
            "sensor_limits": _any_file(machine, "/sys/class/hwmon", "_crit"),
            "hardware_clock": machine.exists("/sys/class/rtc/rtc0/since_epoch"),
        }
    ]


def _any_file(machine: Machine, folder: str, mark: str) -> bool:
    """Whether a file two levels below has the mark in its name."""
    return any(
        mark in entry
        for name in machine.names(folder)
        for entry in machine.names(f"{folder}/{name}")
    )


SOURCES = {
    "cpu": cpu,
    "cpuinfo": cpuinfo,
    "dmi": dmi,
    "dmi_present": dmi_present,
    "lsb": distribution,
    "meminfo": meminfo,
    "module": module,
    "observable": observable,
    "uname": uname,
    "virtualization": virtualization,
}

if __name__ == "__main__":
    sys.exit(run_facts(SOURCES, __doc__))
