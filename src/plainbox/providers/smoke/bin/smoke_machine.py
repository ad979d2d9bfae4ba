#!/usr/bin/env python3
"""What the programs of this provider share: a machine's files, records, and verdicts.

Run by itself it lists which of the kernel's files the provider can read here, so that an empty
resource or a skipped test of a container or an odd board explains itself.
Nothing here knows what a file means; the `facts_*` and `check_*` programs do.
"""

# pathlib would double the start-up time of these programs
# ruff: noqa: PTH115, PTH208, PTH110, PTH112, PTH119

from __future__ import annotations

import argparse
import os
import sys

SOURCES = (
    ("/proc/cpuinfo", "processors"),
    ("/proc/meminfo", "memory"),
    ("/proc/modules", "kernel modules"),
    ("/proc/net/route", "network addresses"),
    ("/proc/self/mountinfo", "file systems"),
    ("/proc/sys/kernel/tainted", "kernel taint"),
    ("/etc/os-release", "distribution"),
    ("/sys/block", "disks"),
    ("/sys/bus/pci/devices", "PCI devices"),
    ("/sys/bus/usb/devices", "USB devices"),
    ("/sys/class/dmi/id", "firmware's description of the machine"),
    ("/sys/class/hwmon", "sensors"),
    ("/sys/class/net", "network interfaces"),
    ("/sys/class/power_supply", "batteries"),
    ("/sys/class/rtc", "hardware clock"),
    ("/sys/class/thermal", "thermal zones"),
    ("/sys/devices/system/edac/mc", "memory error counters"),
)


class Failure(Exception):
    """A test found what it looks for; the text is the one line that says what."""


class Machine:
    """The files of a machine below a root folder; what cannot be read is empty."""

    def __init__(self, root: str = "/") -> None:
        self.root = root.rstrip("/")

    def path(self, path: str) -> str:
        """Where a file of the machine lies for us."""
        return self.root + path

    def text(self, path: str) -> str:
        """The contents without outer blanks."""
        try:
            with open(self.root + path, encoding="utf-8", errors="replace") as stream:
                return stream.read().strip()
        except OSError:
            return ""

    def number(self, path: str) -> int | None:
        """The whole number that a file holds, decimal or 0x…; None where it holds none."""
        try:
            return int(self.text(path), 0)
        except ValueError:
            return None

    def names(self, path: str) -> list[str]:
        """What a folder contains, numbers in their order: cpu2 before cpu10."""
        try:
            return sorted(os.listdir(self.root + path), key=_natural)
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return os.path.exists(self.root + path)

    def is_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        return os.path.isdir(self.root + path)

    def link(self, path: str) -> str:
        """The last part of what a symbolic link points to: a driver, a bus."""
        try:
            return os.path.basename(os.readlink(self.root + path))
        except OSError:
            return ""

    def real(self, path: str) -> str:
        """The path with symbolic links resolved, seen from the machine's root."""
        resolved = os.path.realpath(self.root + path)
        root = os.path.realpath(self.root or "/").rstrip("/")
        return resolved[len(root) :] if resolved.startswith(root + "/") else resolved


def _natural(name: str) -> tuple[str, int, str]:
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, int(digits or -1), name)


def fields(text: str, separator: str = ":") -> dict[str, str]:
    """The `key<separator>value` lines of a text; the first of equal keys stays."""
    result: dict[str, str] = {}
    for line in text.splitlines():
        key, found, value = line.partition(separator)
        if found:
            result.setdefault(key.strip(), value.strip())
    return result


def number_list(text: str) -> list[int]:
    """The kernel's `0-3,8` as numbers."""
    result: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.strip().isdigit():
            result.extend(range(int(first), int(last or first) + 1))
    return result


def safe_name(text: str) -> str:
    """A word for ids and command lines: ASCII letters, digits, `.`, `_` and `-`."""
    word = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in text)
    return word.strip("-") or "root"


def unique_names(records: list[dict[str, object]]) -> list[dict[str, object]]:
    """The same records, with `name`s made different by a number at the end."""
    seen: set[object] = set()
    for record in records:
        wanted, count = record["name"], 1
        while record["name"] in seen:
            count += 1
            record["name"] = f"{wanted}_{count}"
        seen.add(record["name"])
    return records


def as_text(records: list[dict[str, object]]) -> str:
    """The records as plainbox reads them; what has no value is left out."""
    blocks = []
    for record in records:
        lines = [
            f"{key}: {_one_line(value)}\n"
            for key, value in record.items()
            if value is not None and value != ""
        ]
        if lines:
            blocks.append("".join(lines))
    return "\n".join(blocks)


def _one_line(value: object) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    text = str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return text


def _parser(names: list[str], description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(description or "").split("\n")[0])
    parser.add_argument("what", choices=names)
    parser.add_argument("subject", nargs="?", default="", help="its name in the resource")
    parser.add_argument("--root", default="/", help="folder that holds the machine's files")
    return parser


def run_facts(sources: dict, description: str | None) -> int:
    """Print the records of the source that the command line names."""
    options = _parser(sorted(sources), description).parse_args()
    records = sources[options.what](Machine(options.root))
    sys.stdout.buffer.write(as_text(records).encode("utf-8", "backslashreplace"))
    return 0


def run_checks(checks: dict, description: str | None) -> int:
    """Run the check that the command line names; its last line says how it ended and why."""
    parser = _parser(sorted(checks), description)
    options = parser.parse_args()
    machine = Machine(options.root)
    check = checks[options.what]
    if not options.subject and check.__code__.co_argcount - len(check.__defaults__ or ()) > 1:
        parser.error(f"{options.what} needs the name of what to test")
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        line = check(machine, options.subject) if options.subject else check(machine)
    except Failure as failure:
        print(failure)
        return 1
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        print(f"no access: {error.strerror or error}{place}")
        return 1
    print(line)
    return 0


def readable_sources(machine: Machine) -> list[str]:
    """One line a source: its path, whether it can be read, what it would tell."""
    lines = []
    for path, meaning in SOURCES:
        if machine.is_folder(path):
            count = len(machine.names(path))
            state = f"{count} entries" if count else "empty"
        elif machine.text(path):
            state = "readable"
        else:
            state = "unreadable" if machine.exists(path) else "absent"
        lines.append(f"{path:30} {state:12} {meaning}")
    return lines


def main() -> int:
    """List the sources of facts."""
    parser = argparse.ArgumentParser(description="Lists the sources of facts of this machine")
    parser.add_argument("--root", default="/", help="folder that holds the machine's files")
    print("\n".join(readable_sources(Machine(parser.parse_args().root))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
