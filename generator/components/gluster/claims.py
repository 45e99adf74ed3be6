"""The claims of GlusterFS: daemons, ports, brick order, client mounts and formation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.claims import (
    Claim,
    Egress,
    File,
    Mount,
    MountOption,
    MountOrder,
    Package,
    Port,
    Template,
    Unit,
    values,
)
from generator.components.gluster.layout import (
    FAMILY,
    FIRST_PORT,
    FIRST_UNPRIVILEGED,
    Layout,
    VolumeLayout,
    servers,
)
from generator.planning.expect import need
from generator.planning.site import Node, Site
from generator.rendering.scripts import script
from verify.kinds import gluster_volume

ROLE = "gluster/glusterd"
DATA = "/etc/stook/gluster.tsv"
SCRIPTS = "/usr/local/lib/stook"
KEEPER = "stook-gluster.service"
FORMATION = "stook-gluster-form.service"
SPEC = ("gluster",)
CLIENT_FLAGS = ("nosuid", "nodev")
BRICK_FLAGS = ("nosuid", "nodev", "noexec")
PRIVILEGED_PORTS = "/etc/sysctl.d/60-stook-gluster.conf"


def claim(site: Site, pool: Layout) -> Iterator[Claim]:
    """What every member of the pool gets, the first of which forms it, and who only mounts."""
    for name in pool.nodes:
        node = site.nodes[name]
        yield from _packages(node, "gluster-server", "gluster-client", "immutable")
        yield from _daemon(site, node, pool)
        yield from _ports(site, node, pool)
        yield from _order(node, pool)
        yield from _client(node, pool, "keep", "restart")
    for name in pool.clients:
        node = site.nodes[name]
        yield from _packages(node, "gluster-client", "immutable")
        yield from _client(node, pool, "keep")


def _client(node: Node, pool: Layout, *names: str) -> Iterator[Claim]:
    """What a node needs for the mounts that it has, or may have; `names` are its scripts."""
    yield from _egress(node, pool)
    yield from _runtime(node, pool, *names)
    yield from _mounts(node, pool)


def _packages(node: Node, *keys: str) -> Iterator[Package]:
    for key in keys:
        for name in node.platform.packages[key]:
            yield Package(node=node.name, spec=SPEC, role=ROLE, name=name)


def _daemon(site: Site, node: Node, pool: Layout) -> Iterator[Claim]:
    path = node.platform.paths["glusterd"]
    settings = {
        "base_port": pool.first_port,
        "max_port": pool.last_port,
        "inet6": pool.family == "inet6",
    }
    yield File(
        node=node.name,
        spec=("gluster", "brick_ports"),
        role=ROLE,
        path=path,
        body=Template(__package__, "glusterd.vol.j2", values(settings)),
    )
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        name=node.platform.units["gluster"],
        change=f"{SCRIPTS}/gluster-restart",
        watch=(path,),
        packages=tuple(node.platform.packages["gluster-server"]),
    )


def _ports(site: Site, node: Node, pool: Layout) -> Iterator[Claim]:
    members = tuple(site.nodes[name].address for name in (*pool.nodes, *pool.clients))
    # for inet6 it takes both families, and says so to nobody (seen on 10.3 and 11.1)
    anywhere = ("0.0.0.0",) if pool.family == "inet" else ("*",)
    yield Port(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        protocol="tcp",
        first=24007,
        last=24007,
        allowed_from=members,
        addresses=anywhere,
        process="glusterd",
        unit=node.platform.units["gluster"],
    )
    yield Port(
        node=node.name,
        spec=("gluster", "brick_ports"),
        role="gluster/glusterfsd",
        protocol="tcp",
        first=pool.first_port,
        last=pool.last_port,
        allowed_from=members,
        addresses=_served_at(pool, node.name, anywhere),
        process="glusterfsd",
        unit=node.platform.units["gluster"],
        count=pool.served(node.name),
        phase="clustered",
    )


def _egress(node: Node, pool: Layout) -> Iterator[Egress]:
    """glusterd believes what a peer says of itself, and bricks whom a client says to be."""
    yield Egress(node=node.name, spec=SPEC, role=ROLE, first=24007, last=24007)
    yield Egress(
        node=node.name,
        spec=("gluster", "brick_ports"),
        role=ROLE,
        first=pool.first_port,
        last=pool.last_port,
    )


def _served_at(pool: Layout, node: str, anywhere: tuple[str, ...]) -> tuple[str, ...]:
    """Bricks listen as glusterd does, and who serves snapshots on IPv4 (seen on 10.3 and 11.1)."""
    bricks = anywhere if pool.bricks(node) or not pool.served(node) else ()
    snapshots = ("0.0.0.0",) if any(volume.snapshots for volume in pool.volumes) else ()
    return tuple(dict.fromkeys((*bricks, *snapshots)))


def _runtime(node: Node, pool: Layout, *scripts: str) -> Iterator[Claim]:
    def file(path: str, body: Template | bytes, mode: str = "0644", format: str = "text") -> File:
        return File(
            node=node.name, spec=SPEC, role=ROLE, path=path, body=body, mode=mode, format=format
        )

    forms = ("form",) if node.name == pool.bootstrap_node else ()
    for name in (*scripts, *forms):
        yield file(f"{SCRIPTS}/gluster-{name}", script(__package__, "files", f"{name}.py"), "0755")
    yield file(DATA, Template(__package__, "gluster.tsv.j2", _data(node, pool)), format="tsv")
    setting = values({"name": FIRST_PORT, "value": FIRST_UNPRIVILEGED})
    yield file(PRIVILEGED_PORTS, Template(__package__, "sysctl.conf.j2", setting))
    # the keeper reads its data anew at every look
    yield from _unit(node, KEEPER, file, f"{SCRIPTS}/gluster-keep", PRIVILEGED_PORTS)
    if node.name == pool.bootstrap_node:
        yield from _unit(node, FORMATION, file, f"{SCRIPTS}/gluster-form", DATA)


def _unit(node: Node, name: str, file: Callable[..., File], *also: str) -> Iterator[Claim]:
    path = f"/etc/systemd/system/{name}"
    watch = (path, *also)
    filled = values({"ports": PRIVILEGED_PORTS})
    yield file(path, Template(__package__, f"{name}.j2", filled), format="unit")
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        name=name,
        change="restart",
        watch=watch,
        blocking=False,
        within=60,
    )


def _data(node: Node, pool: Layout) -> tuple[tuple[str, object], ...]:
    """The values of gluster.tsv; only `me` and the node's own mounts differ between nodes.

    The count of replicas is the one of `volume info`: with the arbiter's brick.
    """
    return values(
        {
            "me": node.name,
            "former": pool.bootstrap_node,
            "family": pool.family,
            "peers": pool.nodes,
            "volumes": tuple(_row(volume) for volume in pool.volumes),
            "bricks": tuple(
                (volume.name, brick.node, brick.path, brick.disk.mount, brick.disk.uuid)
                for volume in pool.volumes
                for brick in volume.bricks
            ),
            "options": tuple(
                (volume.name, key, value)
                for volume in pool.volumes
                for key, value in volume.options.items()
            ),
            "clients": tuple(
                (volume.name, volume.spec.mount.path)
                for volume in pool.volumes
                if volume.spec.mount and node.name in volume.clients
            ),
        }
    )


def _row(volume: VolumeLayout) -> tuple[str, str, int, int, int, int]:
    spec = volume.spec
    return (
        volume.name,
        volume.kind,
        volume.set_size if volume.kind == "replicate" else 0,
        spec.arbiter,
        spec.disperse or 0,
        spec.redundancy,
    )


def _order(node: Node, pool: Layout) -> Iterator[Claim]:
    for volume, brick in pool.bricks(node.name):
        for option in BRICK_FLAGS:
            # a file that somebody planted on the volume is on the brick as well
            yield MountOption(
                node=node.name,
                spec=(*volume.path, "brick"),
                role=ROLE,
                path=brick.disk.mount,
                option=option,
            )
        yield MountOrder(
            node=node.name,
            spec=(*volume.path, "brick"),
            role=ROLE,
            path=brick.disk.mount,
            before=node.platform.units["gluster"],
        )


def _mounts(node: Node, pool: Layout) -> Iterator[Mount]:
    for volume in pool.volumes:
        mount = volume.spec.mount
        if mount is None or node.name not in volume.clients:
            continue
        first, *rest = servers(pool, volume, node.name)
        asked = node.name if node.name in pool.nodes else pool.bootstrap_node
        others = [name for name in rest if name != node.name]
        flags = (flag for flag in CLIENT_FLAGS if flag not in mount.options)
        backups = (f"backup-volfile-servers={':'.join(others)}",) if others else ()
        family = f"xlator-option={FAMILY}={volume.family}"
        # without it a client looks for the servers' IPv4 addresses (seen on 10.3)
        wanted = () if volume.family == "inet" or family in mount.options else (family,)
        yield Mount(
            node=node.name,
            spec=(*volume.path, "mount"),
            role="gluster/client",
            source=f"{first}:/{volume.name}",
            path=mount.path,
            fstype="glusterfs",
            options=("defaults", "_netdev", "noauto", *flags, *backups, *wanted, *mount.options),
            mounted_source=f"{first}:/{volume.name}",
            mounted_fstype="fuse.glusterfs",
            late=True,
            frozen=volume.frozen,
            needs=(need(asked, gluster_volume.Want, volume.name),),
        )
