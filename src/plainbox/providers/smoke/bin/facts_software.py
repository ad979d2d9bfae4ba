#!/usr/bin/env python3
"""Facts about what is installed: packages of dpkg, rpm, apk and pacman, and programs on PATH.

Databases are read directly, which takes milliseconds; rpm's has to be asked through `rpm`.
"""

from __future__ import annotations

import os
import subprocess
import sys

from smoke_machine import Machine, run_facts

RPM_SECONDS = 20


def package(machine: Machine) -> list[dict]:
    """Installed packages, whichever database there is."""
    records = _dpkg(machine) or _apk(machine) or _pacman(machine)
    return records or (_rpm() if not machine.root else [])


def _dpkg(machine: Machine) -> list[dict]:
    """Stanzas of the status file that say they are installed, and of distroless images."""
    stanzas = machine.text("/var/lib/dpkg/status").split("\n\n")
    stanzas = [s for s in stanzas if _value(s, "Status: ").endswith(" installed")]
    folder = "/var/lib/dpkg/status.d"
    names = [name for name in machine.names(folder) if not name.endswith(".md5sums")]
    stanzas.extend(machine.text(f"{folder}/{name}") for name in names)
    records = [_package(stanza, "Package: ", "Version: ") for stanza in stanzas]
    return [record for record in records if record["name"]]


def _apk(machine: Machine) -> list[dict]:
    stanzas = machine.text("/lib/apk/db/installed").split("\n\n")
    records = [_package(stanza, "P:", "V:") for stanza in stanzas]
    return [record for record in records if record["name"]]


def _package(stanza: str, name: str, version: str) -> dict:
    return {"name": _value(stanza, name), "version": _value(stanza, version)}


def _value(stanza: str, key: str) -> str:
    """The rest of the line that begins with the key."""
    start = 0 if stanza.startswith(key) else stanza.find("\n" + key) + 1
    if not start and not stanza.startswith(key):
        return ""
    end = stanza.find("\n", start)
    return stanza[start + len(key) : end if end >= 0 else None].strip()


def _pacman(machine: Machine) -> list[dict]:
    """Folder names tell all: `bash-5.2.026-2` is name, version and release."""
    records = []
    for folder in machine.names("/var/lib/pacman/local"):
        parts = folder.rsplit("-", 2)
        if len(parts) == 3:
            records.append({"name": parts[0], "version": f"{parts[1]}-{parts[2]}"})
    return records


def _rpm() -> list[dict]:
    command = ["rpm", "-qa", "--qf", "%{NAME}\t%{VERSION}-%{RELEASE}\n"]
    try:
        run = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=RPM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    lines = [line.split("\t") for line in run.stdout.decode("utf-8", "replace").splitlines()]
    return [{"name": line[0], "version": line[1]} for line in lines if len(line) == 2]


def executable(machine: Machine) -> list[dict]:
    """Programs that a job can call by name."""
    found: set[str] = set()
    for folder in dict.fromkeys(os.get_exec_path()):
        found.update(_programs(machine.path(folder)))
    return [{"name": name} for name in sorted(found)]


def _programs(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [e.name for e in entries if e.is_file() and os.access(e.path, os.X_OK)]
    except OSError:
        return []


SOURCES = {"executable": executable, "package": package}

if __name__ == "__main__":
    sys.exit(run_facts(SOURCES, __doc__))
