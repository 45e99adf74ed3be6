"""Which of the two packet filters each node has, and who counts as a peer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.components.firewall.model import Firewall
from generator.planning.site import Node, Site

FIREWALLD = "firewalld"
NFTABLES = "nftables"


@dataclass(frozen=True, slots=True)
class Layout:
    """`backends` by node; `peers` are all addresses of all nodes."""

    backends: Mapping[str, str]
    peers: tuple[str, ...]

    def backend(self, node: Node) -> str:
        return self.backends[node.name]

    def unit(self, node: Node) -> str:
        """The unit that has the rules in the kernel."""
        return node.platform.units[self.backend(node)]


def resolve(site: Site) -> Layout:
    """The backend that the spec names, or else each platform's own; a firewall is on every site."""
    spec = site.spec.part(Firewall)
    named = spec.backend if spec else None
    nodes = site.nodes.values()
    return Layout(
        backends={node.name: named or node.platform.firewall for node in nodes},
        peers=tuple(address for node in nodes for address in node.addresses.values()),
    )
