"""A file system is mounted where it should be, and answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Source as in the mount table, or `uuid` for a disk; options that must be in effect.

    The device must not be that of the root file system, and a stat under a time limit must answer.
    """

    path: str
    fstype: str
    source: str = ""
    uuid: str = ""
    options: tuple[str, ...] = ()
