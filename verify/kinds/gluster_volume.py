"""A volume has the planned type, replica count, bricks and options, and no others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """`type` as gluster writes it (Replicate, Distributed-Replicate, Disperse, …).

    `bricks` are `node:/path` in the order of creation; `options` every option that must be set.
    """

    name: str
    type: str
    replica: int
    arbiter: int
    disperse: int
    redundancy: int
    bricks: tuple[str, ...]
    options: dict[str, str]
