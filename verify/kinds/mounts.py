"""No disk or network file system is mounted but those that the spec names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """The mount points that may be there; pseudo file systems do not count."""

    allowed: tuple[str, ...]
