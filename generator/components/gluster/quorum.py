"""Whether a volume is still read and written with some of its bricks gone."""

from __future__ import annotations

from generator.components.gluster.layout import Brick, VolumeLayout


def keeps_quorum(volume: VolumeLayout, left: list[Brick], bricks: tuple[Brick, ...]) -> bool:
    """Whether a set with these bricks left is still read and written.

    Quorum type auto: at least half of them, and with exactly half the first brick
    (Administrator Guide, arbiter volumes and quorum). Dispersed: all but the redundant ones.
    """
    if volume.spec.disperse:
        return len(left) >= volume.set_size - volume.spec.redundancy
    half = len(bricks) / 2
    return len(left) > half or (len(left) == half and bricks[0] in left)
