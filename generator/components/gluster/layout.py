"""What a `gluster:` part means: which brick lies where, which sets they form, what is set.

Everything else in this component reads the layout, so that creation, checks and predictions
cannot disagree about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.components.gluster.access import shut_out
from generator.components.gluster.model import Gluster, Volume
from generator.components.gluster.values import is_on
from generator.language.findings import Path
from generator.planning import per_node
from generator.planning.site import Site, SiteDisk

# `gluster volume set` for many small files: the groups metadata-cache and nl-cache of GlusterFS
# (extras/group-metadata-cache, extras/group-nl-cache), written out so that a node shows them.
SMALL_FILES = {
    "features.cache-invalidation": "on",
    "features.cache-invalidation-timeout": "600",
    "network.inode-lru-limit": "200000",
    "performance.cache-invalidation": "on",
    "performance.md-cache-timeout": "600",
    "performance.nl-cache": "on",
    "performance.nl-cache-timeout": "600",
    "performance.stat-prefetch": "on",
}
# Split brain is prevented by the clients' quorum; it is the default for three copies, and
# explicit here because a default cannot be checked (Administrator Guide, arbiter and quorum).
QUORUM = {"cluster.quorum-type": "auto", "cluster.server-quorum-type": "none"}
# A self-heal daemon hears of a node that comes back, but not of one that only hung: nothing was
# being sent to it. Until its next look the copies differ; ten minutes by default (seen on 10.3).
HEAL = {"cluster.heal-timeout": "60"}
# What glusterd 10 sets by itself when it creates a volume (glusterd_enable_default_options).
CREATED = {
    "nfs.disable": "on",
    "storage.fips-mode-rchecksum": "on",
}
# glusterd sets it for a volume as its own file has it, and clients have to be given it.
FAMILY = "transport.address-family"
CREATED_REPLICATED = {
    "cluster.granular-entry-heal": "on",
    "performance.client-io-threads": "off",
}

# Clients connect to bricks from ports that only root can have, and bricks believe no others: a
# second door behind the nodes' own packet filter. They are set before a volume starts, because on
# a running one they end every mount (seen on 10.3 and 11.1).
PRIVILEGED = {"client.bind-insecure": "off", "server.allow-insecure": "off"}

# Ports below this one are root's: a container may have 0, and then the two options hold nobody.
FIRST_PORT, FIRST_UNPRIVILEGED = "net.ipv4.ip_unprivileged_port_start", "1024"

# With these on, what is on a volume is not changed any more.
FREEZING = ("features.read-only", "features.worm")
# What switches the self-heal daemons off, by what a set does; a single brick needs none.
HEALER = {
    "replicate": "cluster.self-heal-daemon",
    "disperse": "cluster.disperse-self-heal-daemon",
}

SLACK = 4
LEAST_PORTS = 32


@dataclass(frozen=True, slots=True)
class Brick:
    """One brick: a directory below a disk's mount point on one node."""

    node: str
    disk: SiteDisk
    directory: str

    @property
    def path(self) -> str:
        return f"{self.disk.mount}/{self.directory}"

    @property
    def name(self) -> str:
        """As gluster writes it: `node:/path`."""
        return f"{self.node}:{self.path}"


@dataclass(frozen=True, slots=True)
class VolumeLayout:
    """One volume: its bricks in the order of creation, and what they amount to.

    `clients` mount it; those of them that are `shut_out` try to.
    """

    name: str
    spec: Volume
    path: Path
    nodes: tuple[str, ...]
    bricks: tuple[Brick, ...]
    clients: tuple[str, ...]
    family: str
    shut_out: tuple[str, ...] = ()

    @property
    def set_size(self) -> int:
        """Bricks per replica or dispersed set."""
        if self.spec.disperse:
            return self.spec.disperse
        return (self.spec.replica or 1) + self.spec.arbiter

    @property
    def sets(self) -> tuple[tuple[Brick, ...], ...]:
        """Consecutive bricks in the order of creation form a set."""
        size = self.set_size
        return tuple(self.bricks[i : i + size] for i in range(0, len(self.bricks), size))

    @property
    def kind(self) -> str:
        """What a set does: `disperse`, `replicate`, or `distribute` where it is a single brick."""
        if self.spec.disperse:
            return "disperse"
        return "replicate" if self.set_size > 1 else "distribute"

    @property
    def type(self) -> str:
        """As `gluster volume info` writes it."""
        kind = self.kind.capitalize()
        return kind if len(self.sets) == 1 or kind == "Distribute" else f"Distributed-{kind}"

    @property
    def replica_count(self) -> int:
        """`replicaCount` of the XML: arbiters count as copies there; 1 without copies."""
        return self.set_size if self.kind == "replicate" else 1

    @property
    def arbiters(self) -> tuple[Brick, ...]:
        """The bricks that vote and hold no data: the last one of each set that has one."""
        return tuple(bricks[-1] for bricks in self.sets if self.spec.arbiter)

    @property
    def frozen(self) -> str:
        """The option by which nobody can write what is there; "" where there is none."""
        mount = self.spec.mount
        options = [name for name in FREEZING if is_on(self.options.get(name, "off"))]
        options += [name for name in ("ro", "worm") if mount and name in mount.options]
        return options[0] if options else ""

    @property
    def healed(self) -> bool:
        """Whether self-heal daemons bring copies together that were apart."""
        name = HEALER.get(self.kind, "")
        return bool(name) and is_on(self.options.get(name, "on"))

    @property
    def snapshots(self) -> bool:
        """Whether every node of the pool serves its snapshots, by a daemon with a port."""
        return is_on(self.options.get("features.uss", "off"))

    @property
    def options(self) -> dict[str, str]:
        """Every option that is set by us or the spec, sorted."""
        copies = QUORUM | HEAL if self.kind == "replicate" else {}
        return dict(sorted((SMALL_FILES | copies | PRIVILEGED | self.spec.options).items()))

    @property
    def all_options(self) -> dict[str, str]:
        """Every option that `volume info` must list, with those that glusterd sets itself."""
        copies = CREATED_REPLICATED if self.kind == "replicate" else {}
        created = CREATED | {FAMILY: self.family} | copies
        return dict(sorted((created | self.options).items()))


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole pool. `bootstrap_node` is the one that forms it.

    `clients` mount volumes and are no members: they have no glusterd and no brick.
    """

    spec: Gluster
    nodes: tuple[str, ...]
    bootstrap_node: str
    clients: tuple[str, ...]
    volumes: tuple[VolumeLayout, ...]
    first_port: int
    last_port: int
    family: str
    by_node: Mapping[str, tuple[tuple[VolumeLayout, Brick], ...]]

    def served(self, node: str) -> int:
        """How many daemons of a node take a port of the range: its bricks, and snapshots' ones."""
        return len(self.bricks(node)) + sum(volume.snapshots for volume in self.volumes)

    def bricks(self, node: str) -> tuple[tuple[VolumeLayout, Brick], ...]:
        """The bricks of one node, with their volumes."""
        return self.by_node.get(node, ())


def is_plain(path: str) -> bool:
    """Whether a path has only characters that every tool of gluster's takes."""
    return all(c.isalnum() or c in "/._-" for c in path)


def split(brick: str) -> tuple[str, str]:
    """`DISK/DIRECTORY` in its two parts; the directory is empty when there is none."""
    disk, _, directory = brick.partition("/")
    return disk, directory


def concerned(site: Site) -> tuple[str, ...]:
    """Members of the pool, and who mounts a volume."""
    pool = resolve(site)
    return (*pool.nodes, *pool.clients) if pool else ()


def resolve(site: Site) -> Layout | None:
    """The layout of a site's gluster part, or None where there is none."""
    spec = site.spec.part(Gluster)
    if spec is None:
        return None
    nodes = site.select(spec.nodes)
    volumes = tuple(_volume(site, spec, name, nodes) for name in spec.volumes)
    by_node: dict[str, list[tuple[VolumeLayout, Brick]]] = {}
    for volume in volumes:
        for brick in volume.bricks:
            by_node.setdefault(brick.node, []).append((volume, brick))
    more = sum(volume.snapshots for volume in volumes)
    mounting = {name for volume in volumes for name in volume.clients}
    most = max((len(by_node.get(n, ())) + more for n in nodes), default=0)
    width = max(LEAST_PORTS, SLACK * most)
    first = spec.brick_ports.first
    return Layout(
        spec=spec,
        nodes=nodes,
        bootstrap_node=nodes[0] if nodes else "",
        clients=tuple(name for name in site.nodes if name in mounting.difference(nodes)),
        volumes=volumes,
        first_port=first,
        last_port=spec.brick_ports.last or min(first + width - 1, 65535),
        family=_family(site, nodes),
        by_node={node: tuple(bricks) for node, bricks in by_node.items()},
    )


def _volume(site: Site, spec: Gluster, name: str, pool: tuple[str, ...]) -> VolumeLayout:
    volume = spec.volumes[name]
    nodes = site.in_order(volume.nodes) if volume.nodes else pool
    mount = volume.mount
    clients = () if mount is None else site.select(mount.nodes) if mount.nodes else pool
    return VolumeLayout(
        name=name,
        spec=volume,
        path=("gluster", "volumes", name),
        nodes=nodes,
        bricks=tuple(_bricks(site, volume, nodes)),
        clients=clients,
        shut_out=shut_out(volume.options, {name: site.nodes[name].address for name in clients}),
        family=_family(site, pool),
    )


def _bricks(site: Site, volume: Volume, nodes: tuple[str, ...]) -> Iterator[Brick]:
    """The first brick of each node, in the order of the nodes, then the second of each."""
    disks = {(disk.node, disk.name): disk for disk in site.disks}
    own = per_node.spread(volume.brick, nodes, ())
    for number in range(max((len(texts) for texts, _ in own.values()), default=0)):
        for node, (texts, _) in own.items():
            disk_name, directory = split(texts[number]) if number < len(texts) else ("", "")
            disk = disks.get((node, disk_name))
            if disk:
                yield Brick(node, disk, directory)


def _family(site: Site, pool: tuple[str, ...]) -> str:
    """Of the addresses of a pool, which are of one (G113), as GlusterFS calls it."""
    return "inet6" if pool and ":" in site.nodes[pool[0]].address else "inet"


def servers(pool: Layout, volume: VolumeLayout, client: str) -> tuple[str, ...]:
    """Whom a client asks for the volume's description: the wanted one first, then all others."""
    wanted = volume.spec.mount.fetch_from if volume.spec.mount else "next"
    ring = pool.nodes
    if wanted == "next":
        start = ring.index(client) + 1 if client in ring else 0
    elif wanted == "local":
        start = ring.index(client) if client in ring else 0
    else:
        start = ring.index(wanted) if wanted in ring else 0
    return tuple(ring[(start + i) % len(ring)] for i in range(len(ring)))
