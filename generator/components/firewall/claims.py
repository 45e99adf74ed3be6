"""The firewall's claims: what loads the rules, and zones settled from everybody's ports."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claim, Claims, File, Package, Port, Template, Unit, values
from generator.components.firewall import egress, ruleset
from generator.components.firewall.layout import FIREWALLD, NFTABLES, Layout
from generator.components.firewall.zones import Zone, access, xml, zones_of
from generator.planning.site import Node, Site

CYCLE = "firewalld-cloud-init-cycle"


def watched(node: Node, which: str) -> tuple[str, ...]:
    """The files that must be read again when they change."""
    folder = node.platform.paths[which]
    if which == NFTABLES:
        return (folder,)
    return (
        f"{folder}/firewalld.conf",
        f"{folder}/zones/peers.xml",
        f"{folder}/zones/world.xml",
    )


def claim(site: Site, part: Layout) -> Iterator[Claim]:
    """What loads the rules, on every node; its unit mended where the platform's does harm."""
    for node in site.nodes.values():
        which = part.backend(node)
        role, unit = f"firewall/{which}", node.platform.units[which]
        packages = tuple(node.platform.packages[which])
        for name in packages:
            yield Package(node=node.name, spec=("networks",), role=role, name=name)
        yield Unit(
            node=node.name,
            spec=("networks",),
            role=role,
            name=unit,
            change="reload",
            watch=watched(node, which),
            packages=packages,
        )
        if which == NFTABLES:
            yield File(
                node=node.name,
                spec=site.platform_path(node),
                role=role,
                path=f"/etc/systemd/system/{unit}.d/stook.conf",
                body=Template(
                    __package__, "nftables-unit.conf.j2", values({"table": ruleset.TABLE})
                ),
                format="dropin",
            )
        elif CYCLE in node.platform.quirks:
            yield File(
                node=node.name,
                spec=site.platform_path(node),
                role=role,
                path="/etc/systemd/system/firewalld.service",
                body=Template(__package__, "firewalld.service.j2"),
                format="unit",
            )


def settle(site: Site, part: Layout, claims: Claims) -> Iterator[Claim]:
    """The rules, from the ports of all components, on the way in and out."""
    for node in site.nodes.values():
        zones = zones_of(access(claims.of(Port, node.name)), part.peers)
        make = _zones if part.backend(node) == FIREWALLD else _table
        yield from make(node, zones, part.peers)
        yield from egress.settle(node, claims)


def _zones(node: Node, zones: tuple[Zone, Zone], sources: tuple[str, ...]) -> Iterator[File]:
    conf, *files = watched(node, FIREWALLD)
    yield _file(node, FIREWALLD, conf, Template(__package__, "firewalld.conf.j2"), "firewalld_conf")
    for path, zone in zip(files, zones, strict=True):
        yield _file(node, FIREWALLD, path, xml(zone), "firewalld_zone")


def _table(node: Node, zones: tuple[Zone, Zone], sources: tuple[str, ...]) -> Iterator[File]:
    (path,) = watched(node, NFTABLES)
    filled = {
        "table": ruleset.TABLE,
        "peers": ruleset.families(sources),
        "chains": tuple(map(ruleset.chain, zones)),
    }
    body = Template(__package__, "nftables.conf.j2", values(filled))
    yield _file(node, NFTABLES, path, body, "nft", "0755")


def _file(
    node: Node, which: str, path: str, body: Template | bytes, format: str, mode: str = "0644"
) -> File:
    return File(
        node=node.name,
        spec=("networks",),
        role=f"firewall/{which}",
        path=path,
        body=body,
        mode=mode,
        format=format,
    )
