"""/etc/fstab has one line in effect for a mount point, and it is the planned one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """The six fields of fstab(5), unescaped; options compare as a set."""

    source: str
    path: str
    fstype: str
    options: tuple[str, ...]
    dump: int = 0
    passno: int = 0
