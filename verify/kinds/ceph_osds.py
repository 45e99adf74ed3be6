"""The cluster has no OSD and no pool but the spec's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import ceph
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """Numbers of all OSDs; all pools, with those that the release may make for itself."""

    osds: tuple[int, ...]
    pools: tuple[Word, ...]
    admin: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that there is."""

    osds: tuple[int, ...]
    pools: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The map of OSDs names both."""
    return {"osds": ceph.ask(want.admin, "osd dump")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Numbers and names."""
    dump = ceph.read(outputs["osds"], "ceph osd dump")
    pools = tuple(str(pool["pool_name"]) for pool in dump["pools"])
    return Seen(tuple(int(osd["osd"]) for osd in dump["osds"]), pools)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What is missing has a check of its own."""
    return (
        *extra("OSD", (f"osd.{number}" for number in set(seen.osds) - set(want.osds))),
        *extra("pool", set(seen.pools) - set(want.pools)),
    )
