"""Whether a volume is still read and written with some of its nodes down.

The rules are those of the daemons: clients answer ENOTCONN without their quorum, for reads too,
since GlusterFS 3.13 (Administrator Guide, arbiter volumes and quorum), and glusterd stops the
bricks of its node without the servers' quorum (glusterd-server-quorum.c). A live test compares.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from generator.components.gluster.layout import Brick, Layout, VolumeLayout
from generator.components.gluster.values import whole

AUTO, FIXED, NONE = "auto", "fixed", "none"
COUNT = "cluster.quorum-count"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What clients that are still there can do, and why."""

    read: bool
    write: bool
    why: str


def outcome(pool: Layout, volume: VolumeLayout, down: Collection[str]) -> Outcome:
    """With these nodes down, or their bricks and glusterd."""
    if why := _server_quorum_lost(pool, volume, down):
        return Outcome(False, False, why)
    if volume.shut_out:
        why = f"{', '.join(volume.shut_out)} cannot mount it: `auth.allow` or `auth.reject`"
        return Outcome(False, False, why)
    left = [[brick for brick in bricks if brick.node not in down] for bricks in volume.sets]
    sets = list(zip(left, volume.sets, strict=True))
    read = all(_reads(volume, some, bricks) for some, bricks in sets)
    enough = all(_writes(volume, some, bricks) for some, bricks in sets)
    write = read and enough and not volume.frozen
    return Outcome(read, write, _why(volume, down, read, enough))


def _why(volume: VolumeLayout, down: Collection[str], read: bool, enough: bool) -> str:
    lost = [brick for brick in volume.bricks if brick.node in down]
    none = volume.kind == "replicate" and client_quorum(volume)[0] == NONE
    what = f"{len(lost)} of {len(volume.bricks)} bricks gone" if lost else "no brick is there"
    if any(brick in lost for brick in volume.arbiters):
        what += ", the arbiter's among them" if len(lost) > 1 else " (the arbiter's)"
    if lost and len(lost) == len(volume.bricks):
        why = "no brick is left: clients get ENOTCONN until enough are back"
    elif not read and none:
        why = "no copy of a set is left: clients get ENOTCONN until one is back"
    elif not read:
        why = f"a set loses its quorum{_named(volume)}: clients get ENOTCONN until it is back"
    elif not enough:
        why = f"{what}, fewer are left than `disperse.quorum-count` wants for a write"
    elif none:
        why = f"{what}, and there is no quorum to keep"
    else:
        why = f"{what}, every set keeps its quorum{_named(volume)}"
    if read and volume.frozen:
        worm = "worm" in volume.frozen
        why += "; what is there is never changed" if worm else "; nobody writes, ever"
        why += f": `{volume.frozen}`"
    if read and lost and not volume.healed:
        why += "; what it misses meanwhile is not healed: the self-heal daemons are off"
    return why


def _named(volume: VolumeLayout) -> str:
    """Which quorum, where it is not the one that Stook sets."""
    kind, count = client_quorum(volume)
    return f" ({kind} {count})" if volume.kind == "replicate" and kind == FIXED else ""


def client_quorum(volume: VolumeLayout) -> tuple[str, int]:
    """Its type, and how many bricks of a set it wants where that is a fixed number."""
    kind = volume.options.get("cluster.quorum-type", AUTO)
    return kind, whole(volume.options.get(COUNT, "0"))


def _reads(volume: VolumeLayout, left: Sequence[Brick], bricks: Sequence[Brick]) -> bool:
    """Whether a set with these bricks left is read."""
    if volume.spec.disperse:
        return len(left) >= volume.set_size - volume.spec.redundancy
    kind, count = client_quorum(volume)
    if not any(brick not in volume.arbiters for brick in left):
        return False
    if kind == FIXED:
        return len(left) >= count
    if kind == NONE:
        return True
    # at least half of them, and with exactly half the first one
    half = len(bricks) / 2
    return len(left) > half or (len(left) == half and bricks[0] in left)


def _writes(volume: VolumeLayout, left: Sequence[Brick], bricks: Sequence[Brick]) -> bool:
    wanted = whole(volume.options.get("disperse.quorum-count", "0"))
    if volume.spec.disperse and len(left) < wanted:
        return False
    return _reads(volume, left, bricks)


def _server_quorum_lost(pool: Layout, volume: VolumeLayout, down: Collection[str]) -> str:
    """Why glusterd stops all bricks of the volume; "" where it does not."""
    if volume.options.get("cluster.server-quorum-type", "none") != "server":
        return ""
    left, needed = len(set(pool.nodes) - set(down)), len(pool.nodes) // 2 + 1
    if left >= needed:
        return ""
    total = len(pool.nodes)
    return f"{left} of {total} nodes, {needed} make the servers' quorum: the rest stop their bricks"
