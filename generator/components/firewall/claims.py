"""The firewall's claims: firewalld itself, and zones settled from everybody's ports."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claim, Claims, File, Package, Port, Template, Unit
from generator.components.firewall.zones import access, xml, zones
from generator.site import Node, Site

ROLE = "firewall/firewalld"
CYCLE = "firewalld-cloud-init-cycle"


def peers(site: Site) -> tuple[str, ...]:
    """Every address of every node: the sources that the peers' zone is bound to."""
    return tuple(a for node in site.nodes.values() for a in node.addresses.values())


def watched(node: Node) -> tuple[str, ...]:
    """The files that firewalld must read again when they change."""
    folder = node.platform.paths["firewalld"]
    return (
        f"{folder}/firewalld.conf",
        f"{folder}/zones/peers.xml",
        f"{folder}/zones/world.xml",
    )


def claim(site: Site) -> Iterator[Claim]:
    """firewalld on every node, started before the network where the platform needs help."""
    for node in site.nodes.values():
        packages = tuple(node.platform.packages["firewall"])
        for name in packages:
            yield Package(node=node.name, spec=("networks",), role=ROLE, name=name)
        yield Unit(
            node=node.name,
            spec=("networks",),
            role=ROLE,
            name=node.platform.units["firewall"],
            change="reload",
            watch=watched(node),
            packages=packages,
        )
        if CYCLE in node.platform.quirks:
            yield File(
                node=node.name,
                spec=("platform",),
                role=ROLE,
                path="/etc/systemd/system/firewalld.service",
                body=Template("firewall/firewalld.service.j2"),
                check="unit",
            )


def settle(site: Site, claims: Claims) -> Iterator[Claim]:
    """The zone files, from the ports of all components."""
    sources = peers(site)
    for node in site.nodes.values():
        conf, *files = watched(node)
        yield File(
            node=node.name,
            spec=("networks",),
            role=ROLE,
            path=conf,
            body=Template("firewall/firewalld.conf.j2"),
            check="zone",
        )
        found = zones(access(claims.of(Port, node.name)), sources)
        for path, zone in zip(files, found, strict=True):
            yield File(
                node=node.name,
                spec=("networks",),
                role=ROLE,
                path=path,
                body=xml(zone),
                check="zone",
            )
