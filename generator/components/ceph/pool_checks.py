"""What can be wrong with a cluster's pools, and with what uses them: file systems and gateways."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.ceph import coded
from generator.components.ceph.daemons import daemons
from generator.components.ceph.layout import (
    GATEWAY_POOLS,
    PORTS,
    Layout,
    PoolLayout,
)
from generator.components.ceph.placement import GATEWAYS, copies, per_osd, serves, unplanned
from generator.components.ceph.ports import SOCKETS
from generator.components.ceph.rules import (
    ABOVE_SIZE,
    FEW_PLACES,
    MIN_SIZE_1,
    NEVER_SERVES,
    NO_CLASS,
    NO_FILES,
    NO_GATEWAY,
    NOT_POWER,
    SIZE_1,
    TAKEN,
    TOO_MANY,
    UNSCALED,
)
from generator.language.findings import Finding, Path
from generator.planning.site import Site

# That of one-time passwords comes only where somebody uses them.
MADE = [name for name in GATEWAY_POOLS if not name.endswith(".otp")]
# The autoscaler leaves no pool below that (pg_autoscaler/module.py, PG_NUM_MIN).
SCALED = 32
CODED = (
    "use a replicated pool, and name this one after it in `data`: names and rights are never kept "
    "in chunks, and each file leaves a mark in the first data pool"
)


def check(site: Site, cluster: Layout) -> Iterator[Finding]:
    """Every finding about pools, file systems and gateways."""
    for pool in cluster.pools:
        yield from _pool(cluster, pool)
    yield from coded.unused(cluster)
    yield from _classes(cluster)
    yield from _groups(cluster)
    yield from _filesystems(cluster)
    yield from _gateways(site, cluster)


def _pool(cluster: Layout, pool: PoolLayout) -> Iterator[Finding]:
    path = pool.path
    if pool.data:
        yield from coded.check(cluster, pool)
        return
    if pool.min_size > pool.size:
        yield ABOVE_SIZE.at((*path, "min_size"), f"{pool.min_size} of {pool.size} copies")
        return
    if pool.size == 1:
        yield SIZE_1.at((*path, "size"), f"pool `{pool.name}` keeps one copy of everything")
    elif pool.min_size == 1:
        yield _written_with_one(cluster, pool)
    if pool.pg_num & (pool.pg_num - 1):
        yield NOT_POWER.at((*path, "pg_num"), f"{pool.pg_num} is not a power of two")
    places, domain = copies(cluster, pool), cluster.spec.failure_domain
    text = f"pool `{pool.name}` wants {pool.size} copies, and there are {places} {domain}(s)"
    text += f" of class {pool.device_class}" if pool.device_class else ""
    also: tuple[Path, ...] = (("ceph", "osd"),)
    if places < pool.min_size:
        message = f"{text}: it never serves"
        yield NEVER_SERVES.at(path, message, _out(cluster, pool), key=True, also=also)
    elif places < pool.size:
        yield FEW_PLACES.at(path, f"{text}: it stays undersized", key=True, also=also)


def _out(cluster: Layout, pool: PoolLayout) -> str:
    """What would make a pool serve, where that is not what the rule says."""
    osds = "further OSDs" if cluster.spec.failure_domain == "osd" else "OSDs of further hosts"
    if pool.device_class:
        return f"give {osds} `class: {pool.device_class}`, or the pool another `class`"
    return "add OSDs" if cluster.spec.failure_domain == "osd" else ""


def _classes(cluster: Layout) -> Iterator[Finding]:
    """Of clusters with pools that want a class of devices."""
    some = [pool for pool in cluster.pools if pool.device_class]
    nameless = [osd for osd in cluster.osds if not osd.device_class]
    if some and nameless:
        osd, where = nameless[0], (*some[0].path, "class")
        message = f"osd.{osd.id} has no class, and pool `{some[0].name}` wants one"
        yield NO_CLASS.at(osd.path, message, also=(where,))
    others = [*(pool for pool in cluster.pools if not pool.device_class), *unplanned(cluster)]
    for pool in cluster.pools if some and others else ():
        if not pool.pg_num:
            other = others[0] if pool.device_class else some[0]
            message = f"`{other.name}` lies on OSDs of pool `{pool.name}`, too"
            yield UNSCALED.at(pool.path, message, key=True)


def _written_with_one(cluster: Layout, pool: PoolLayout) -> Finding:
    """Where `min_size` is left out, it is `size` that makes it 1."""
    message = f"pool `{pool.name}` is written with one copy left"
    if cluster.spec.pools[pool.name].min_size is not None:
        return MIN_SIZE_1.at((*pool.path, "min_size"), message)
    message += f": without `min_size`, it is {pool.min_size} of `size: {pool.size}`"
    way = (
        "write `size: 3`, of which two must be there; or `min_size: 2`, and all stops with one OSD"
    )
    return MIN_SIZE_1.at((*pool.path, "size"), message, way)


def _groups(cluster: Layout) -> Iterator[Finding]:
    start, allowed = (
        cluster.count(key) for key in ("osd_pool_default_pg_num", "mon_max_pg_per_osd")
    )
    scaled = max(start, SCALED)
    grows = cluster.setting("osd_pool_default_pg_autoscale_mode") == "on"
    each = scaled if grows else start
    copies_of = sum(pool.size for pool in unplanned(cluster) if pool.name == GATEWAYS)
    made = [name for name in MADE if name not in cluster.spec.pools]
    by_gateways = each * copies_of * len(made)
    total = by_gateways + sum((pool.pg_num or scaled) * pool.size for pool in cluster.pools)
    # the monitors count three OSDs where there are fewer (OSDMonitor.cc, check_pg_num)
    most = max(len(cluster.osds), 3)
    for name in dict.fromkeys(p.device_class for p in cluster.pools if p.device_class):
        yield from _groups_of_class(cluster, name, scaled, allowed)
    if total > allowed * most:
        message = f"{total // most} for each OSD, with {float(per_osd(cluster)):.0f} in use"
        if by_gateways:
            message = (
                f"{total // most} for each OSD, {by_gateways // most} of them in the "
                f"{len(made)} pools of {each} that gateways make: the last ones cannot be made, "
                "and an upload is answered with 416 InvalidRange"
            )
        yield TOO_MANY.at(("ceph", "pools"), f"{message}; the limit is {allowed}")


def _groups_of_class(cluster: Layout, name: str, scaled: int, allowed: int) -> Iterator[Finding]:
    """As 18.2 counts: what the pools of a class have on its OSDs."""
    pools = [pool for pool in cluster.pools if pool.device_class == name]
    total = sum((pool.pg_num or scaled) * pool.size for pool in pools)
    most = max(len(cluster.holders(pools[0])), 3)
    if total > allowed * most:
        message = f"{total // most} for each OSD of class {name}; the limit is {allowed}"
        yield TOO_MANY.at((*pools[-1].path, "class"), message)


def _filesystems(cluster: Layout) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for name, filesystem in cluster.spec.filesystems.items():
        for number, pool in enumerate((filesystem.metadata, *filesystem.data)):
            path: Path = ("ceph", "filesystems", name, "data" if number else "metadata")
            further = number > 1
            if number and len(filesystem.data) > 1:
                path = (*path, number - 1)
            if pool not in cluster.spec.pools:
                yield NO_FILES.at(path, f"there is no pool `{pool}`")
            elif cluster.spec.pools[pool].application != "cephfs":
                yield NO_FILES.at(path, f"pool `{pool}` is not for `cephfs`")
            elif cluster.spec.pools[pool].erasure and not further:
                yield NO_FILES.at(path, f"pool `{pool}` is erasure-coded", CODED)
            elif pool in owners:
                yield NO_FILES.at(path, f"pool `{pool}` belongs to `{owners[pool]}`")
            elif not _served(cluster, pool):
                yield NO_FILES.at(path, f"pool `{pool}` never serves, and so no file is", key=True)
            owners.setdefault(pool, name)
    wanted = len(cluster.spec.filesystems)
    if wanted > len(cluster.mdss):
        message = f"{wanted} file system(s), and {len(cluster.mdss)} metadata server(s)"
        yield NO_FILES.at(("ceph", "filesystems"), message, key=True)


def _served(cluster: Layout, name: str) -> bool:
    return all(serves(pool, copies(cluster, pool)) for pool in cluster.pools if pool.name == name)


def _gateways(site: Site, cluster: Layout) -> Iterator[Finding]:
    for pool in unplanned(cluster):
        places = copies(cluster, pool)
        where = ("ceph", "settings", "osd_pool_default_size")
        if pool.name == GATEWAYS and pool.size == 1:
            yield SIZE_1.at(where, "the pools of gateways keep one copy of everything")
        elif pool.name == GATEWAYS and pool.min_size == 1:
            yield MIN_SIZE_1.at(where, "the pools of gateways are written with one copy left")
        if pool.name == GATEWAYS and not serves(pool, places):
            message = f"its pools want {pool.size} copies, and there are {places} places"
            yield NO_GATEWAY.at(pool.path, message, key=True, also=(("ceph", "osd"),))
    port, first = cluster.spec.rgw_port, cluster.release.ports[0]
    for name in cluster.rgws:
        sockets = sum(
            SOCKETS.get(r, 0) * len(i) for r, i in daemons(site.nodes[name], cluster).items()
        )
        # twice: what restarts takes others than it had
        if (port in PORTS and name in cluster.mons) or first <= port < first + 2 * sockets:
            message = f"{port} is one of the ports that other daemons of `{name}` take"
            yield TAKEN.at(("ceph", "rgw_port"), message)
            return
