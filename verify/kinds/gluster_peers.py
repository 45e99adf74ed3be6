"""The trusted pool has exactly the spec's members, by name and connected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """All members' names, and which of them this node is."""

    members: tuple[str, ...]
    me: str
