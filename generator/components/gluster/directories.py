"""Whether each brick of a pool has a directory of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from generator.components.gluster.layout import Layout, VolumeLayout
from generator.components.gluster.rules import NESTED, SAME_BRICK
from generator.language.findings import Finding, Path


def check(pool: Layout) -> Iterator[Finding]:
    """A finding for two volumes, or one twice, in one directory or one within the other."""
    seen: dict[tuple[str, str], VolumeLayout] = {}
    reported: set[tuple[str, str]] = set()
    for volume in pool.volumes:
        for brick in volume.bricks:
            other = seen.get((brick.node, brick.path))
            seen.setdefault((brick.node, brick.path), volume)
            if other and (volume.name, other.name) not in reported:
                reported.add((volume.name, other.name))
                message = f"`{brick.path}` is already a brick of volume `{other.name}`"
                yield SAME_BRICK.at((*volume.path, "brick"), message, also=_other(volume, other))
    yield from _nested(seen)


def _other(volume: VolumeLayout, other: VolumeLayout) -> tuple[Path, ...]:
    """Where the other brick is written, unless it is the same place."""
    return ((*other.path, "brick"),) if other is not volume else ()


def _nested(seen: Mapping[tuple[str, str], VolumeLayout]) -> Iterator[Finding]:
    """One finding for two volumes, whichever nodes they meet on."""
    reported: set[tuple[str, str]] = set()
    for (node, path), volume in seen.items():
        for parent in map(str, PurePosixPath(path).parents):
            other = seen.get((node, parent))
            if other and (volume.name, other.name) not in reported:
                reported.add((volume.name, other.name))
                message = f"`{path}` is within `{parent}`, a brick of volume `{other.name}`"
                yield NESTED.at((*volume.path, "brick"), message, also=_other(volume, other))
