#!/usr/bin/env python3
"""Facts about network interfaces: what each is, whether it is up, connected and addressed.

Addresses are read from procfs: IPv6 ones are listed there by interface, IPv4 ones are put to
the interface whose directly connected network they lie in.
"""

from __future__ import annotations

import socket
import sys

from smoke_machine import Machine, fields, run_facts, safe_name, unique_names

NET = "/sys/class/net"
UP = 1
LOOPBACK, ETHERNET = 772, 1
KINDS = {
    "bond": "bond",
    "bridge": "bridge",
    "vlan": "vlan",
    "vxlan": "tunnel",
    "wireguard": "tunnel",
    "wlan": "wireless",
    "wwan": "mobile",
}
"""By the device type that the kernel announces."""


def net_interface(machine: Machine) -> list[dict]:
    """One record an interface, in the order of their names."""
    addresses = _addresses(machine)
    names = [name for name in machine.names(NET) if machine.exists(f"{NET}/{name}/flags")]
    return unique_names([_interface(machine, name, addresses.get(name, [])) for name in names])


def _interface(machine: Machine, name: str, addresses: list[str]) -> dict:
    folder = f"{NET}/{name}"
    families = ["inet6" if ":" in address else "inet" for address in addresses]
    flags = machine.number(f"{folder}/flags") or 0
    speed = machine.number(f"{folder}/speed") or -1
    return {
        "name": safe_name(name),
        "interface": name,
        "kind": _kind(machine, name),
        "state": "up" if flags & UP else "down",
        "operstate": machine.text(f"{folder}/operstate"),
        "carrier": machine.text(f"{folder}/carrier") == "1",
        "address": machine.text(f"{folder}/address"),
        "mtu": machine.number(f"{folder}/mtu"),
        "speed": speed if speed > 0 else None,
        "driver": machine.link(f"{folder}/device/driver"),
        "address_family": " ".join(sorted(set(families))) or "none",
        "addresses": " ".join(addresses),
    }


def _kind(machine: Machine, name: str) -> str:
    """What it is; `port` is a virtual one that belongs to a bridge or bond."""
    folder = f"{NET}/{name}"
    number = machine.number(f"{folder}/type")
    announced = fields(machine.text(f"{folder}/uevent"), "=").get("DEVTYPE", "")
    if number == LOOPBACK:
        return "loopback"
    if machine.exists(f"{folder}/phy80211"):
        return "wireless"
    if announced in KINDS:
        return KINDS[announced]
    if machine.exists(f"{folder}/device"):
        return "ethernet" if number == ETHERNET else "other"
    if machine.exists(f"{folder}/master"):
        return "port"
    return "virtual" if number == ETHERNET else "tunnel"


def _addresses(machine: Machine) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for interface, address in _version_4(machine) + _version_6(machine):
        result.setdefault(interface, []).append(address)
    return result


def _version_4(machine: Machine) -> list[tuple[str, str]]:
    networks = []
    for line in machine.text("/proc/net/route").splitlines()[1:]:
        part = line.split()
        if len(part) > 7 and part[2] == "00000000" and part[7] != "00000000":
            networks.append((part[0], _swapped(part[1]), _swapped(part[7])))
    result = []
    for address in _local_addresses(machine.text("/proc/net/fib_trie")):
        number = _as_number(address)
        if number >> 24 == 127:
            result.append(("lo", address))
        result.extend(
            (interface, address) for interface, net, mask in networks if number & mask == net
        )
    return result


def _local_addresses(trie: str) -> list[str]:
    """Each address of this machine: the line before its `/32 host LOCAL`."""
    found, last = [], ""
    for line in trie.splitlines():
        text = line.strip()
        if text.startswith("|-- "):
            last = text[4:]
        elif text == "/32 host LOCAL" and last not in found:
            found.append(last)
    return found


def _swapped(hexadecimal: str) -> int:
    """The route table writes an address as a number of this machine's byte order."""
    return int.from_bytes(int(hexadecimal, 16).to_bytes(4, sys.byteorder), "big")


def _as_number(address: str) -> int:
    number = 0
    for part in address.split("."):
        number = number * 256 + int(part)
    return number


def _version_6(machine: Machine) -> list[tuple[str, str]]:
    result = []
    for line in machine.text("/proc/net/if_inet6").splitlines():
        part = line.split()
        if len(part) == 6 and len(part[0]) == 32:
            number = bytes.fromhex(part[0])
            result.append((part[5], socket.inet_ntop(socket.AF_INET6, number)))
    return result


SOURCES = {"net_interface": net_interface}

if __name__ == "__main__":
    sys.exit(run_facts(SOURCES, __doc__))
