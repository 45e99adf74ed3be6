"""What a lab of a site consists of, worked out before anything is made.

Beside the networks of the spec there is one more, `outside`: from there come the visitors, the
attackers and the time, and every node has a leg on it. Its addresses are reserved for
documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from verify.contract import Manifest, Site, load_manifest, load_site
from verify.lab.errors import LabError

OUTSIDE = "outside"
# A part of TEST-NET-3 (RFC 5737): what else a machine reaches in it stays reachable.
OUTSIDE_SUBNETS = ("203.0.113.0/26", "2001:db8::/64")
CLIENT, TIME, ENGINE = 50, 53, 62


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge of the lab. `gateways` are the engine's own addresses on its subnets.

    On an `internal` one, the engine's packet filter drops what is addressed to any other network.
    """

    name: str
    title: str
    subnets: tuple[str, ...]
    gateways: tuple[str, ...]
    internal: bool = True


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of a node: where its bundle looks for it, and the file that stands for it."""

    name: str
    device: str
    file: Path


@dataclass(frozen=True, slots=True)
class Box:
    """A container of the lab: a node of the site (`role` node), or something around the site.

    `routes` are pairs of an address and the one that it is reached by.
    """

    name: str
    title: str
    role: str
    addresses: Mapping[str, tuple[str, ...]]
    disks: tuple[Disk, ...] = ()
    bundle: Path | None = None
    routes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All networks and containers of a lab, the packages of its nodes, and its host names."""

    site: str
    state: Path
    networks: tuple[Network, ...]
    nodes: tuple[Box, ...]
    around: tuple[Box, ...]
    packages: tuple[str, ...]
    names: str

    def box(self, name: str) -> Box:
        """The container of this name. Raises `LabError` when there is none."""
        for box in (*self.nodes, *self.around):
            if box.name == name:
                return box
        known = ", ".join(box.name for box in (*self.nodes, *self.around))
        raise LabError(f"the lab has no {name!r}; it has {known}")


def read(folder: Path, state: Path) -> Plan:
    """Plan the lab of the site that is built in `folder`, with its files below `state`."""
    site = load_site(folder / "site.json")
    manifests = {name: load_manifest(folder / name / "manifest.json") for name in site.nodes}
    return plan(site, manifests, folder, state / site.site)


def plan(site: Site, manifests: Mapping[str, Manifest], folder: Path, state: Path) -> Plan:
    """Work out the lab of a site."""
    nodes = tuple(
        _node(site, manifests[name], number, folder / name, state / name)
        for number, name in enumerate(site.nodes)
    )
    return Plan(
        site=site.site,
        state=state,
        networks=(*_networks(site, nodes), _outside(site.site)),
        nodes=nodes,
        around=(
            Box(
                OUTSIDE,
                f"stook-{site.site}_outside",
                "outside",
                {OUTSIDE: outside(CLIENT)},
                routes=_routes(nodes),
            ),
            Box("time", f"stook-{site.site}_time", "time", {OUTSIDE: outside(TIME)}),
        ),
        packages=tuple(sorted({name for m in manifests.values() for name in m.packages})),
        names=_names(site.facts.get("time_servers", ())),
    )


def outside(number: int) -> tuple[str, ...]:
    """The addresses of the given number on the network outside, one of each family."""
    return tuple(str(ip_network(subnet)[number]) for subnet in OUTSIDE_SUBNETS)


def _node(site: Site, manifest: Manifest, number: int, bundle: Path, state: Path) -> Box:
    taken = (CLIENT, TIME, ENGINE)
    free = [host for host in range(11, 62) if host not in taken]
    if number >= len(free):
        raise LabError(f"a lab holds at most {len(free)} nodes")
    inside = {
        network: (address,) if isinstance(address, str) else tuple(address)
        for network, address in site.nodes[manifest.node]["addresses"].items()
    }
    return Box(
        name=manifest.node,
        title=f"stook-{site.site}-{manifest.node}",
        role="node",
        addresses=inside | {OUTSIDE: outside(free[number])},
        disks=tuple(_disk(disk, state) for disk in manifest.disks),
        bundle=bundle,
    )


def _routes(nodes: tuple[Box, ...]) -> tuple[tuple[str, str], ...]:
    """The way from outside to the spec's own addresses: without one, nothing there could be open.

    Each node is its own router, so what it filters is filtered by its firewall and nothing else.
    """
    return tuple(
        (address, leg)
        for node in nodes
        for network, addresses in node.addresses.items()
        for address in addresses
        for leg in node.addresses[OUTSIDE]
        if network != OUTSIDE and ip_address(address).version == ip_address(leg).version
    )


def _disk(disk: Mapping[str, str], state: Path) -> Disk:
    return Disk(disk["name"], disk["device"], state / f"{disk['name']}.img")


def _networks(site: Site, nodes: tuple[Box, ...]) -> tuple[Network, ...]:
    if OUTSIDE in site.networks:
        raise LabError("the lab has a network 'outside' of its own: rename the one of the spec")
    used = {address for node in nodes for its in node.addresses.values() for address in its}
    return tuple(
        Network(name, f"stook-{site.site}-{name}", *_subnets(name, subnets, used))
        for name, subnets in site.networks.items()
    )


def _subnets(
    name: str, subnets: tuple[str, ...], used: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    versions = [ip_network(subnet).version for subnet in subnets]
    if len(set(versions)) != len(versions):
        raise LabError(f"network {name!r}: a bridge holds one subnet of each family, not {subnets}")
    return tuple(subnets), tuple(_gateway(subnet, used) for subnet in subnets)


def _gateway(subnet: str, used: set[str]) -> str:
    """The highest address of a subnet that no node has: the engine insists on one."""
    network = ip_network(subnet)
    top = int(network.broadcast_address) - 1
    for number in range(top, int(network.network_address), -1):
        address = str(ip_address(number) if network.version == 4 else _v6(number))
        if address not in used:
            return address
    raise LabError(f"no address of {subnet} is left for the container engine")


def _v6(number: int) -> Any:
    return ip_address(number.to_bytes(16, "big"))


def _outside(site: str) -> Network:
    gateways = tuple(str(ip_network(subnet)[ENGINE]) for subnet in OUTSIDE_SUBNETS)
    # Not internal: the spec's own addresses are reached over it. That nothing leaves the lab is
    # because no machine in it has a default route.
    return Network(OUTSIDE, f"stook-{site}_outside", OUTSIDE_SUBNETS, gateways, internal=False)


def _names(servers: Any) -> str:
    """Lines for /etc/hosts that say where the spec's time servers are, as its DNS would."""
    return "\n".join(f"{outside(TIME)[0]} {server}" for server in servers if not _address(server))


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
