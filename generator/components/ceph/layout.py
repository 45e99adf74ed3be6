"""What a `ceph:` part means: who is a monitor, which OSD lies where, who forms the cluster.

Everything else in this component reads the layout, so that files, checks and predictions agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.components.ceph import values
from generator.components.ceph.caps import ClientLayout
from generator.components.ceph.model import Ceph, Client, Db, Osd, Pool
from generator.components.ceph.options import Option, options
from generator.language.findings import Path
from generator.planning.site import Node, Site, SiteDisk

PORTS = (3300, 6789)
# What a gateway makes when it first starts, and when it first keeps something (rgw_zone_params).
GATEWAY_POOLS = (
    ".rgw.root",
    "default.rgw.buckets.data",
    "default.rgw.buckets.index",
    "default.rgw.buckets.non-ec",
    "default.rgw.control",
    "default.rgw.log",
    "default.rgw.meta",
    "default.rgw.otp",
)
# Of a platform whose managers cannot load the modules that keep something in a pool.
MODULES_BROKEN = "ceph-mgr-modules"


def rule_name(device_class: str) -> str:
    """The rule of the pools on devices of a class; of none, the one that a first monitor makes."""
    return f"replicated_{device_class or 'rule'}"


@dataclass(frozen=True, slots=True)
class Release:
    """What differs between releases: their ports and the pool that they make for themselves.

    `ports` are ms_bind_port_min and _max (`ceph-conf -D`). `own_pool` comes as soon as there are
    OSDs, by a module of the managers.
    """

    name: str
    ports: tuple[int, int]
    own_pool: str


# By the first number of their versions.
RELEASES = {
    "16": Release("pacific", (6800, 7300), "device_health_metrics"),
    "18": Release("reef", (6800, 7568), ".mgr"),
}


def release(node: Node) -> Release:
    """The release that a node's platform has."""
    return RELEASES[node.platform.versions["ceph"].partition(".")[0]]


@dataclass(frozen=True, slots=True)
class OsdLayout:
    """One OSD: its number, its node, and its device.

    `disk` is whose file system it is a file on; None for one that has the device for itself.
    """

    id: int
    node: str
    device: str
    disk: SiteDisk | None
    uuid: str
    path: Path
    device_class: str = ""
    db: Db | None = None


@dataclass(frozen=True, slots=True)
class PoolLayout:
    """One pool with its defaults filled in. `pg_num` is 0 where the autoscaler decides.

    `device_class` is empty for a pool on all OSDs. Of an erasure-coded pool `data` is how many
    chunks make an object, and `size` counts chunks; else it is 0, and `size` counts copies.
    """

    name: str
    size: int
    min_size: int
    pg_num: int
    application: str
    path: Path
    device_class: str = ""
    data: int = 0

    @property
    def noun(self) -> str:
        """What each failure domain holds one of."""
        return "chunks" if self.data else "copies"

    @property
    def overwritten(self) -> bool:
        """Whether its users write into objects that are there, which a coded pool must be told."""
        return bool(self.data) and self.application in ("cephfs", "rbd")


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole cluster. `bootstrap_node` makes the pools; networks are names of the spec.

    `release` is that of the first monitor's platform. `modules` is false where the managers'
    cannot be loaded, as their platform has them.
    """

    spec: Ceph
    release: Release
    modules: bool
    fsid: str
    nodes: tuple[str, ...]
    mons: tuple[str, ...]
    mgrs: tuple[str, ...]
    mdss: tuple[str, ...]
    rgws: tuple[str, ...]
    admins: tuple[str, ...]
    osds: tuple[OsdLayout, ...]
    pools: tuple[PoolLayout, ...]
    clients: tuple[ClientLayout, ...]
    public_network: str
    cluster_network: str
    by_node: Mapping[str, tuple[OsdLayout, ...]]

    @property
    def bootstrap_node(self) -> str:
        return self.admins[0] if self.admins else ""

    @property
    def separate(self) -> bool:
        """Whether replication has a network of its own."""
        return self.cluster_network != self.public_network

    def osds_of(self, node: str) -> tuple[OsdLayout, ...]:
        return self.by_node.get(node, ())

    def beside(self, node: str) -> dict[str, tuple[OsdLayout, ...]]:
        """A node's devices that have parts for OSDs' metadata, and those OSDs."""
        devices: dict[str, list[OsdLayout]] = {}
        for osd in self.osds_of(node):
            if osd.db is not None:
                devices.setdefault(osd.db.device, []).append(osd)
        return {device: tuple(osds) for device, osds in devices.items()}

    def holders(self, pool: PoolLayout) -> tuple[OsdLayout, ...]:
        """The OSDs that a pool may lie on."""
        wanted = pool.device_class
        return tuple(osd for osd in self.osds if not wanted or osd.device_class == wanted)

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of devices that replicated pools want, each once, in the order of the spec."""
        pools = (pool for pool in self.pools if pool.device_class and not pool.data)
        return tuple(dict.fromkeys(pool.device_class for pool in pools))

    def option(self, key: str) -> Option:
        """An option as the cluster's release has it."""
        return options(self.release.name)[key]

    def setting(self, key: str) -> str:
        """The value in effect of an option that predictions hang on."""
        return self.spec.settings.get(key, self.option(key).default)

    def number(self, key: str) -> float:
        """The same as a number; what Ceph does not take leaves the default."""
        option = self.option(key)
        read = values.number(option.form, self.setting(key))
        return (values.number(option.form, option.default) or 0) if read is None else read

    def count(self, key: str) -> int:
        """The same of a whole number."""
        return int(self.number(key))

    def truth(self, key: str) -> bool:
        """The same of an option that is true or false."""
        return bool(self.number(key))

    def domain(self, osd: OsdLayout) -> object:
        """What no two copies of an object share."""
        return osd.id if self.spec.failure_domain == "osd" else osd.node


def members(site: Site) -> tuple[str, ...]:
    """The nodes with a role, or with the configuration."""
    spec = site.spec.part(Ceph)
    if spec is None:
        return ()
    named = [*spec.nodes, *spec.mon, *spec.mgr, *spec.mds, *spec.rgw, *spec.admin, *spec.osd]
    named += [name for client in spec.clients.values() for name in client.nodes]
    return site.select(named)


def resolve(site: Site) -> Layout | None:
    """The layout of a site's ceph part, or None where there is none."""
    spec = site.spec.part(Ceph)
    if spec is None:
        return None

    def some(names: Iterable[str]) -> tuple[str, ...]:
        names = list(names)
        return site.select(names) if names else ()

    # in the order of the spec: a cluster begins with the first, and new ones come at the end
    mons, public = site.in_order(spec.mon), spec.public_network or next(iter(site.networks))
    admins = site.in_order(spec.admin) or mons
    roles = {*mons, *some(spec.mgr), *some(spec.mds), *some(spec.rgw)}
    roles |= {*admins, *some(spec.osd)}
    clients = tuple(_client(site, name, client) for name, client in spec.clients.items())
    roles |= {name for client in clients for name in client.nodes}
    mgrs, osds = some(spec.mgr), tuple(_osds(site, spec))
    by_node: dict[str, list[OsdLayout]] = {}
    for osd in osds:
        by_node.setdefault(osd.node, []).append(osd)
    broken = any(MODULES_BROKEN in site.nodes[name].platform.quirks for name in mgrs)
    return Layout(
        spec=spec,
        release=release(site.nodes[next(iter(mons), next(iter(site.nodes)))]),
        modules=not broken,
        fsid=spec.fsid or site.derived("ceph", "fsid"),
        nodes=some(spec.nodes) or tuple(name for name in site.nodes if name in roles),
        mons=mons,
        mgrs=mgrs,
        mdss=some(spec.mds),
        rgws=some(spec.rgw),
        admins=admins,
        osds=osds,
        pools=tuple(_pool(name, pool) for name, pool in spec.pools.items()),
        clients=clients,
        public_network=public,
        cluster_network=spec.cluster_network or public,
        by_node={node: tuple(osds) for node, osds in by_node.items()},
    )


def _osds(site: Site, spec: Ceph) -> Iterator[OsdLayout]:
    """OSDs whose disk or device is known; the others are findings."""
    disks = {(disk.node, disk.name): disk for disk in site.disks}
    taken = {osd.id for osds in spec.osd.values() for osd in osds if osd.id is not None}
    free = (number for number in range(10**6) if number not in taken)
    for node, path, osd in listed(site, spec):
        disk = disks.get((node, osd.disk or ""))
        device = disk.device if disk else osd.device
        number = next(free) if osd.id is None else osd.id
        if device:
            # names of disks have no slash: the two never meet
            uuid = site.derived("osd", node, disk.name if disk else device)
            yield OsdLayout(number, node, device, disk, uuid, path, osd.class_ or "", osd.db)


def listed(site: Site, spec: Ceph) -> Iterator[tuple[str, Path, Osd]]:
    """Node, place in the spec and OSD, in the order of the spec; ranges of names expanded."""
    for key, osds in spec.osd.items():
        for node in site.select([key]):
            for index, osd in enumerate(osds):
                yield node, ("ceph", "osd", key, index), osd


def _pool(name: str, pool: Pool) -> PoolLayout:
    """`min_size` as the monitor fills it in (OSDMonitor.cc, `size - size / 2`); of chunks one more
    than are needed, also where it would take just those (one coding chunk).
    """
    size, data = pool.size, 0
    if pool.erasure:
        size, data = pool.erasure.data + pool.erasure.coding, pool.erasure.data
    least = pool.min_size or (data + 1 if data else size - size // 2)
    number = 0 if pool.pg_num == "auto" else pool.pg_num
    path = ("ceph", "pools", name)
    own = pool.class_ or ""
    return PoolLayout(name, size, least, number, pool.application, path, own, data)


def _client(site: Site, name: str, client: Client) -> ClientLayout:
    caps = {service: text for service, text in sorted(client.caps) if text is not None}
    nodes = site.select(client.nodes) if client.nodes else ()
    owner = client.owner or "root"
    group, path = client.group or owner, ("ceph", "clients", name)
    return ClientLayout(name, caps, nodes, owner, group, client.mode, path)


def address(node: Node, network: str) -> str:
    """A node's address in a network; empty where it has none there, which is a finding."""
    return node.addresses.get(network, "")


def bracketed(host: str) -> str:
    """An address as Ceph writes it in front of a port."""
    return f"[{host}]" if ":" in host else host
