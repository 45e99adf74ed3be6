"""What goes on with something down: for every node and zone, who can still read and write.

The rule is the clients' quorum (Administrator Guide, arbiter volumes and quorum): without it a
volume answers ENOTCONN, for reads too, since GlusterFS 3.13.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.gluster.layout import Layout, VolumeLayout
from generator.components.gluster.quorum import keeps_quorum
from generator.planning.site import Site
from verify.contract import Prediction

# Clients wait this long for a server that hangs, and once more where they have sent something to
# it meanwhile (network.ping-timeout; rpc-clnt-ping.c at v10 starts its timer anew then; 64 to 80 s
# were seen).
PING_TIMEOUT = 42
STALLS = 2


def predict(site: Site, pool: Layout) -> Iterator[Prediction]:
    """One row for every volume and every node or zone that can be down."""
    zones: dict[str, tuple[str, ...]] = {}
    for name in pool.nodes:
        zone = site.nodes[name].zone
        if zone:
            zones[zone] = (*zones.get(zone, ()), name)
    cases: list[tuple[str, tuple[str, ...]]] = [(f"node {name}", (name,)) for name in pool.nodes]
    cases += [(f"zone {zone}", names) for zone, names in zones.items() if len(names) > 1]
    for volume in pool.volumes:
        for what, down in cases:
            yield _row(volume, what, down)


def _row(volume: VolumeLayout, what: str, down: tuple[str, ...]) -> Prediction:
    left = [[b for b in bricks if b.node not in down] for bricks in volume.sets]
    works = all(
        keeps_quorum(volume, some, bricks) for some, bricks in zip(left, volume.sets, strict=True)
    )
    lost = sum(len(bricks) for bricks in volume.sets) - sum(map(len, left))
    timeout = volume.options.get("network.ping-timeout", str(PING_TIMEOUT))
    if works:
        why = f"{lost} of {len(volume.bricks)} bricks gone, every set keeps its quorum"
    else:
        why = "a set loses its quorum: clients get ENOTCONN until it is back"
    return Prediction(
        component="gluster",
        subject=volume.name,
        down=what,
        nodes=down,
        read=works,
        write=works,
        why=why,
        stall_seconds=STALLS * (int(timeout) if timeout.isdigit() else PING_TIMEOUT),
    )
