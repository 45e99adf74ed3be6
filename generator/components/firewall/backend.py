"""Which of the two packet filters a node has, and what the platform calls its parts."""

from __future__ import annotations

from generator.site import Node, Site

FIREWALLD = "firewalld"
NFTABLES = "nftables"


def backend(site: Site, node: Node) -> str:
    """The one that the spec names, or else the platform's own."""
    spec = site.spec.part("firewall")
    return str(spec.backend) if spec and spec.backend else node.platform.firewall


def unit(site: Site, node: Node) -> str:
    """The unit that has the rules in the kernel."""
    return node.platform.units[backend(site, node)]


def peers(site: Site) -> tuple[str, ...]:
    """Every address of every node: who counts as a peer."""
    return tuple(a for node in site.nodes.values() for a in node.addresses.values())
