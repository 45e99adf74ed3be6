"""A brick lies on its own disk, not on the root disk, and belongs to its volume."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """`mount` is the disk's mount point, `path` the brick's directory below it."""

    path: str
    mount: str
    volume: str
