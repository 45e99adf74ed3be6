"""What a cloud does to a node: addresses by DHCP, and cloud-init's word about /etc/hosts."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import AgreedFile, Claim, File, Port, Template
from generator.planning.site import Node

CONFIGURATION = "/etc/cloud/cloud.cfg.d/99-stook.cfg"
DHCPV6 = 546
LINK_LOCAL = ("fe80::/10",)
# Azure's temporary disk, which its agent or cloud-init mounts there (Azure, temporary disks).
MOUNTS = {"azure": ("/mnt",)}
# What Azure's agent writes among the units at its start (WALinuxAgent: persist_firewall_rules.py,
# cgroupconfigurator.py).
AGENT = "walinuxagent"
FILES = {
    "azure": tuple(
        f"/usr/lib/systemd/system/{name}"
        for name in (
            *("azure.slice", "azure-vmextensions.slice", f"{AGENT}-network-setup.service"),
            f"{AGENT}-network-setup.service.d/10-environment.conf",
            *(f"{AGENT}.service.d/{name}.conf" for name in ("10-Slice", "11-CPUAccounting")),
            *(f"{AGENT}.service.d/{name}.conf" for name in ("12-CPUQuota", "13-MemoryAccounting")),
        )
    )
}


def claim(provider: str, node: Node) -> Iterator[Claim]:
    """On every node: a bundle applied by hand ends as one from user-data does."""
    yield File(
        node=node.name,
        spec=node.path,
        role="base/hosts",
        path=CONFIGURATION,
        body=Template(__package__, "cloud.cfg.j2"),
        format="cloud_config",
    )
    for path in FILES.get(provider, ()):
        yield AgreedFile(node=node.name, spec=("provider",), role="base/provider", path=path)
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
