"""The kernel's mount table, `/proc/self/mountinfo` (proc(5))."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from verify.contract import Output, Unreadable
from verify.readers.answers import text

OCTAL = re.compile(r"\\([0-7]{3})")
NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse", "fuseblk", "glusterfs", "lustre", "nfs", "nfs4", "smb3"}
    | {"bcachefs", "btrfs", "overlay", "zfs"}
)
"""File systems that hold data although their device number (major 0) looks like a pseudo one."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the table; `options` holds those of the mount and of the file system."""

    path: str
    device: str
    fstype: str
    source: str
    options: tuple[str, ...]

    @property
    def holds_data(self) -> bool:
        """Whether a disk or the network is behind it, and not the kernel itself."""
        backed = not self.device.startswith("0:") and self.fstype != "autofs"
        return backed or self.fstype in NETWORK or self.fstype.startswith("fuse.")


def unescape(field: str) -> str:
    """Undo the octal escapes of mount tables and of fstab(5), such as `\\040` for a space."""
    return OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def read(output: Output) -> tuple[Mount, ...]:
    """All mounts in the order of the table. Raises `Unreadable` for an empty or odd table."""
    mounts = tuple(_line(line) for line in text(output, "mount table").splitlines() if line)
    if not mounts:
        raise Unreadable("mount table: it is empty")
    return mounts


def _line(line: str) -> Mount:
    left, dash, right = line.partition(" - ")
    head, tail = left.split(" "), right.split(" ")
    if not dash or len(head) < 6 or len(tail) < 3:
        raise Unreadable(f"mount table: cannot read the line {line!r}")
    options = tuple(dict.fromkeys([*head[5].split(","), *tail[2].split(",")]))
    return Mount(unescape(head[4]), head[2], tail[0], unescape(tail[1]), options)


def at(mounts: Sequence[Mount], path: str) -> Mount | None:
    """The mount that is seen at exactly this path: of stacked ones the uppermost, which is last."""
    return next((mount for mount in reversed(mounts) if mount.path == path), None)
