"""What a cluster will say of itself, before there is one, and what goes on with a part down.

Copies and outages are those of `placement`, codes those of `health`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from generator.claims import Claims
from generator.components.ceph.health import LOOKED, health, marks_out, soon
from generator.components.ceph.layout import Layout, PoolLayout
from generator.components.ceph.placement import (
    FULL,
    GATEWAYS,
    Outage,
    copies,
    outage,
    per_osd,
    rates,
    serves,
    states,
    unplanned,
    usable,
)
from generator.planning.component import StatusMessage
from generator.planning.site import Site
from verify.contract import Prediction

# Placement groups for each OSD (mon_target_pg_per_osd).
GOOD = 100
# A silent OSD is missed after GRACE, one whose process has ended within a second, by its peers: so
# many hosts as REPORTERS must say so (mon_osd_reporter_subtree_level), else it takes UNHEARD.
GRACE, UNHEARD = "osd_heartbeat_grace", "mon_osd_report_timeout"
REPORTERS = "mon_osd_min_down_reporters"
# An OSD that is ended says so; its placement groups peer again meanwhile.
LEAVING = 2
NEARFULL = "mon_osd_nearfull_ratio"
# A silent metadata server is replaced after that.
BEACON = "mds_beacon_grace"
# What is so without a quorum: nobody is told of a change, and tickets are not renewed.
ALONE = "; whoever is connected goes on for a while"


def status_messages(site: Site, cluster: Layout) -> Iterator[StatusMessage]:
    """What a node with the admin's key is told while everything is as the spec says."""
    for who, what, why, within, sure in (*_status(cluster), *_health(cluster)):
        yield StatusMessage(cluster.admins, f"ceph {who}", what, why, within, sure)


def _status(cluster: Layout) -> Iterator[tuple[str, str, str, int, bool]]:
    total, osds = len(cluster.mons), len(cluster.osds)
    spare = (total - 1) // 2
    why = f"{total - spare} of {total} make the quorum: {spare or 'none'} may fail"
    yield "status", f"quorum {','.join(cluster.mons)}", why, 0, True
    yield "status", f"{osds} osds: {osds} up, {osds} in", "those of the spec, and no other", 0, True
    for pool in (*cluster.pools, *unplanned(cluster)):
        count = copies(cluster, pool)
        why = f"{pool.name}: {count} of {pool.size} {pool.noun} find a place"
        if not serves(pool, count):
            why += f", and min_size is {pool.min_size}: reads and writes wait"
        if count < pool.size:
            why += "; a PG with objects is `degraded` as well"
        yield "status", f"{pool.pg_num or 'all'} PGs {'+'.join(states(pool, count))}", why, 0, True
    for pool in cluster.pools:
        full, (there, every) = cluster.number(FULL), map(float, rates(cluster, pool))
        what = f"MAX AVAIL of {pool.name} {100 * full / every:.3g} % of its OSDs' space"
        why = f"while nothing is on them: {every:.3g} bytes there for one of data, and an OSD is "
        why += f"full at {full:.3g} (OSD_NEARFULL at {cluster.number(NEARFULL):.3g})"
        why += f"; {100 * full / there:.3g} % once something is in it" if there < every else ""
        yield "df", what, why, 0, True
    if cluster.pools and all(pool.pg_num for pool in cluster.pools):
        what = f"about {float(per_osd(cluster)):.3g} PGs on each OSD"
        why = f"those of the spec's pools; about {GOOD} are good in all (mon_target_pg_per_osd)"
        yield "osd df", what, why, 0, True


def _health(cluster: Layout) -> Iterator[tuple[str, str, str, int, bool]]:
    seen = health(cluster)
    if seen.must:
        why = "by the next lines; HEALTH_OK shows for some seconds only, before anybody has looked"
        yield "health", "HEALTH_WARN", why, LOOKED, True
    else:
        why = "every copy has its place; HEALTH_WARN if one of the next lines shows"
        yield "health", "HEALTH_OK", why, 0, True
    for code, why in seen.must.items():
        yield "health", code, why, soon(cluster, code), True
    for code, why in {**seen.may, **seen.monitors}.items():
        yield "health", code, why, 0, False


def predict(
    site: Site, cluster: Layout, claims: Claims, before: tuple[Prediction, ...]
) -> Iterator[Prediction]:
    """For each pool: as it is, and with each OSD, device for several OSDs' metadata, node and zone
    down; then metadata servers, gateways and managers.
    """
    cases: list[tuple[str, tuple[str, ...]]] = [(f"node {name}", (name,)) for name in cluster.nodes]
    cases += [(f"zone {zone}", names) for zone, names in site.zones(cluster.nodes).items()]
    for pool in (*cluster.pools, *(pool for pool in unplanned(cluster) if pool.name == GATEWAYS)):
        yield _as_it_is(cluster, pool)
        for osd in cluster.osds:
            yield _without(cluster, pool, f"osd.{osd.id}", (osd.node,), [osd.id], mons=0)
        for node in cluster.by_node:
            for device, osds in cluster.beside(node).items():
                if len(osds) > 1:
                    what, ids = f"db {device} of {node}", [osd.id for osd in osds]
                    yield _without(cluster, pool, what, (node,), ids, mons=0)
        for what, names in cases:
            ids = [osd.id for name in names for osd in cluster.osds_of(name)]
            mons = sum(name in cluster.mons for name in names)
            if ids or mons:
                yield (row := _without(cluster, pool, what, names, ids, mons))
                if what.startswith("node ") and row.write and row.stall_seconds and _tell(cluster):
                    yield _shut_down(cluster, pool, names[0], ids, mons)
    yield from _monitors(cluster)
    yield from _filesystems(cluster)
    yield from _gateways(cluster)
    yield _managers(cluster)


def _as_it_is(cluster: Layout, pool: PoolLayout) -> Prediction:
    count = copies(cluster, pool)
    words = "+".join(states(pool, count))
    must = health(cluster).must
    last = max((soon(cluster, code) for code in must), default=0)
    codes = f"{', '.join(must)} within {last} s" if must else "HEALTH_OK"
    groups = pool.pg_num or "all"
    works = serves(pool, count)
    room = (
        f"; room for {float(100 * usable(cluster, pool)):.3g} % of all OSD space" if works else ""
    )
    why = f"{groups} PGs {words}: {count} of {pool.size} {pool.noun}{room}; {codes}"
    return _row(pool.name, "nothing", cluster.nodes, works, why, 0)


def _without(
    cluster: Layout, pool: PoolLayout, what: str, nodes: tuple[str, ...], ids: list[int], mons: int
) -> Prediction:
    hosts = {*cluster.mons, *(osd.node for osd in cluster.osds)}
    if mons and hosts <= set(nodes):
        return _row(pool.name, what, nodes, False, "nothing of the cluster is left", 0)
    needed = len(cluster.mons) // 2 + 1
    if len(cluster.mons) - mons < needed:
        there = len(cluster.mons) - mons
        why = f"{there} of {len(cluster.mons)} monitors, {needed} make the quorum{ALONE}"
        return _row(pool.name, what, nodes, False, why, 0)
    lost = outage(cluster, pool, ids)
    if not lost.share:
        one = "chunk" if pool.data else "copy"
        why = f"no {one} is lost, and the monitors keep their quorum"
        return _row(pool.name, what, nodes, serves(pool, copies(cluster, pool)), why, 0)
    works = serves(pool, lost.least)
    why = _keeps(cluster, pool, lost, len(ids))
    if what.startswith(("node ", "zone ")):
        # a process that ends is told of by those who cannot reach it; a silent host is only missed
        heard = {osd.node for osd in cluster.osds} - set(nodes)
        if len(heard) < cluster.count(REPORTERS):
            late = cluster.count(UNHEARD)
            others = f"{len(heard) or 'no'} other host{'s' if len(heard) > 1 else ''}"
            why += f"; missed after {late} s only, with {others} to say so"
            return _row(pool.name, what, nodes, works, why, late)
    return _row(pool.name, what, nodes, works, why, cluster.count(GRACE))


def _tell(cluster: Layout) -> bool:
    """Whether OSDs that are ended tell a monitor, quick or not."""
    quick = cluster.truth("osd_fast_shutdown")
    return not quick or cluster.truth("osd_fast_shutdown_notify_mon")


def _shut_down(
    cluster: Layout, pool: PoolLayout, node: str, ids: list[int], mons: int
) -> Prediction:
    """A node that is switched off in good order: its OSDs tell a monitor.

    Nobody is told of a monitor that ends: the others notice by its lease, and elect (10.2 to 11.9 s
    were seen on 16.2, and 1.1 s where none ended).
    """
    lost = outage(cluster, pool, ids)
    why = f"{_keeps(cluster, pool, lost, len(ids))}; its OSDs take their leave"
    stall = LEAVING
    if mons:
        lease = cluster.number("mon_lease") * cluster.number("mon_lease_ack_timeout_factor")
        stall += ceil(lease + cluster.number("mon_election_timeout"))
        why += ", and the other monitors elect"
    what = f"shutdown of {node}"
    return _row(pool.name, what, (node,), serves(pool, lost.least), why, stall)


def _keeps(cluster: Layout, pool: PoolLayout, lost: Outage, count: int) -> str:
    left = _left(pool, lost, _goes_out(cluster, count))
    return f"{_part(pool, lost.share)} keep{'' if _many(pool) else 's'} {left}"


def _goes_out(cluster: Layout, count: int) -> bool:
    """Whether so many OSDs are marked out: not below a part that is in (can_mark_out)."""
    if not marks_out(cluster):
        return False
    least = cluster.number("mon_osd_min_in_ratio")
    return (len(cluster.osds) - count + 1) / len(cluster.osds) >= least


def _many(pool: PoolLayout) -> bool:
    return pool.pg_num != 0


def _part(pool: PoolLayout, share: Fraction) -> str:
    if pool.pg_num:
        return f"about {float(pool.pg_num * share):.3g} of {pool.pg_num} PGs"
    return f"about {float(100 * share):.3g} % of its data"


def _left(pool: PoolLayout, lost: Outage, out: bool) -> str:
    words = "+".join(states(pool, lost.least)) if lost.least else "nothing that is up"
    if lost.least < pool.data:
        words = f"{pool.data} are needed to read"
    left = f"{lost.least} of {pool.size} {pool.noun} at worst ({words})"
    if out and lost.later > lost.least > 0 and lost.later >= pool.size:
        return f"{left}; all are {'rebuilt' if pool.data else 'copied again'} when it is out"
    return left


def _monitors(cluster: Layout) -> Iterator[Prediction]:
    """Of several: how many may fail, and that one more may not."""
    total = len(cluster.mons)
    needed = total // 2 + 1
    for lost in (total - needed, total - needed + 1) if total > 1 else ():
        if lost:
            left = total - lost
            why = f"{left} of {total} monitors, {needed} make the quorum"
            why += "" if left >= needed else ALONE
            names = cluster.mons[:lost]
            works = left >= needed and _all_serve(cluster)
            what = f"{lost} of {total} monitors"
            yield _row("all pools", what, names, works, why, 0, cluster.mons)


def _filesystems(cluster: Layout) -> Iterator[Prediction]:
    """Any of them may be the active one of any file system, so each row is of the worst case."""
    spare = len(cluster.mdss) > len(cluster.spec.filesystems)
    why = "one that stands by takes over" if spare else "none stands by: files wait for it"
    for name in cluster.spec.filesystems:
        for node in cluster.mdss:
            yield _row(name, f"mds on {node}", (node,), spare, why, cluster.count(BEACON))


def _gateways(cluster: Layout) -> Iterator[Prediction]:
    """They keep nothing, so each is as good as the others; which one is asked is the clients'."""
    spare = len(cluster.rgws) > 1
    why = "the others answer, on their own addresses" if spare else "no other answers"
    for node in cluster.rgws:
        yield _row(GATEWAYS, f"rgw on {node}", (node,), spare, why, 0)


def _managers(cluster: Layout) -> Prediction:
    what, works = f"mgr on {', '.join(cluster.mgrs)}", _all_serve(cluster)
    goes = "I/O goes on" if works else "what does not serve still does not"
    why = f"{goes}; states are not reported until a manager is back"
    return _row("all pools", what, cluster.mgrs, works, why, 0)


def _all_serve(cluster: Layout) -> bool:
    return all(serves(pool, copies(cluster, pool)) for pool in cluster.pools)


def _row(
    subject: str,
    down: str,
    nodes: tuple[str, ...],
    works: bool,
    why: str,
    stall: int,
    among: tuple[str, ...] = (),
) -> Prediction:
    return Prediction("ceph", subject, down, nodes, works, works, why, stall, among)
