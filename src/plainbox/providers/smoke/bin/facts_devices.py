#!/usr/bin/env python3
"""Facts about devices: PCI, USB, disks, network cards, input, thermal zones, batteries.

All of it comes from sysfs and procfs; neither udev nor root is needed. Names of PCI devices are
looked up where the machine has the list of them, else they are numbers.
"""

from __future__ import annotations

import sys

from smoke_machine import Machine, run_facts, safe_name

PCI = "/sys/bus/pci/devices"
USB = "/sys/bus/usb/devices"
THERMAL = "/sys/class/thermal"
POWER = "/sys/class/power_supply"
PCI_NAMES = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")
PCI_CATEGORIES = (
    ("0x0280", "WIRELESS"),
    ("0x02", "NETWORK"),
    ("0x03", "VIDEO"),
    ("0x0401", "AUDIO"),
    ("0x0403", "AUDIO"),
    ("0x0c00", "FIREWIRE"),
    ("0x0c03", "USB"),
    ("0x0d11", "BLUETOOTH"),
)
USB_CATEGORIES = {"01": "AUDIO", "09": "USB", "0e": "CAPTURE", "e0": "BLUETOOTH"}
NO_DISK = ("loop", "ram", "zram", "fd")
HOT_PLUG = ("/usb", "/fw", "/pcmcia")


def device(machine: Machine) -> list[dict]:
    """Everything found, a record each, with the category that existing providers ask for."""
    interfaces = _interfaces(machine)
    names = _pci_names(machine)
    records = [_pci(machine, name, interfaces, names) for name in machine.names(PCI)]
    plugs = [name for name in machine.names(USB) if machine.exists(f"{USB}/{name}/idVendor")]
    records.extend(_usb(machine, name, interfaces) for name in plugs)
    records.extend(_network(machine, *item) for item in interfaces.items())
    records.extend(_disk(machine, name) for name in _disks(machine))
    return records + _inputs(machine)


def _interfaces(machine: Machine) -> dict[str, str]:
    """Where in the device tree each network interface with hardware belongs."""
    place = {n: f"/sys/class/net/{n}/device" for n in machine.names("/sys/class/net")}
    return {n: machine.real(path) for n, path in place.items() if machine.exists(path)}


def _take(interfaces: dict[str, str], path: str) -> str:
    """The interface of the device at a path; it needs no record of its own then."""
    for name, place in interfaces.items():
        if place == path or place.startswith(path + "/"):
            del interfaces[name]
            return name
    return ""


def _hardware_address(machine: Machine, interface: str) -> str:
    return machine.text(f"/sys/class/net/{interface}/address") if interface else ""


def _pci(machine: Machine, name: str, interfaces: dict[str, str], names: str) -> dict:
    folder = f"{PCI}/{name}"
    category = _pci_category(machine.text(f"{folder}/class"))
    wired = category in ("NETWORK", "WIRELESS")
    interface = _take(interfaces, machine.real(folder)) if wired else ""
    if interface and machine.exists(f"/sys/class/net/{interface}/phy80211"):
        category = "WIRELESS"
    vendor, number = machine.text(f"{folder}/vendor"), machine.text(f"{folder}/device")
    vendor_name, product_name = _pci_look_up(names, vendor[2:], number[2:])
    return {
        "path": machine.real(folder)[4:],
        "name": name,
        "bus": "pci",
        "category": category,
        "driver": machine.link(f"{folder}/driver"),
        "product_id": machine.number(f"{folder}/device"),
        "vendor_id": machine.number(f"{folder}/vendor"),
        "subproduct_id": machine.number(f"{folder}/subsystem_device"),
        "subvendor_id": machine.number(f"{folder}/subsystem_vendor"),
        "product": product_name or number,
        "vendor": vendor_name or vendor,
        "interface": interface or ("UNKNOWN" if wired else ""),
        "mac": _hardware_address(machine, interface) or ("UNKNOWN" if wired else ""),
    }


def _pci_category(number: str) -> str:
    return next((name for start, name in PCI_CATEGORIES if number.startswith(start)), "OTHER")


def _pci_names(machine: Machine) -> str:
    return next((text for path in PCI_NAMES for text in [machine.text(path)] if text), "")


def _pci_look_up(names: str, vendor: str, product: str) -> tuple[str, str]:
    """Vendor and product by the list of names: a product's line is indented below its vendor's."""
    start = names.find(f"\n{vendor}  ")
    if start < 0 or not vendor:
        return "", ""
    vendor_name, _, rest = names[start + 1 : start + 300_000].partition("\n")
    for line in rest.split("\n"):
        if line.startswith(f"\t{product}  "):
            return vendor_name[6:], line[7:]
        if not line.startswith(("\t", "#")):
            break
    return vendor_name[6:], ""


def _usb(machine: Machine, name: str, interfaces: dict[str, str]) -> dict:
    folder = f"{USB}/{name}"
    parts = [entry for entry in machine.names(folder) if ":" in entry]
    classes = [machine.text(f"{folder}/{part}/bInterfaceClass") for part in parts]
    classes.append(machine.text(f"{folder}/bDeviceClass"))
    categories = [USB_CATEGORIES[kind] for kind in classes if kind in USB_CATEGORIES]
    interface = _take(interfaces, machine.real(folder))
    if interface:
        radio = machine.exists(f"/sys/class/net/{interface}/phy80211")
        categories.insert(0, "WIRELESS" if radio else "NETWORK")
    return {
        "path": machine.real(folder)[4:],
        "name": name,
        "bus": "usb",
        "category": categories[0] if categories else "OTHER",
        "driver": next((machine.link(f"{folder}/{part}/driver") for part in parts), ""),
        "product_id": _hexadecimal(machine.text(f"{folder}/idProduct")),
        "vendor_id": _hexadecimal(machine.text(f"{folder}/idVendor")),
        "product": machine.text(f"{folder}/product"),
        "vendor": machine.text(f"{folder}/manufacturer"),
        "interface": interface,
        "mac": _hardware_address(machine, interface),
    }


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None


def _network(machine: Machine, interface: str, path: str) -> dict:
    """An interface whose hardware is neither on PCI nor on USB: a board's own."""
    radio = machine.exists(f"/sys/class/net/{interface}/phy80211")
    return {
        "path": path[4:],
        "name": interface,
        "bus": machine.link(f"/sys/class/net/{interface}/device/subsystem"),
        "category": "WIRELESS" if radio else "NETWORK",
        "driver": machine.link(f"/sys/class/net/{interface}/device/driver"),
        "interface": interface,
        "mac": _hardware_address(machine, interface),
    }


def _disks(machine: Machine) -> list[str]:
    """Block devices that store something; neither partitions nor loops."""
    names = [name for name in machine.names("/sys/block") if not name.startswith(NO_DISK)]
    return [
        name
        for name in names
        if any(machine.exists(f"/sys/block/{name}/{mark}") for mark in ("device", "dm", "md"))
    ]


def _disk(machine: Machine, name: str) -> dict:
    folder = f"/sys/block/{name}"
    path = machine.real(folder)
    return {
        "path": path[4:],
        "name": name,
        "bus": "usb" if "/usb" in path else machine.link(f"{folder}/device/subsystem"),
        "category": "CDROM" if name.startswith("sr") else "DISK",
        "driver": machine.link(f"{folder}/device/driver"),
        "product": machine.text(f"{folder}/device/model") or machine.text(f"{folder}/device/name"),
        "vendor": machine.text(f"{folder}/device/vendor"),
    }


def _inputs(machine: Machine) -> list[dict]:
    records = []
    for block in machine.text("/proc/bus/input/devices").split("\n\n"):
        lines = {line[:1]: line[3:] for line in block.splitlines() if line[:1] in "NSH"}
        product = lines.get("N", "").partition("=")[2].strip('"')
        handlers = lines.get("H", "").partition("=")[2].split()
        category = _input_category(product.lower(), handlers)
        if category:
            path = lines.get("S", "").partition("=")[2]
            records.append({"path": path, "bus": "input", "category": category, "product": product})
    return records


def _input_category(name: str, handlers: list[str]) -> str:
    for word, category in (("touchpad", "TOUCHPAD"), ("touchscreen", "TOUCHSCREEN")):
        if word in name:
            return category
    if any(handler.startswith("mouse") for handler in handlers):
        return "MOUSE"
    return "KEYBOARD" if "keyboard" in name and "kbd" in handlers else ""


def usb(machine: Machine) -> list[dict]:
    """Which speeds the root hubs offer."""
    hubs = [name for name in machine.names(USB) if name.startswith("usb")]
    products = {machine.text(f"{USB}/{hub}/idProduct") for hub in hubs}
    return [
        {
            "usb2": "supported" if products & {"0002", "0003"} else "unsupported",
            "usb3": "supported" if "0003" in products else "unsupported",
        }
    ]


def block_device(machine: Machine) -> list[dict]:
    """Disks: where they are, what they can, and whether the kernel reports on their health."""
    return [_block(machine, name) for name in _disks(machine)]


def _block(machine: Machine, name: str) -> dict:
    folder = f"/sys/block/{name}"
    path = machine.real(folder)
    hot = machine.number(f"{folder}/removable") or any(mark in path for mark in HOT_PLUG)
    card = machine.text(f"{folder}/device/type") == "SD"
    return {
        "name": name,
        "slug": safe_name(name),
        "state": "removable" if hot or card else "internal",
        "fstrim": str(bool(machine.number(f"{folder}/queue/discard_max_bytes"))),
        "size": (machine.number(f"{folder}/size") or 0) * 512,
        "rotational": machine.number(f"{folder}/queue/rotational") == 1,
        "read_only": machine.number(f"{folder}/ro") == 1,
        "medium": "present" if machine.number(f"{folder}/size") else "missing",
        "health": "reported" if disk_reports(machine, name) else "unreported",
    }


def disk_reports(machine: Machine, name: str) -> dict[str, str]:
    """What the kernel knows of a disk's health, by the path of the file that says it."""
    folder = f"/sys/block/{name}"
    places = [
        f"{folder}/device/state",
        f"{folder}/device/ioerr_cnt",
        f"{folder}/device/pre_eol_info",
        f"{folder}/md/degraded",
    ]
    partitions = [p for p in machine.names(folder) if machine.exists(f"{folder}/{p}/partition")]
    places.extend(f"/sys/fs/ext4/{part}/errors_count" for part in [name, *partitions])
    reports = {place: machine.text(place) for place in places}
    return {place: text for place, text in reports.items() if text}


def thermal_zone(machine: Machine) -> list[dict]:
    """Temperatures in degrees Celsius, with the lowest one that is an emergency."""
    zones = [name for name in machine.names(THERMAL) if name.startswith("thermal_zone")]
    return [_zone(machine, name) for name in zones]


def _zone(machine: Machine, name: str) -> dict:
    folder = f"{THERMAL}/{name}"
    temperature = machine.number(f"{folder}/temp")
    limits = []
    for entry in machine.names(folder):
        if entry.startswith("trip_point_") and entry.endswith("_type"):
            limit = machine.number(f"{folder}/{entry[:-5]}_temp")
            if machine.text(f"{folder}/{entry}") in ("critical", "hot") and limit and limit > 0:
                limits.append(limit)
    readable = temperature is not None and machine.text(f"{folder}/mode") != "disabled"
    return {
        "name": name,
        "type": machine.text(f"{folder}/type") or "unknown",
        "state": "readable" if readable else "unreadable",
        "temperature": temperature / 1000 if temperature is not None else None,
        "limits": "known" if limits else "unknown",
        "limit": min(limits) / 1000 if limits else None,
    }


def power_supply(machine: Machine) -> list[dict]:
    """Batteries and mains."""
    records = []
    for name in machine.names(POWER):
        folder = f"{POWER}/{name}"
        kind = machine.text(f"{folder}/type")
        system = machine.text(f"{folder}/scope") != "Device"
        records.append(
            {
                "name": safe_name(name),
                "file": name,
                "type": kind if system else "Peripheral",
                "present": machine.text(f"{folder}/present") != "0",
                "status": machine.text(f"{folder}/status"),
                "capacity": machine.text(f"{folder}/capacity"),
                "online": machine.text(f"{folder}/online"),
            }
        )
    return records


SOURCES = {
    "block_device": block_device,
    "device": device,
    "power_supply": power_supply,
    "thermal_zone": thermal_zone,
    "usb": usb,
}

if __name__ == "__main__":
    sys.exit(run_facts(SOURCES, __doc__))
