"""A unit is active AND enabled, and not masked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """States as `systemctl show` prints them (ActiveState, UnitFileState)."""

    unit: str
    active: str = "active"
    enabled: str = "enabled"
