#!/usr/bin/env python3
"""Tests network interfaces by what the kernel counts, and the network stack by sending to itself.

No packet leaves the machine.
"""

from __future__ import annotations

import socket
import sys
import threading
import time

import facts_network
from smoke_machine import Failure, Machine, run_checks

NET = facts_network.NET
ERRORS = ("rx_errors", "tx_errors", "rx_crc_errors", "rx_frame_errors", "tx_carrier_errors")
FEW = 20
"""Errors that say nothing: a plug was pulled."""

PER_MILLION = 1000
"""Errors in a million packets that are too many."""

SMALLEST_MTU = 68
MEGA = 1024 * 1024
AMOUNT = 64
LEAST_RATE = 10
"""MB/s; a slow single-board computer reaches ten times that."""

PATIENCE = 10.0
BLOCK = bytes(range(256)) * 256
CONNECTED = ("up", "unknown", "dormant", "testing")


def link_problem(record: dict) -> str:
    """Where the parts of an interface's state contradict each other; empty where they agree."""
    state, carrier = record["operstate"], record["carrier"]
    if record["state"] != "up":
        return "it is down"
    if state == "up" and not carrier:
        return "its state is up without a carrier"
    if carrier and state not in CONNECTED:
        return f"it has a carrier, but its state is {state}"
    if record["mtu"] is not None and record["mtu"] < SMALLEST_MTU:
        return f"its MTU is {record['mtu']}, IP needs {SMALLEST_MTU}"
    if record["kind"] in ("ethernet", "wireless"):
        return _address_problem(str(record["address"]))
    return ""


def _address_problem(address: str) -> str:
    parts = address.split(":")
    if len(parts) != 6 or not any(int(part, 16) for part in parts):
        return f"its hardware address is {address or 'missing'}"
    if int(parts[0], 16) & 1:
        return f"its hardware address {address} is a group's"
    return ""


def counter_problem(counters: dict[str, int]) -> str:
    """Which counter is too high for the traffic there was; empty where none is."""
    packets = counters.get("rx_packets", 0) + counters.get("tx_packets", 0)
    for name in ERRORS:
        count = counters.get(name, 0)
        if count > FEW and count * 1_000_000 > PER_MILLION * max(packets, 1):
            return f"{name} is {count} in {packets} packets"
    return ""


def interface(machine: Machine, name: str) -> str:
    """State and counters of the interface that the resource calls so."""
    found = [r for r in facts_network.net_interface(machine) if r["name"] == name]
    if not found:
        raise Failure(f"{name} is gone: there is no such interface any more")
    record = found[0]
    folder = f"{NET}/{record['interface']}"
    statistics = {n: machine.number(f"{folder}/statistics/{n}") for n in
                  machine.names(f"{folder}/statistics")}  # fmt: skip
    counters = {key: value for key, value in statistics.items() if value}
    for key, value in counters.items():
        print(f"{key}: {value}")
    changes = machine.number(f"{folder}/carrier_changes")
    if changes is not None:
        print(f"carrier changes since it appeared: {changes}")
    problem = link_problem(record) or counter_problem(counters)
    if problem:
        raise Failure(f"{record['interface']}: {problem}")
    errors = sum(counters.get(key, 0) for key in ERRORS)
    speed = f", {record['speed']} Mbit/s" if record["speed"] else ""
    return f"{record['interface']}: {record['kind']}, {record['operstate']}{speed}, {errors} errors"


class Receiver(threading.Thread):
    """Takes one connection and compares all that comes with what was to come."""

    def __init__(self, server: socket.socket) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.received = 0
        self.problem = ""

    def run(self) -> None:
        """Receive until the other end closes."""
        try:
            connection, _ = self.server.accept()
            with connection:
                connection.settimeout(PATIENCE)
                self._receive(connection)
        except OSError as error:
            self.problem = f"receiving stopped after {self.received} bytes: {error}"

    def _receive(self, connection: socket.socket) -> None:
        buffer = bytearray(len(BLOCK))
        twice = BLOCK + BLOCK
        while True:
            length = connection.recv_into(buffer)
            if not length:
                return
            offset = self.received % len(BLOCK)
            if buffer[:length] != twice[offset : offset + length] and not self.problem:
                self.problem = f"data damaged near byte {self.received}"
            self.received += length


def transfer(host: str, megabytes: int) -> float:
    """MB/s from us to ourselves; Failure where data are lost or damaged."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.settimeout(PATIENCE)
        server.bind((host, 0))
        server.listen(1)
        receiver = Receiver(server)
        receiver.start()
        begin = time.monotonic()
        address = server.getsockname()[:2]
        with socket.create_connection(address, timeout=PATIENCE) as client:
            for _ in range(megabytes * MEGA // len(BLOCK)):
                client.sendall(BLOCK)
        receiver.join(PATIENCE)
    seconds = time.monotonic() - begin
    if receiver.problem:
        raise Failure(receiver.problem)
    if receiver.received != megabytes * MEGA:
        raise Failure(f"{receiver.received} of {megabytes * MEGA} bytes arrived")
    return megabytes / max(seconds, 1e-6)


def loopback(_machine: Machine, least: str = str(LEAST_RATE)) -> str:
    """Send data to this machine through TCP and compare them."""
    try:
        rate = transfer("127.0.0.1", AMOUNT)
    except OSError as error:
        raise Failure(f"no access: loopback cannot be used: {error}") from error
    if rate < float(least):
        raise Failure(f"{rate:.0f} MB/s through loopback, at least {least} MB/s expected")
    return f"{AMOUNT} MB through loopback intact, {rate:.0f} MB/s"


if __name__ == "__main__":
    sys.exit(run_checks({"interface": interface, "loopback": loopback}, __doc__))
