"""Each pool has the room that its copies leave of its OSDs' space: MAX AVAIL of `ceph df`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import ceph
from verify.readers.compare import same

# How much less room a pool may have than its OSDs have together: they fill unevenly, and the
# fullest is what counts.
UNEVEN = 0.25
# More than that is no rounding.
MORE = 1.02
KIB, MIB = 1024, 1024**2


@dataclass(frozen=True, slots=True)
class Want:
    """By pool: the OSDs that it lies on, and how many bytes there a byte of its data takes.

    That is what all its copies take, and before it what those take that find a place: as soon as
    something is in it, the others are not counted (PGMap.cc, num_objects_degraded). `full` is how
    full an OSD is at the most.
    """

    holders: dict[str, tuple[int, ...]]
    rates: dict[str, tuple[float, float]]
    full: float
    admin: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Bytes of room by pool; bytes in all and left by OSD."""

    room: dict[str, int]
    osds: dict[int, tuple[int, int]]


def commands(want: Want) -> Mapping[str, Command]:
    """Both are answered from what the OSDs have reported last, some seconds ago."""
    return {"pools": ceph.ask(want.admin, "df"), "osds": ceph.ask(want.admin, "osd df")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An OSD that is out has no space at all."""
    pools = ceph.read(outputs["pools"], "ceph df")["pools"]
    osds = ceph.read(outputs["osds"], "ceph osd df")["nodes"]
    return Seen(
        {str(pool["name"]): int(pool["stats"]["max_avail"]) for pool in pools},
        {int(osd["id"]): (osd["kb"] * KIB, osd["kb_avail"] * KIB) for osd in osds},
    )


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A pool's room is that of its fullest OSD, by the weights that CRUSH has (PGMap.cc)."""
    return tuple(wrong for pool in want.holders for wrong in _pool(want, seen, pool))


def _pool(want: Want, seen: Seen, pool: str) -> Iterator[Difference]:
    if pool not in seen.room:
        yield from same(f"room of {pool}", "in `ceph df`", "missing")
        return
    left = {osd: _left(want, *seen.osds.get(osd, (0, 0))) for osd in want.holders[pool]}
    most, least = (sum(left.values()) / rate for rate in want.rates[pool])
    if not (1 - UNEVEN) * least <= seen.room[pool] <= MORE * most + MIB:
        fair = _mib(least) if most == least else f"{_mib(least)} to {_mib(most)}"
        yield Difference(
            f"room of {pool}",
            f"{fair}, or up to a quarter less",
            f"{_mib(seen.room[pool])}; left on its OSDs: "
            + ", ".join(f"osd.{osd} {_mib(room)}" for osd, room in sorted(left.items())),
        )


def _left(want: Want, total: int, free: int) -> float:
    """What may still be written to an OSD."""
    return max(0.0, free - (1 - want.full) * total)


def _mib(room: float) -> str:
    return f"{room / MIB:.0f} MiB"
