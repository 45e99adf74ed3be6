"""Every brick and every self-heal daemon of a volume is online, in the planned ports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """`shd` names the nodes that must run a self-heal daemon (empty where the type has none)."""

    volume: str
    bricks: tuple[str, ...]
    shd: tuple[str, ...]
    first_port: int
    last_port: int
