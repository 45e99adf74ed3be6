"""What an admin has to know of the packet filter before it is there."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.firewall.layout import FIREWALLD, Layout
from generator.planning.site import Site


def remarks(site: Site, filters: Layout, node: str) -> Iterator[str]:
    """What becomes of the filter that the machine had."""
    if filters.backends[node] == FIREWALLD:
        yield (
            "firewalld's default zone becomes `world`, and the nodes of the site are in `peers`. "
            "What the default zone of before opened is closed, unless the spec opens it."
        )
    else:
        yield (
            "/etc/nftables.conf is replaced by one table of ours, which drops what the spec does "
            "not open. It flushes no ruleset: tables of others stay."
        )
