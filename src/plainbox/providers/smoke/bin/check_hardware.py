#!/usr/bin/env python3
"""Tests what hardware reports of itself: temperatures, memory, PCI and USB errors, batteries.

Nothing is exercised here; the counters run since the last boot.
"""

from __future__ import annotations

import sys

import facts_devices
from smoke_machine import Failure, Machine, fields, run_checks

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing it takes time
    from collections.abc import Iterator

HWMON = "/sys/class/hwmon"
MEMORY = "/sys/devices/system/edac/mc"
PCI = facts_devices.PCI
USB = facts_devices.USB
HOTTEST = 200_000
"""Thousandths of a degree; a limit above says that there is none."""

CORRECTED = 100
"""Corrected memory errors since boot that a module may have."""

WORN = 0.2
"""A battery that holds less than this share of what it was built for is used up."""

BAD_BATTERY = ("Dead", "Overheat", "Over voltage", "Over current", "Unspecified failure")


def thermal(machine: Machine, name: str) -> str:
    """One thermal zone below its critical and hot limits."""
    found = [zone for zone in facts_devices.thermal_zone(machine) if zone["name"] == name]
    if not found or found[0]["temperature"] is None:
        raise Failure(f"no access: the temperature of {name} cannot be read")
    zone = found[0]
    temperature, limit = zone["temperature"], zone["limit"]
    if limit is None:
        raise Failure(f"{name} has no limit to compare with")
    if temperature >= limit:
        raise Failure(
            f"{name} ({zone['type']}) is overheated: {temperature:.1f} °C, limit {limit:.1f} °C"
        )
    return f"{name} ({zone['type']}): {temperature:.1f} °C, limit {limit:.1f} °C"


def sensors(machine: Machine) -> str:
    """Every sensor that has a critical limit is below it."""
    readings = list(_readings(machine))
    for text, _ in readings:
        print(text)
    hot = [text for text, room in readings if room <= 0]
    if hot:
        raise Failure(f"overheated: {'; '.join(hot)}")
    if not readings:
        return "no sensor with a usable limit could be read"
    nearest = min(room for _, room in readings)
    return f"{len(readings)} sensors, the nearest to its limit is {nearest:.1f} °C below"


def _readings(machine: Machine) -> Iterator[tuple[str, float]]:
    """A line about each sensor, and by how many degrees it is below its limit."""
    for chip in machine.names(HWMON):
        folder = f"{HWMON}/{chip}"
        chip_name = machine.text(f"{folder}/name")
        for entry in machine.names(folder):
            if not (entry.startswith("temp") and entry.endswith("_crit")):
                continue
            sensor = entry[:-5]
            value = machine.number(f"{folder}/{sensor}_input")
            limit = machine.number(f"{folder}/{entry}")
            if value is None or limit is None or not 0 < limit < HOTTEST:
                continue
            label = f"{chip_name} {machine.text(f'{folder}/{sensor}_label') or sensor}"
            text = f"{label}: {value / 1000:.1f} °C, limit {limit / 1000:.1f} °C"
            yield text, (limit - value) / 1000


def memory_errors(machine: Machine) -> str:
    """No uncorrected error, and few corrected ones."""
    corrected = uncorrected = 0
    for name in machine.names(MEMORY):
        if name.startswith("mc"):
            once = machine.number(f"{MEMORY}/{name}/ce_count") or 0
            never = machine.number(f"{MEMORY}/{name}/ue_count") or 0
            kind = machine.text(f"{MEMORY}/{name}/mc_name")
            print(f"{name} ({kind}): {once} corrected, {never} uncorrected")
            corrected, uncorrected = corrected + once, uncorrected + never
    if uncorrected or corrected > CORRECTED:
        raise Failure(f"memory errors: {uncorrected} uncorrected, {corrected} corrected")
    return f"{corrected} corrected memory errors, none uncorrected"


def pci_errors(machine: Machine) -> str:
    """No device reported a fatal error; corrected ones are told."""
    fatal, corrected, count = [], 0, 0
    for name in machine.names(PCI):
        total = _total(machine, f"{PCI}/{name}/aer_dev_fatal", "TOTAL_ERR_FATAL")
        if total is None:
            continue
        count += 1
        if total:
            fatal.append(f"{name} {total}")
        mended = _total(machine, f"{PCI}/{name}/aer_dev_correctable", "TOTAL_ERR_COR")
        if mended:
            print(f"{name}: {mended} corrected errors")
            corrected += mended
    if fatal:
        raise Failure(f"fatal PCI errors: {', '.join(fatal)}")
    return f"{count} PCI devices without a fatal error, {corrected} corrected errors"


def _total(machine: Machine, path: str, name: str) -> int | None:
    value = fields(machine.text(path), " ").get(name, "")
    return int(value) if value.isdigit() else None


def usb_ports(machine: Machine) -> str:
    """No port was switched off because a device drew too much current."""
    bad, count = [], 0
    for hub in machine.names(USB):
        for port in machine.names(f"{USB}/{hub}") if hub.endswith(":1.0") else []:
            times = machine.number(f"{USB}/{hub}/{port}/over_current_count")
            count += "-port" in port
            if times:
                bad.append(f"{port} {times} times")
    if bad:
        raise Failure(f"over-current on USB ports: {', '.join(bad)}")
    return f"{count} USB ports without over-current"


def battery(machine: Machine, name: str) -> str:
    """The battery is sound and holds a useful part of what it was built for."""
    found = [r for r in facts_devices.power_supply(machine) if r["name"] == name]
    if not found:
        raise Failure(f"{name} is gone: there is no such battery any more")
    folder = f"{facts_devices.POWER}/{found[0]['file']}"
    health = machine.text(f"{folder}/health")
    if health in BAD_BATTERY:
        raise Failure(f"{name}: the battery says it is {health.lower()}")
    state = f"{name}: {found[0]['capacity'] or '?'} % charged, {found[0]['status'].lower()}"
    for kind in ("energy", "charge"):
        full = machine.number(f"{folder}/{kind}_full")
        design = machine.number(f"{folder}/{kind}_full_design")
        if full is not None and design:
            share = f"{100 * full / design:.0f} % of its design capacity"
            if full < WORN * design:
                raise Failure(f"{name}: the battery is worn out, it holds {share}")
            return f"{state}, holds {share}"
    return state


CHECKS = {
    "battery": battery,
    "memory_errors": memory_errors,
    "pci_errors": pci_errors,
    "sensors": sensors,
    "thermal": thermal,
    "usb_ports": usb_ports,
}

if __name__ == "__main__":
    sys.exit(run_checks(CHECKS, __doc__))
