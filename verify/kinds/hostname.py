"""The node calls itself what the spec calls it, now and after a reboot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """A single label."""

    name: str
