"""What a lab of a site consists of, worked out before anything is made.

Beside the networks of the spec there is one more, `outside`: from there come the visitors, the
attackers and the time, there stands the database, and every node has a leg on it. Its addresses
are reserved for documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from verify.contract import Manifest, Site, load_manifest, load_site
from verify.lab.database import Database
from verify.lab.errors import LabError

OUTSIDE = "outside"
# A part of TEST-NET-3 (RFC 5737): what else a machine reaches in it stays reachable.
OUTSIDE_SUBNETS = ("203.0.113.0/26", "2001:db8::/64")
NODES = range(11, 62)
CLIENT, TIME, DATABASE, ENGINE = 50, 53, 54, 62
# Further addresses of the machine outside, which it only speaks from when it is told to: one is
# there to be banned, the other must never be.
VISITORS = (60, 61)
ATTACKER, INNOCENT = ((f"203.0.113.{number}", f"2001:db8::{number}") for number in VISITORS)


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

    `routes` are pairs of an address and the one that it is reached by; `further` are addresses
    on the network outside, with their length, that it has but does not prefer; `secrets` are the
    names of those that a node asks for, with their form.
    """

    name: str
    title: str
    role: str
    addresses: Mapping[str, tuple[str, ...]]
    disks: tuple[Disk, ...] = ()
    bundle: Path | None = None
    routes: tuple[tuple[str, str], ...] = ()
    further: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)

    def known(self) -> dict[str, tuple[str, ...]]:
        """All its addresses by network."""
        further = tuple(address.partition("/")[0] for address in self.further)
        return {**self.addresses, OUTSIDE: (*self.addresses[OUTSIDE], *further)}


@dataclass(frozen=True, slots=True)
class Plan:
    """All networks and containers of a lab, the packages of its nodes, and its host names.

    `database` is None where the site has none.
    """

    site: str
    state: Path
    networks: tuple[Network, ...]
    nodes: tuple[Box, ...]
    around: tuple[Box, ...]
    packages: tuple[str, ...]
    names: str
    database: Database | None = None

    @property
    def secrets(self) -> Mapping[str, str]:
        """The names of all secrets that some machine of the lab needs, with their form."""
        forms = {self.database.secret: "text"} if self.database else {}
        for node in self.nodes:
            forms |= node.secrets
        return dict(sorted(forms.items()))

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
    """Work out the lab of a site. Raises `LabError` for one that containers cannot be."""
    _refuse_devices(site)
    nodes = tuple(
        _node(site, manifests[name], number, folder / name, state / name)
        for number, name in enumerate(site.nodes)
    )
    database = _database(site)
    return Plan(
        site=site.site,
        state=state,
        networks=(*_networks(site, nodes), _outside(site.site)),
        nodes=nodes,
        around=_around(site, nodes, database),
        packages=tuple(sorted({name for m in manifests.values() for name in m.packages})),
        names=_names(site.facts.get("time_servers", ()), database),
        database=database,
    )


def _refuse_devices(site: Site) -> None:
    """What an OSD does with a device of its own, it does through LVM."""
    osds: Mapping[str, Mapping[str, str]] = site.facts.get("ceph", {}).get("osds", {})
    whole = [f"osd.{number}" for number, osd in osds.items() if "device" in osd]
    if whole:
        raise LabError(
            f"{', '.join(whole)}: a device of its own needs LVM, and containers have no device "
            "mapper. Give these OSDs disks in a copy of the spec ({disk: NAME, id: NUMBER}) and "
            "boot that, or verify machines: `stook verify --target ssh`"
        )


def outside(number: int) -> tuple[str, ...]:
    """The addresses of the given number on the network outside, one of each family."""
    return tuple(str(ip_network(subnet)[number]) for subnet in OUTSIDE_SUBNETS)


def _database(site: Site) -> Database | None:
    facts = site.facts.get("web", {}).get("database")
    if facts is None:
        return None
    database = Database.read(facts)
    if _address(database.host):
        raise LabError(
            f"the lab cannot stand in for the database at {database.host}, an address of the "
            "spec: it answers to a host name only"
        )
    if database.host in (*site.nodes, "localhost"):
        raise LabError(f"the lab cannot stand in for a database on a node: {database.host}")
    return database


def _around(site: Site, nodes: tuple[Box, ...], database: Database | None) -> tuple[Box, ...]:
    further = tuple(
        f"{address}/{ip_network(subnet).prefixlen}"
        for visitor in (ATTACKER, INNOCENT)
        for address, subnet in zip(visitor, OUTSIDE_SUBNETS, strict=True)
    )
    title = f"stook-{site.site}_{{}}".format
    boxes = [
        Box(
            OUTSIDE,
            title(OUTSIDE),
            "outside",
            {OUTSIDE: outside(CLIENT)},
            routes=_routes(nodes),
            further=further,
        ),
        Box("time", title("time"), "time", {OUTSIDE: outside(TIME)}),
    ]
    if database:
        boxes.append(Box("database", title("database"), "database", {OUTSIDE: outside(DATABASE)}))
    for box in boxes:
        if box.name in site.nodes:
            raise LabError(f"the lab has a machine {box.name!r} of its own: rename the node")
    return tuple(boxes)


def _node(site: Site, manifest: Manifest, number: int, bundle: Path, state: Path) -> Box:
    free = [host for host in NODES if host not in (CLIENT, TIME, DATABASE, *VISITORS)]
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
        secrets=_secrets(manifest),
    )


def _secrets(manifest: Manifest) -> Mapping[str, str]:
    wanted = [one.want for one in manifest.expectations if one.kind == "secret"]
    return {str(want["name"]): str(want["form"]) for want in wanted}


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


def _names(servers: Any, database: Database | None) -> str:
    """Lines for /etc/hosts that say where the spec's servers are, as its DNS would."""
    lines = [f"{outside(TIME)[0]} {server}" for server in servers if not _address(server)]
    if database:
        lines.append(f"{outside(DATABASE)[0]} {database.host}")
    return "\n".join(lines)


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
