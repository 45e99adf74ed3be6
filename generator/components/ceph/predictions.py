"""What a cluster will say of itself, before there is one: states, health, and what outages do.

The rule, for replicated pools (checked live on 16.2, FAILURE DOMAINS of crush-map.rst): an object
has as many copies as there are failure domains with an OSD that is up and in, `size` at the most.
All copies: active+clean. At least `min_size`: active, undersized. Fewer: undersized+peered, and
neither reads nor writes. Reads need `min_size` as writes do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator.components.ceph.layout import Layout, PoolLayout, layout
from generator.site import Site

# Seconds until the monitor speaks of placement groups that stay as they are
# (mon_pg_stuck_threshold 60, and the managers' reports); seen after 60 to 90.
STUCK = 90
# osd_heartbeat_grace: a silent OSD is missed after that, one whose process has ended within a
# second. Its peers must be there to miss it.
GRACE = 20
# mon_osd_report_timeout: that long, where nobody is left to miss it. Two hosts must say so
# (mon_osd_min_down_reporters, mon_osd_reporter_subtree_level).
UNHEARD = 900
REPORTERS = 2
# mon_osd_full_ratio
FULL = Fraction(95, 100)
# mds_beacon_grace: a silent metadata server is replaced after that.
BEACON = 15
# The pools of gateways, which are all alike.
GATEWAYS = "rgw"


# Codes that an option keeps from showing.
SILENCED = {
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED": "mon_warn_on_insecure_global_id_reclaim_allowed",
    "POOL_NO_REDUNDANCY": "mon_warn_on_pool_no_redundancy",
    "POOL_PG_NUM_NOT_POWER_OF_TWO": "mon_warn_on_pool_pg_num_not_power_of_two",
    "TOO_FEW_OSDS": "mon_warn_on_too_few_osds",
}


@dataclass(frozen=True, slots=True)
class Health:
    """Codes that must show, codes that may, and that may of monitors only, each with the reason."""

    must: Mapping[str, str]
    may: Mapping[str, str]
    monitors: Mapping[str, str]


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


def copies(found: Layout, pool: PoolLayout, down: Iterable[int] = ()) -> int:
    """Copies of every object once everything that can be copied is."""
    absent = set(down)
    return min(pool.size, len({found.domain(osd) for osd in found.osds if osd.id not in absent}))


def states(pool: PoolLayout, count: int) -> tuple[str, ...]:
    """The words of the state of each placement group with so many copies; objects left aside."""
    if count == 0:
        return ("unknown",)
    if count >= pool.size:
        return ("active", "clean")
    return ("active", "undersized") if count >= pool.min_size else ("peered", "undersized")


def moved(found: Layout, pool: PoolLayout) -> tuple[str, ...]:
    """The words of the state of a group that has been on another OSD before; none if there is none.

    While a group lacks copies it keeps what it has elsewhere, also in a failure domain that has
    one (PeeringState.cc, calc_replicated_acting): with `min_size` of them it serves. Seen on 16.2
    when a third OSD came to a host that was the only one.
    """
    count = copies(found, pool)
    if count >= pool.size or len(found.osds) <= count or len(found.osds) < pool.min_size:
        return ()
    return ("active", "remapped", "undersized")


def serves(pool: PoolLayout, count: int) -> bool:
    """Whether a placement group with so many copies is read and written."""
    return count >= pool.min_size


def outage(found: Layout, pool: PoolLayout, down: Iterable[int]) -> Outage:
    """Every failure domain is taken to weigh the same, and each OSD in one to weigh the same."""
    absent = set(down)
    domains: dict[object, list[int]] = {}
    for osd in found.osds:
        domains.setdefault(found.domain(osd), []).append(osd.id)
    now = copies(found, pool)
    hit = [Fraction(len(absent & set(ids)), len(ids)) for ids in domains.values()]
    touched = sum(1 for part in hit if part)
    return Outage(
        share=_share(hit, now),
        least=max(0, now - touched),
        later=copies(found, pool, absent),
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


def per_osd(found: Layout) -> Fraction:
    """Copies of placement groups for each OSD; about 100 is meant to be good."""
    total = sum(pool.pg_num * copies(found, pool) for pool in found.pools)
    return Fraction(total, len(found.osds)) if found.osds else Fraction(0)


def usable(found: Layout, pool: PoolLayout) -> Fraction:
    """The share of the space of all OSDs that one pool's data can take at the most.

    With disks of one size and no other pool. Every copy is in another failure domain, so what the
    smaller domains cannot take fits nowhere; writes end when an OSD is full.
    """
    sizes: dict[object, int] = {}
    for osd in found.osds:
        sizes[found.domain(osd)] = sizes.get(found.domain(osd), 0) + 1
    ordered, kept = sorted(sizes.values(), reverse=True), copies(found, pool)
    most = min((Fraction(sum(ordered[n:]), kept - n) for n in range(kept)), default=Fraction(0))
    return most * FULL / len(found.osds) if found.osds else Fraction(0)


def unplanned(found: Layout) -> tuple[PoolLayout, ...]:
    """Pools that the spec does not name: the release's own, and one for all that gateways make."""
    size = int(found.setting("osd_pool_default_size"))
    least = int(found.setting("osd_pool_default_min_size")) or size - size // 2
    own = PoolLayout(found.release.own_pool, size, least, 0, "mgr_devicehealth", ("ceph",))
    gateways = PoolLayout(GATEWAYS, size, least, 0, "rgw", ("ceph", "rgw"))
    return (*((own,) if found.modules else ()), *((gateways,) if found.rgws else ()))


def health(found: Layout) -> Health:
    """What `ceph health` names while everything is as the spec says."""
    pools = (*found.pools, *unplanned(found))
    few = [pool for pool in pools if copies(found, pool) < pool.size]
    dead = [pool for pool in few if not serves(pool, copies(found, pool))]
    default = int(found.setting("osd_pool_default_size"))
    must: dict[str, str] = {}
    may = {"MON_DISK_LOW": "depends on what else fills a monitor's disk (mon_data_avail_warn)"}
    if len(found.osds) < default:
        must["TOO_FEW_OSDS"] = f"{len(found.osds)} OSDs, and osd_pool_default_size is {default}"
    if few:
        kept = copies(found, few[0])
        must["PG_DEGRADED"] = f"{few[0].name}: {kept} of {few[0].size} copies find a place"
    if dead:
        must["PG_AVAILABILITY"] = (
            f"{dead[0].name}: {copies(found, dead[0])} copies, and min_size is {dead[0].min_size}"
        )
        may["SLOW_OPS"] = "what is asked of a pool that does not serve waits in its OSDs"
        for code in ("PG_NOT_SCRUBBED", "PG_NOT_DEEP_SCRUBBED"):
            may[code] = "after days: what is inactive is not scrubbed"
    if any(pool.size == 1 for pool in pools):
        must["POOL_NO_REDUNDANCY"] = "a pool with one copy"
    if any(pool.pg_num & (pool.pg_num - 1) for pool in found.pools):
        must["POOL_PG_NUM_NOT_POWER_OF_TWO"] = "a pool whose pg_num is not a power of two"
    if len(found.spec.filesystems) >= len(found.mdss) > 0:
        may["MDS_INSUFFICIENT_STANDBY"] = (
            "no metadata server stands by; said if one has ever stood by (standby_count_wanted)"
        )
    if not found.modules:
        must["MGR_MODULE_DEPENDENCY"] = "the platform's managers cannot load some of their modules"
    if found.truth("auth_allow_insecure_global_id_reclaim"):
        must["AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED"] = (
            "auth_allow_insecure_global_id_reclaim is true, as the release has it"
        )
    for code, option in SILENCED.items():
        if not found.truth(option):
            must.pop(code, None)
    lost = "what one monitor forwards to another can be lost while they elect; it waits for ever"
    return Health(must, may, {"SLOW_OPS": lost} if len(found.mons) > 1 else {})


def says(site: Site) -> Iterator[tuple[str, str, bool, str]]:
    """Every health code that must or may show while everything is as the spec says."""
    found = layout(site)
    if found is None:
        return
    seen = health(found)
    if not seen.must:
        why = "every copy has its place; HEALTH_WARN if one of these shows"
        yield "ceph health", "HEALTH_OK", True, why
    for code, why in seen.must.items():
        yield "ceph health", code, True, why
    for code, why in {**seen.may, **seen.monitors}.items():
        yield "ceph health", code, False, why


def predict(site: Site) -> Iterator[Mapping[str, Any]]:
    """For each pool: as it is, and with each OSD and each node down; then metadata servers,
    gateways and managers.
    """
    found = layout(site)
    if found is None:
        return
    for pool in (*found.pools, *(pool for pool in unplanned(found) if pool.name == GATEWAYS)):
        yield _as_it_is(found, pool)
        for osd in found.osds:
            yield _without(found, pool, f"osd.{osd.id}", [osd.node], [osd.id], mons=0)
        for node in found.nodes:
            ids = [osd.id for osd in found.osds_of(node)]
            if ids or node in found.mons:
                yield _without(found, pool, f"node {node}", [node], ids, int(node in found.mons))
    yield from _monitors(found)
    yield from _filesystems(found)
    yield from _gateways(found)
    yield _managers(found)


def _as_it_is(found: Layout, pool: PoolLayout) -> Mapping[str, Any]:
    count = copies(found, pool)
    words = "+".join(states(pool, count))
    must = ", ".join(health(found).must)
    codes = f"{must} within {STUCK} s" if must else "HEALTH_OK"
    groups = pool.pg_num or "all"
    works = serves(pool, count)
    room = f"; room for {float(100 * usable(found, pool)):.3g} % of all OSD space" if works else ""
    why = f"{groups} PGs {words}: {count} of {pool.size} copies{room}; {codes}"
    return _row(pool.name, "nothing", list(found.nodes), works, why, 0)


def _without(
    found: Layout, pool: PoolLayout, what: str, nodes: list[str], ids: list[int], mons: int
) -> Mapping[str, Any]:
    needed = len(found.mons) // 2 + 1
    if len(found.mons) - mons < needed:
        why = f"{len(found.mons) - mons} of {len(found.mons)} monitors, {needed} make the quorum"
        return _row(pool.name, what, nodes, False, why, 0)
    lost = outage(found, pool, ids)
    if not lost.share:
        why = "no copy is lost, and the monitors keep their quorum"
        return _row(pool.name, what, nodes, serves(pool, copies(found, pool)), why, 0)
    works = serves(pool, lost.least)
    left = _left(pool, lost, _goes_out(found, len(ids)))
    why = f"{_part(pool, lost.share)} keep{'' if _many(pool) else 's'} {left}"
    if len(ids) > 1 or what.startswith("node"):
        # a process that ends is told of by those who cannot reach it; a silent host is only missed
        heard = {osd.node for osd in found.osds} - set(nodes)
        if len(heard) < REPORTERS:
            why += f"; missed after {UNHEARD} s only, with {len(heard)} other host(s) to say so"
            return _row(pool.name, what, nodes, works, why, UNHEARD)
    return _row(pool.name, what, nodes, works, why, GRACE)


def _goes_out(found: Layout, count: int) -> bool:
    """Whether so many OSDs are marked out: not below a part that is in (can_mark_out)."""
    least = float(found.setting("mon_osd_min_in_ratio"))
    return (len(found.osds) - count + 1) / len(found.osds) >= least


def _many(pool: PoolLayout) -> bool:
    return pool.pg_num != 0


def _part(pool: PoolLayout, share: Fraction) -> str:
    if pool.pg_num:
        return f"about {float(pool.pg_num * share):.3g} of {pool.pg_num} PGs"
    return f"about {float(100 * share):.3g} % of its data"


def _left(pool: PoolLayout, lost: Outage, out: bool) -> str:
    words = "+".join(states(pool, lost.least)) if lost.least else "nothing that is up"
    left = f"{lost.least} of {pool.size} copies at worst ({words})"
    if out and lost.later > lost.least > 0 and lost.later >= pool.size:
        return f"{left}; all are copied again when it is out"
    return left


def _monitors(found: Layout) -> Iterator[Mapping[str, Any]]:
    """Of several: how many may fail, and that one more may not."""
    total = len(found.mons)
    needed = total // 2 + 1
    for lost in (total - needed, total - needed + 1) if total > 1 else ():
        if lost:
            left = total - lost
            why = f"{left} of {total} monitors, {needed} make the quorum"
            names = list(found.mons[:lost])
            yield _row("all pools", f"{lost} of {total} monitors", names, left >= needed, why, 0)


def _filesystems(found: Layout) -> Iterator[Mapping[str, Any]]:
    """Any of them may be the active one of any file system, so each row is of the worst case."""
    spare = len(found.mdss) > len(found.spec.filesystems)
    why = "one that stands by takes over" if spare else "none stands by: files wait for it"
    for name in found.spec.filesystems:
        for node in found.mdss:
            yield _row(name, f"mds on {node}", [node], spare, why, BEACON)


def _gateways(found: Layout) -> Iterator[Mapping[str, Any]]:
    """They keep nothing, so each is as good as the others; which one is asked is the clients'."""
    spare = len(found.rgws) > 1
    why = "the others answer, on their own addresses" if spare else "no other answers"
    for node in found.rgws:
        yield _row(GATEWAYS, f"rgw on {node}", [node], spare, why, 0)


def _managers(found: Layout) -> Mapping[str, Any]:
    why = "I/O goes on; states are not reported until a manager is back"
    return _row("all pools", f"mgr on {', '.join(found.mgrs)}", list(found.mgrs), True, why, 0)


def _row(
    subject: str, down: str, nodes: list[str], works: bool, why: str, stall: int
) -> Mapping[str, Any]:
    return {
        "component": "ceph",
        "subject": subject,
        "down": down,
        "nodes": nodes,
        "read": works,
        "write": works,
        "why": why,
        "stall_seconds": stall,
    }
