"""Nothing of a volume waits to be healed and nothing is in split brain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Bricks as `node:/path`; each must be connected with 0 entries."""

    volume: str
    bricks: tuple[str, ...]
