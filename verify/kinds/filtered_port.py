"""A port that the spec does not open stays shut while something listens on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """A port that no one claims, at the node's address; probed from outside."""

    address: str
    port: int
