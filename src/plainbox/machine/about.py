"""What a person calls this machine: its name, product, distribution and kernel."""

from __future__ import annotations

import os
import shlex
from pathlib import Path


def about_machine(root: Path = Path("/")) -> dict[str, str]:
    """Short facts that tell this machine from others; what is not known is left out.

    Keys: `host`, `product`, `system`, `kernel`, `architecture`. Reads below `root` what the
    kernel and the distribution publish there.
    """
    name = os.uname()
    facts = {
        "host": name.nodename,
        "product": _product(root),
        "system": _system(root),
        "kernel": name.release,
        "architecture": name.machine,
    }
    return {key: value for key, value in facts.items() if value}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip().strip("\0")
    except OSError:
        return ""


def _product(root: Path) -> str:
    dmi = root / "sys/class/dmi/id"
    vendor, product = _read(dmi / "sys_vendor"), _read(dmi / "product_name")
    if product:
        return product if product.startswith(vendor) else f"{vendor} {product}"
    return _read(root / "proc/device-tree/model")


def _system(root: Path) -> str:
    for place in ("etc/os-release", "usr/lib/os-release"):
        for line in _read(root / place).splitlines():
            key, _, value = line.partition("=")
            if key == "PRETTY_NAME":
                try:
                    return " ".join(shlex.split(value))
                except ValueError:
                    return value
    return ""
