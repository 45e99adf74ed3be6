"""Nothing listens on a node but what the spec, or its platform, accounts for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Each allowed entry is `{protocol, first, last, addresses, process}`; empty process is any."""

    allowed: tuple[dict[str, object], ...]
