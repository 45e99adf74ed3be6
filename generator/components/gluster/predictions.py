"""What goes on with something down: for every node, zone and number of nodes, who still writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.claims import Claims, listed
from generator.components.gluster.layout import Layout, VolumeLayout
from generator.components.gluster.quorum import outcome
from generator.components.gluster.values import seconds
from generator.planning.site import Site
from verify.contract import Prediction

# Clients wait this long for a server that hangs, and once more where they have sent something to
# it meanwhile (network.ping-timeout; rpc-clnt-ping.c at v10 starts its timer anew then; 64 to 80 s
# were seen).
PING_TIMEOUT = 42
STALLS = 2


def predict(
    site: Site, pool: Layout, claims: Claims, before: tuple[Prediction, ...]
) -> Iterator[Prediction]:
    """One row for every volume and node or zone that can be down, and for the most that may be.

    A node that loses its power is waited for, and one that is shut down is not: each has its row.
    """
    cases: list[tuple[str, tuple[str, ...]]] = [(f"node {name}", (name,)) for name in pool.nodes]
    # who mounts is down with its zone as well, for what runs on the mount
    zones = site.zones((*pool.nodes, *pool.clients)).items()
    cases += [(f"zone {zone}", names) for zone, names in zones if not set(names) <= {*pool.clients}]
    for volume in pool.volumes:
        hit = tuple(name for name in volume.clients if name in pool.clients)
        for what, down in cases:
            yield (row := _row(pool, volume, what, down, hit))
            if what.startswith("node ") and row.read and row.stall_seconds:
                yield _shut_down(row)
        yield from _numbers(pool, volume)


def _shut_down(row: Prediction) -> Prediction:
    """The same node switched off in good order.

    Its bricks are ended with glusterd's unit, which stops before the network does (KillMode and
    After of glusterd.service as the platforms bring it; a live test looks).
    """
    (name,) = row.nodes
    why = f"{row.why}; its bricks take their leave"
    return replace(row, down=f"shutdown of {name}", stall_seconds=0, why=why)


def _numbers(pool: Layout, volume: VolumeLayout) -> Iterator[Prediction]:
    """How many nodes may be down, whichever they are, where it is more than one; and one more.

    The first ones are the worst: the first brick breaks a tie, and the last one may hold no data.
    """
    nodes = tuple(dict.fromkeys(brick.node for brick in volume.bricks))
    if len(volume.sets) != 1 or len(nodes) != volume.set_size:
        return
    most = 0
    while most < len(nodes) and outcome(pool, volume, nodes[: most + 1]).read:
        most += 1
    if most > 1:
        for count in (most, most + 1):
            what = f"any {count} of {listed(nodes)}"
            yield _row(pool, volume, what, nodes[:count], nodes)


def _row(
    pool: Layout,
    volume: VolumeLayout,
    what: str,
    down: tuple[str, ...],
    among: tuple[str, ...] = (),
) -> Prediction:
    seen = outcome(pool, volume, down)
    timeout = seconds(volume.options.get("network.ping-timeout", ""), PING_TIMEOUT)
    # nobody waits for a node that has no brick
    waits = any(brick.node in down for brick in volume.bricks)
    return Prediction(
        component="gluster",
        subject=volume.name,
        down=what,
        nodes=down,
        read=seen.read,
        write=seen.write,
        why=seen.why,
        stall_seconds=STALLS * timeout if waits else 0,
        among=among,
    )
