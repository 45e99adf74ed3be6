"""Where the copies of each volume lie, as people are told."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.gluster.layout import Layout, VolumeLayout
from generator.planning.component import Copies, Store
from generator.planning.site import Site


def copies(site: Site, pool: Layout) -> Iterator[Copies]:
    """Every volume with its bricks, in the order of creation."""
    for volume in pool.volumes:
        yield Copies(volume.name, volume.path, _rule(volume), tuple(_stores(volume)))


def _rule(volume: VolumeLayout) -> str:
    if volume.kind == "disperse":
        spare = volume.spec.redundancy
        rule = f"each file in {volume.set_size} fragments, of which {spare} may be missing"
    elif volume.kind == "replicate":
        whole = volume.set_size - volume.spec.arbiter
        rule = f"{whole} copies of each file"
        if volume.spec.arbiter:
            rule += ", and an arbiter that has its name alone"
    else:
        rule = "one copy of each file"
    return f"{rule}, in one of {len(volume.sets)} sets" if len(volume.sets) > 1 else rule


def _stores(volume: VolumeLayout) -> Iterator[Store]:
    whole = {"disperse": "fragments", "replicate": "copy", "distribute": "its files"}[volume.kind]
    for number, bricks in enumerate(volume.sets, 1):
        for brick in bricks:
            part = "arbiter" if brick in volume.arbiters else whole
            part += f" of set {number}" if len(volume.sets) > 1 else ""
            yield Store(brick.node, f"brick {brick.directory}", brick.disk.mount, part)
