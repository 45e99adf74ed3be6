"""What GlusterFS is checked for: the pool, each volume as the daemons have it, and its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.claims import Claims, Mount, Unit
from generator.components.gluster.layout import (
    FIRST_PORT,
    FIRST_UNPRIVILEGED,
    Layout,
    VolumeLayout,
)
from generator.language.findings import Path
from generator.planning.expect import Need, expectation, need
from generator.planning.site import Node, Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import (
    brick,
    gluster_heal,
    gluster_peers,
    gluster_status,
    gluster_volume,
    gluster_volumes,
    kernel_setting,
    shared_directory,
)

POOL = "pool"
# A pool that is just forming, or healing, is given this many seconds before it is believed broken.
WITHIN = 90


def expect(site: Site, pool: Layout, claims: Claims) -> Iterator[Expectation]:
    """Everything that every member of the pool is asked; locks are asked for on one only."""
    for name in pool.nodes:
        yield from _member(site.nodes[name], pool)
    ports = kernel_setting.Want(FIRST_PORT, FIRST_UNPRIVILEGED)
    for name in (*pool.nodes, *pool.clients):
        yield expectation(name, ports, FIRST_PORT, ("gluster",), "gluster", phase=Phase.BOOTED)
    for volume in pool.volumes:
        yield from _cluster(volume, pool, site.nodes[pool.bootstrap_node])


def _member(node: Node, pool: Layout) -> Iterator[Expectation]:
    daemon = (Unit.need(node.name, node.platform.units["gluster"]),)

    def make(want: Any, subject: str, spec: Path, *needs: Need) -> Expectation:
        return expectation(
            node.name,
            want,
            subject,
            spec,
            "gluster",
            phase=Phase.CLUSTERED,
            needs=needs or daemon,
            within=WITHIN,
        )

    yield make(gluster_peers.Want(pool.nodes, node.name), POOL, ("gluster", "nodes"))
    names = tuple(volume.name for volume in pool.volumes)
    yield make(gluster_volumes.Want(names), "beyond", ("gluster", "volumes"))
    for volume in pool.volumes:
        yield make(_volume(volume), volume.name, volume.path)
    for volume, node_brick in pool.bricks(node.name):
        yield make(
            brick.Want(node_brick.path, node_brick.disk.mount, volume.name),
            f"{volume.name}{node_brick.path}",
            (*volume.path, "brick"),
            Mount.need(node.name, node_brick.disk.mount),
            *daemon,
        )


def _volume(volume: VolumeLayout) -> gluster_volume.Want:
    spec = volume.spec
    return gluster_volume.Want(
        name=volume.name,
        type=volume.type,
        replica=volume.replica_count,
        arbiter=spec.arbiter,
        disperse=spec.disperse or 0,
        redundancy=spec.redundancy,
        bricks=_names(volume),
        options=volume.all_options,
    )


def _names(volume: VolumeLayout) -> tuple[str, ...]:
    return tuple(brick.name for brick in volume.bricks)


def _cluster(volume: VolumeLayout, pool: Layout, node: Node) -> Iterator[Expectation]:
    needs = (need(node.name, gluster_volume.Want, volume.name),)
    status = gluster_status.Want(
        volume.name,
        _names(volume),
        shd=pool.nodes if volume.healed else (),
        first_port=pool.first_port,
        last_port=pool.last_port,
        snapd=pool.nodes if volume.snapshots else (),
        node=node.name,
    )
    heal = gluster_heal.Want(volume.name, _names(volume))
    asked = ((status, Phase.CLUSTERED), (heal, Phase.STEADY))
    for want, phase in asked if volume.kind != "distribute" else asked[:1]:
        yield expectation(
            node.name,
            want,
            volume.name,
            volume.path,
            "gluster",
            phase=phase,
            needs=needs,
            within=WITHIN,
        )
    mount = volume.spec.mount
    if mount and not volume.frozen:
        yield expectation(
            node.name,
            shared_directory.Want(mount.path, volume.clients),
            volume.name,
            (*volume.path, "mount"),
            "gluster",
            level=Level.BEHAVIOUR,
            within=WITHIN,
            needs=tuple(Mount.need(n, mount.path) for n in volume.clients),
        )


def facts(site: Site, pool: Layout) -> Mapping[str, object]:
    """What behaviour tests need to know of the pool, as plain data."""
    return {
        "gluster": {
            "nodes": list(pool.nodes),
            "volumes": {
                volume.name: {
                    "bricks": [brick.name for brick in volume.bricks],
                    "mount": volume.spec.mount.path if volume.spec.mount else "",
                    "clients": list(volume.clients),
                }
                for volume in pool.volumes
            },
        }
    }
