"""What a cloud does to a node: addresses by DHCP, and cloud-init's word about /etc/hosts."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claim, File, Port, Template
from generator.planning.site import Node

CONFIGURATION = "/etc/cloud/cloud.cfg.d/99-stook.cfg"
DHCPV6 = 546
LINK_LOCAL = ("fe80::/10",)
# Azure's temporary disk, which its agent or cloud-init mounts there (Azure, temporary disks).
MOUNTS = {"azure": ("/mnt",)}


def claim(node: Node) -> Iterator[Claim]:
    """On every node: a bundle applied by hand ends as one from user-data does."""
    yield File(
        node=node.name,
        spec=node.path,
        role="base/hosts",
        path=CONFIGURATION,
        body=Template(__package__, "cloud.cfg.j2"),
        format="cloud_config",
    )
    # a server answers from its link-local address what a client has asked of a group
    yield Port(
        node=node.name,
        spec=("networks",),
        role="base/addresses",
        protocol="udp",
        first=DHCPV6,
        last=DHCPV6,
        allowed_from=LINK_LOCAL,
        addresses=(),
        process="",
        count=0,
    )


def mounts(provider: str) -> tuple[str, ...]:
    """What the provider mounts on its machines by itself."""
    return MOUNTS.get(provider, ())
