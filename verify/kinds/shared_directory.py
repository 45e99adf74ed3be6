"""A file written on each node is read on every other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """A directory on a shared mount, and the nodes that mount it."""

    path: str
    nodes: tuple[str, ...]
