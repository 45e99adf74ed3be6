"""The clock follows the spec's time servers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Servers as configured (name or address); offset in seconds."""

    servers: tuple[str, ...]
    max_offset: float = 0.5
