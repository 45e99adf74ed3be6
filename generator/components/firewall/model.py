"""The `firewall:` part of a spec."""

from __future__ import annotations

from typing import Literal

from generator.language.spec import Part


class Firewall(Part):
    """The packet filter of every node."""

    backend: Literal["firewalld", "nftables"] | None = None
    """Who loads the rules; without it, what is usual on the node's platform."""
