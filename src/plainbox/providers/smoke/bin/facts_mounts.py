#!/usr/bin/env python3
"""Facts about mounted file systems: one record each, however often it is mounted.

`kind` tells what a file system is for: disk, overlay, memory and shared ones store what a test
writes; image, boot, container, network, fuse and pseudo ones are left alone. Only the former
are touched, so that a server that does not answer cannot hold this program.
"""

# pathlib would double the start-up time
# ruff: noqa: PTH116, PTH112, PTH109

from __future__ import annotations

import os
import sys

from smoke_machine import Machine, run_facts, safe_name, unique_names

KINDS = {
    "disk": "ext2 ext3 ext4 xfs btrfs f2fs jfs reiserfs zfs bcachefs ntfs ntfs3 fuseblk vfat exfat"
    " msdos hfsplus ubifs jffs2 nilfs2",
    "overlay": "overlay aufs",
    "memory": "tmpfs ramfs",
    "image": "squashfs erofs iso9660 udf cramfs romfs",
    "network": "nfs nfs4 cifs smb3 ceph glusterfs afs lustre",
    "shared": "9p virtiofs vboxsf",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}
TESTED = ("disk", "overlay", "memory", "shared")
BOOT = ("/boot", "/efi")
KERNEL = ("/proc", "/sys", "/dev")
CONTAINERS = ("/var/lib/docker", "/var/lib/containers", "/var/lib/kubelet", "/run/containerd")
ENOUGH = 64
"""Megabytes that have to be free for a test to write."""

SMALL = 16
"""A memory file system of fewer megabytes holds locks or secrets, nothing to test."""

MEGA = 1024 * 1024


def mount(machine: Machine) -> list[dict]:
    """File systems in the order of mounting, the best place to write first."""
    visible: dict[str, tuple[str, dict]] = {}
    for line in machine.text("/proc/self/mountinfo").splitlines():
        number, record = _parse(line)
        if record is not None:  # the later of two mounts at one place hides the earlier
            visible[record["mountpoint"]] = number, record
    found: dict[str, dict] = {}
    for number, record in visible.values():
        _judge(machine, record)
        known = found.get(number)
        if known is None or (record["writable"] and not known["writable"]):
            found[number] = record
    return unique_names(list(found.values()))


def _parse(line: str) -> tuple[str, dict | None]:
    """Device number and record of one line of mountinfo."""
    mounted, _, origin = line.partition(" - ")
    left, right = mounted.split(), origin.split()
    if len(left) < 6 or len(right) < 2:
        return "", None
    mountpoint = _plain(left[4])
    fstype = right[0]
    return left[2], {
        "name": safe_name(mountpoint.strip("/").replace("/", "-")),
        "mountpoint": mountpoint,
        "source": _plain(right[1]),
        "fstype": fstype,
        "kind": _kind(fstype, mountpoint, right[2] if len(right) > 2 else ""),
        "options": left[5],
        "super_options": right[2] if len(right) > 2 else "",
    }


def _plain(text: str) -> str:
    r"""Undo the kernel's `\040` for a blank."""
    for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, character)
    return text


def _below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def _kind(fstype: str, mountpoint: str, options: str) -> str:
    kind = KIND_OF.get(fstype) or ("fuse" if fstype.startswith("fuse") else "pseudo")
    if _below(mountpoint, KERNEL) and mountpoint != "/dev/shm":  # noqa: S108
        return "pseudo"
    if _below(mountpoint, BOOT):
        return "boot"
    if _below(mountpoint, CONTAINERS) or (kind == "overlay" and mountpoint != "/"):
        return "container"
    if kind == "memory" and _size_option(options) < SMALL:
        return "pseudo"
    return kind


def _size_option(options: str) -> int:
    """Megabytes by the `size=` of a memory file system; many where it has none."""
    for option in options.split(","):
        if option.startswith("size=") and option[5:-1].isdigit():
            unit = {"k": 1024, "m": MEGA, "g": 1024 * MEGA}.get(option[-1], 1)
            return int(option[5:-1]) * unit // MEGA
    return 1_000_000


def _judge(machine: Machine, record: dict) -> None:
    """Add whether a test can write here, where, and whether there is room."""
    rights = record["options"].split(",") + record.pop("super_options").split(",")
    record["writable"] = False
    if record["kind"] not in TESTED or not machine.is_folder(record["mountpoint"]):
        return
    folder = "" if "ro" in rights else _folder(machine, record["mountpoint"])
    if not folder:
        return
    state = os.statvfs(machine.path(folder))
    free = state.f_bavail * state.f_frsize // MEGA
    record.update(
        writable=True,
        folder=folder,
        size_mb=state.f_blocks * state.f_frsize // MEGA,
        free_mb=free,
        space="enough" if free >= ENOUGH else "short",
    )


def _folder(machine: Machine, mountpoint: str) -> str:
    """A folder of this very file system in which we may write."""
    wanted = os.stat(machine.path(mountpoint)).st_dev
    home = os.path.expanduser("~")  # noqa: PTH111
    below = [f"{mountpoint.rstrip('/')}/{name}" for name in ("var/tmp", "tmp")]
    for folder in (*below, mountpoint, home, os.environ.get("XDG_RUNTIME_DIR", ""), os.getcwd()):
        path = machine.path(folder)
        ours = folder and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)
        if ours and os.stat(path).st_dev == wanted:
            return folder
    return ""


SOURCES = {"mount": mount}

if __name__ == "__main__":
    sys.exit(run_facts(SOURCES, __doc__))
