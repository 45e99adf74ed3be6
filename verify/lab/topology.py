"""What a lab of a site consists of, worked out before anything is made.

Beside the networks of the spec there is one more, `outside`: from there come the visitors, the
attackers and the time, there stands the database, and every node has a leg on it. Its addresses
are reserved for documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

from verify.contract import Manifest, Site
from verify.lab.database import Database
from verify.lab.errors import LabError
from verify.serialization import load_manifest, load_site

OUTSIDE = "outside"
OUTSIDE_SUBNETS = ("203.0.113.0/26", "2001:db8::/64")
NODES = range(11, 62)
CLIENT, TIME, DATABASE = 50, 53, 54
# Further addresses of the machine outside, which it only speaks from when it is told to: one is
# there to be banned, the other must never be.
VISITORS = (60, 61)
ATTACKER, INNOCENT = ((f"203.0.113.{number}", f"2001:db8::{number}") for number in VISITORS)


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the lab and the bridge that stands for it."""

    name: str
    bridge: str
    subnets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of a node: where its bundle looks for it, and the file that stands for it."""

    name: str
    device: str
    file: Path


@dataclass(frozen=True, slots=True)
class Box:
    """A container of the lab: a node of the site (`role` node), or something around the site.

    `legs` are networks that it reaches without an address there; `further` are addresses on its
    first network, with their length, that it has but does not prefer; `secrets` are the names of
    those that a node asks for, with their form.
    """

    name: str
    role: str
    addresses: Mapping[str, tuple[str, ...]]
    disks: tuple[Disk, ...] = ()
    bundle: Path | None = None
    legs: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)

    @property
    def networks(self) -> tuple[str, ...]:
        """All networks that it is connected to, in the order of its interfaces."""
        return (*self.addresses, *self.legs)

    def known(self) -> dict[str, tuple[str, ...]]:
        """All its addresses by network."""
        further = tuple(address.partition("/")[0] for address in self.further)
        return {**self.addresses, OUTSIDE: (*self.addresses[OUTSIDE], *further)}


@dataclass(frozen=True, slots=True)
class Topology:
    """All networks and containers of a lab, the packages of its nodes, and its host names.

    `name` tells it from a lab of the same site that was built in another folder. `database` is
    None where the site has none.
    """

    name: str
    site: str
    folder: Path
    state: Path
    networks: tuple[Network, ...]
    nodes: tuple[Box, ...]
    around: tuple[Box, ...]
    packages: tuple[str, ...]
    names: str
    database: Database | None = None

    @property
    def title(self) -> str:
        """The name of its network namespace, and how those of its containers begin."""
        return f"stook-{self.name}"

    @property
    def secrets(self) -> Mapping[str, str]:
        """The names of all secrets that some machine of the lab needs, with their form."""
        forms = {self.database.secret: "text"} if self.database else {}
        for node in self.nodes:
            forms |= node.secrets
        return dict(sorted(forms.items()))

    def container(self, box: Box) -> str:
        """The name of the container that is a machine of this lab."""
        return f"{self.title}-{box.name}"

    def box(self, name: str) -> Box:
        """The container of this name. Raises `LabError` when there is none."""
        for box in (*self.nodes, *self.around):
            if box.name == name:
                return box
        known = ", ".join(box.name for box in (*self.nodes, *self.around))
        raise LabError(f"the lab has no {name!r}; it has {known}")


def read(folder: Path, state: Path) -> Topology:
    """The lab of the site that is built in `folder`, with its files below `state`."""
    site = load_site(folder / "site.json")
    manifests = {name: load_manifest(folder / name / "manifest.json") for name in site.nodes}
    return derive(site, manifests, folder.resolve(), state)


def derive(site: Site, manifests: Mapping[str, Manifest], folder: Path, state: Path) -> Topology:
    """Work out the lab of a site. Raises `LabError` for one that containers cannot be."""
    _refuse_devices(site)
    name = f"{site.site}-{hashlib.sha256(str(folder).encode()).hexdigest()[:6]}"
    nodes = tuple(
        _node(site, manifests[node], number, folder / node, state / name / node)
        for number, node in enumerate(site.nodes)
    )
    database = _database(site)
    return Topology(
        name=name,
        site=site.site,
        folder=folder,
        state=state / name,
        networks=_networks(site),
        nodes=nodes,
        around=_around(site, database),
        packages=tuple(sorted({name for m in manifests.values() for name in m.packages})),
        names=_names(site, database),
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
    databases = [Database.of(service) for service in site.external if service.service == "mysql"]
    if not databases:
        return None
    if len(databases) > 1:
        raise LabError(f"the lab stands in for one database, not for {len(databases)}")
    database = databases[0]
    if _address(database.host):
        raise LabError(
            f"the lab cannot stand in for the database at {database.host}, an address of the "
            "spec: it answers to a host name only"
        )
    if database.host in (*site.nodes, "localhost"):
        raise LabError(f"the lab cannot stand in for a database on a node: {database.host}")
    return database


def _around(site: Site, database: Database | None) -> tuple[Box, ...]:
    further = tuple(
        f"{address}/{ip_network(subnet).prefixlen}"
        for visitor in (ATTACKER, INNOCENT)
        for address, subnet in zip(visitor, OUTSIDE_SUBNETS, strict=True)
    )
    # Without a way to the spec's own addresses, nothing there could be open. It leads over no
    # node, so what a node filters is filtered by its own firewall and nothing else.
    legs = tuple(site.networks)
    boxes = [
        Box(OUTSIDE, "outside", {OUTSIDE: outside(CLIENT)}, legs=legs, further=further),
        Box("time", "time", {OUTSIDE: outside(TIME)}),
    ]
    if database:
        boxes.append(Box("database", "database", {OUTSIDE: outside(DATABASE)}))
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
        role="node",
        addresses=inside | {OUTSIDE: outside(free[number])},
        disks=tuple(_disk(disk, state) for disk in manifest.disks),
        bundle=bundle,
        secrets=_secrets(manifest),
    )


def _secrets(manifest: Manifest) -> Mapping[str, str]:
    wanted = [one.want for one in manifest.expectations if one.kind == "secret"]
    return {str(want["name"]): str(want["form"]) for want in wanted}


def _disk(disk: Mapping[str, str], state: Path) -> Disk:
    return Disk(disk["name"], disk["device"], state / f"{disk['name']}.img")


def _networks(site: Site) -> tuple[Network, ...]:
    if OUTSIDE in site.networks:
        raise LabError("the lab has a network 'outside' of its own: rename the one of the spec")
    every = {**site.networks, OUTSIDE: OUTSIDE_SUBNETS}
    return tuple(
        Network(name, f"net{number}", tuple(subnets))
        for number, (name, subnets) in enumerate(every.items())
    )


def _names(site: Site, database: Database | None) -> str:
    """Lines for /etc/hosts that say where the spec's servers are, as its DNS would."""
    servers = [host for one in site.external if one.service == "ntp" for host in one.hosts]
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
