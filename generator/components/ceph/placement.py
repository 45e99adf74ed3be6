"""Where copies find a place, and what outages do to them.

The rule, for replicated pools (checked live on 16.2, FAILURE DOMAINS of crush-map.rst): an object
has as many copies as there are failure domains with an OSD of the pool's class that is up and in,
`size` at the most. All copies: active+clean. At least `min_size`: active, undersized. Fewer:
undersized+peered, and neither reads nor writes. Reads need `min_size` as writes do. With chunks of
erasure-coded pools it is the same; how many make an object only counts for room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from generator.components.ceph.layout import Layout, PoolLayout

# Of how full an OSD is at the most.
FULL = "mon_osd_full_ratio"
# The pools of gateways, which are all alike.
GATEWAYS = "rgw"


@dataclass(frozen=True, slots=True)
class Outage:
    """What some OSDs' absence does to a pool.

    `share` is the expected part of the placement groups that lose a copy, `least` the copies that
    the worst of them keeps at first, `later` the copies that all have once the absent OSDs are out
    and everything is copied again.
    """

    share: Fraction
    least: int
    later: int


def copies(cluster: Layout, pool: PoolLayout, down: Iterable[int] = ()) -> int:
    """Copies of every object once everything that can be copied is."""
    absent = set(down)
    there = (osd for osd in cluster.holders(pool) if osd.id not in absent)
    return min(pool.size, len({cluster.domain(osd) for osd in there}))


def states(pool: PoolLayout, count: int) -> tuple[str, ...]:
    """The words of the state of each placement group with so many copies; objects left aside.

    In the order in which Ceph puts them (osd_types.cc, pg_state_string).
    """
    if count == 0:
        return ("unknown",)
    if count >= pool.size:
        return ("active", "clean")
    return ("active", "undersized") if count >= pool.min_size else ("undersized", "peered")


def moved(cluster: Layout, pool: PoolLayout) -> tuple[str, ...]:
    """The words of the state of a group that has been on another OSD before; none if there is none.

    While a group lacks copies it keeps what it has elsewhere, also in a failure domain that has
    one (PeeringState.cc, calc_replicated_acting): with `min_size` of them it serves. Seen on 16.2
    when a third OSD came to a host that was the only one.
    """
    count, osds = copies(cluster, pool), len(cluster.holders(pool))
    if count >= pool.size or osds <= count or osds < pool.min_size:
        return ()
    return ("active", "undersized", "remapped")


def serves(pool: PoolLayout, count: int) -> bool:
    """Whether a placement group with so many copies is read and written."""
    return count >= pool.min_size


def outage(cluster: Layout, pool: PoolLayout, down: Iterable[int]) -> Outage:
    """Every failure domain is taken to weigh the same, and each OSD in one to weigh the same."""
    absent = set(down)
    domains: dict[object, list[int]] = {}
    for osd in cluster.holders(pool):
        domains.setdefault(cluster.domain(osd), []).append(osd.id)
    now = copies(cluster, pool)
    hit = [Fraction(len(absent & set(ids)), len(ids)) for ids in domains.values()]
    touched = sum(1 for part in hit if part)
    return Outage(
        share=_share(hit, now),
        least=max(0, now - touched),
        later=copies(cluster, pool, absent),
    )


def _share(hit: list[Fraction], now: int) -> Fraction:
    """The chance that one of `now` different domains gives up the OSD that it had chosen.

    Elementary symmetric polynomials of the parts that stay, over all ways to choose domains.
    """
    ways = [Fraction(1)] + [Fraction(0)] * now
    every = [Fraction(1)] + [Fraction(0)] * now
    for part in hit:
        for chosen in range(now, 0, -1):
            ways[chosen] += ways[chosen - 1] * (1 - part)
            every[chosen] += every[chosen - 1]
    return 1 - ways[now] / every[now] if every[now] else Fraction(0)


def per_osd(cluster: Layout) -> Fraction:
    """Copies of placement groups for each OSD; about 100 is meant to be good."""
    total = sum(pool.pg_num * copies(cluster, pool) for pool in cluster.pools)
    return Fraction(total, len(cluster.osds)) if cluster.osds else Fraction(0)


def in_use(cluster: Layout) -> int:
    """Placement groups on each OSD, as health counts them (PGMap.cc, TOO_MANY_PGS).

    Those of the spec's pools, and the one of the release's own pool.
    """
    own = sum(copies(cluster, pool) for pool in unplanned(cluster) if pool.name != GATEWAYS)
    return int(per_osd(cluster) + Fraction(own, len(cluster.osds))) if cluster.osds else 0


def rates(cluster: Layout, pool: PoolLayout) -> tuple[Fraction, Fraction]:
    """Bytes on OSDs for one byte of a pool's data: with the copies that find a place, and with all.

    The latter is `pool_raw_used_rate`, of an empty pool.
    """
    there = max(1, copies(cluster, pool))
    return Fraction(there, pool.data or 1), Fraction(pool.size, pool.data or 1)


def usable(cluster: Layout, pool: PoolLayout) -> Fraction:
    """The share of the space of all OSDs that one pool's data can take at the most.

    With disks of one size and no other pool. Every copy is in another failure domain, so what the
    smaller domains cannot take fits nowhere; writes end when an OSD is full.
    """
    sizes: dict[object, int] = {}
    for osd in cluster.holders(pool):
        sizes[cluster.domain(osd)] = sizes.get(cluster.domain(osd), 0) + 1
    ordered, count = sorted(sizes.values(), reverse=True), copies(cluster, pool)
    most = min((Fraction(sum(ordered[n:]), count - n) for n in range(count)), default=Fraction(0))
    full = Fraction(cluster.number(FULL)).limit_denominator(10**6)
    # a chunk is a part of what is in an object, a copy all of it
    most *= pool.data or 1
    return most * full / len(cluster.osds) if cluster.osds else Fraction(0)


def unplanned(cluster: Layout) -> tuple[PoolLayout, ...]:
    """Pools that the spec does not name: the release's own, and one for all that gateways make."""
    size = cluster.count("osd_pool_default_size")
    least = cluster.count("osd_pool_default_min_size") or size - size // 2
    own = PoolLayout(cluster.release.own_pool, size, least, 0, "mgr_devicehealth", ("ceph",))
    gateways = PoolLayout(GATEWAYS, size, least, 0, "rgw", ("ceph", "rgw"))
    made = cluster.modules and own.name not in cluster.spec.pools
    return (*((own,) if made else ()), *((gateways,) if cluster.rgws else ()))
