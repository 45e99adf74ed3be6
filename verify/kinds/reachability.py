"""A port is open, or filtered, as seen from somewhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """`source` is a node's name or "outside"; `expect` is "open" or "filtered".

    A refused connection is neither: it shows that no firewall stood in the way.
    """

    address: str
    port: int
    source: str
    expect: str
    protocol: str = "tcp"
