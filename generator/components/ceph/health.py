"""What `ceph health` will say of a cluster that is as its spec says: codes, reasons and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.components.ceph.layout import Layout
from generator.components.ceph.options import options
from generator.components.ceph.placement import copies, in_use, serves, unplanned

# Seconds until the monitors have looked, once all daemons are up: mon_health_tick, and some.
LOOKED = 15
# Of placement groups that stay as they are they speak after mon_pg_stuck_threshold and some
# reports of the managers; seen after 60 to 90 s with the default of 60.
REPORTED = 30
# How often each kind of scrub is due, and what part of that more until it is late.
SCRUBS = {
    "PG_NOT_SCRUBBED": ("osd_scrub_max_interval", "mon_warn_pg_not_scrubbed_ratio"),
    "PG_NOT_DEEP_SCRUBBED": ("osd_deep_scrub_interval", "mon_warn_pg_not_deep_scrubbed_ratio"),
}
DAY = 24 * 3600
# What is said of slow disks, by releases that know for how long.
SLOW_DISKS = {
    "BLUESTORE_SLOW_OP_ALERT": "bluestore_slow_ops_warn_lifetime",
    "BLOCK_DEVICE_STALLED_READ_ALERT": "bdev_stalled_read_warn_lifetime",
}
STUCK = ("PG_AVAILABILITY", "PG_DEGRADED")
# With fewer OSDs the monitors count as many when they make a pool (OSDMonitor.cc, check_pg_num).
ROOM = 3
# Codes that an option keeps from showing.
SILENCED = {
    "AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED": "mon_warn_on_insecure_global_id_reclaim_allowed",
    "OSD_NO_DOWN_OUT_INTERVAL": "mon_warn_on_osd_down_out_interval_zero",
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


def health(cluster: Layout) -> Health:
    """What `ceph health` names while everything is as the spec says."""
    pools = (*cluster.pools, *unplanned(cluster))
    few = [pool for pool in pools if copies(cluster, pool) < pool.size]
    dead = [pool for pool in few if not serves(pool, copies(cluster, pool))]
    default = cluster.count("osd_pool_default_size")
    must: dict[str, str] = {}
    may = {"MON_DISK_LOW": "depends on what else fills a monitor's disk (mon_data_avail_warn)"}
    known = options(cluster.release.name)
    may |= {
        code: f"depends on how fast an OSD's disk is, and stays for a while ({lifetime})"
        for code, lifetime in SLOW_DISKS.items()
        if lifetime in known
    }
    if len(cluster.osds) < default:
        must["TOO_FEW_OSDS"] = f"{len(cluster.osds)} OSDs, and osd_pool_default_size is {default}"
    if few:
        count = copies(cluster, few[0])
        must["PG_DEGRADED"] = f"{few[0].name}: {count} of {few[0].size} copies find a place"
        for code in SCRUBS:
            if days := _overdue(cluster, code):
                may[code] = f"from day {days:.4g} on: what is never clean is never scrubbed"
    if dead:
        must["PG_AVAILABILITY"] = (
            f"{dead[0].name}: {copies(cluster, dead[0])} of {dead[0].size} copies, and min_size is "
            f"{dead[0].min_size}"
        )
        may["SLOW_OPS"] = "what is asked of a pool that does not serve waits in its OSDs"
    if any(pool.size == 1 for pool in pools):
        must["POOL_NO_REDUNDANCY"] = "a pool with one copy"
    if any(pool.pg_num & (pool.pg_num - 1) for pool in cluster.pools):
        must["POOL_PG_NUM_NOT_POWER_OF_TWO"] = "a pool whose pg_num is not a power of two"
    if not marks_out(cluster):
        must["OSD_NO_DOWN_OUT_INTERVAL"] = "mon_osd_down_out_interval is 0"
    each, most = in_use(cluster), cluster.count("mon_max_pg_per_osd")
    if 0 < most < each:
        must["TOO_MANY_PGS"] = f"{each} on each OSD, and mon_max_pg_per_osd is {most}"
    elif len(cluster.osds) < ROOM and (
        cluster.rgws or not all(pool.pg_num for pool in cluster.pools)
    ):
        may["TOO_MANY_PGS"] = "depends on what the autoscaler and gateways make"
    if len(cluster.spec.filesystems) >= len(cluster.mdss) > 0:
        may["MDS_INSUFFICIENT_STANDBY"] = (
            "no metadata server stands by; said if one has ever stood by (standby_count_wanted)"
        )
    if not cluster.modules:
        must["MGR_MODULE_DEPENDENCY"] = "the platform's managers cannot load some of their modules"
    if cluster.truth("auth_allow_insecure_global_id_reclaim"):
        must["AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED"] = (
            "auth_allow_insecure_global_id_reclaim is true, as the release has it"
        )
    for code, option in SILENCED.items():
        if not cluster.truth(option):
            must.pop(code, None)
    lost = "what one monitor forwards to another can be lost while they elect; it waits for ever"
    return Health(must, may, {"SLOW_OPS": lost} if len(cluster.mons) > 1 else {})


def _overdue(cluster: Layout, code: str) -> float:
    """Days after which groups that were never scrubbed are late; 0 where nobody is told.

    health-checks.rst; PGMap.cc, get_health_checks.
    """
    interval, ratio = (cluster.number(name) for name in SCRUBS[code])
    return (1 + ratio) * interval / DAY if ratio and interval else 0


def soon(cluster: Layout, code: str) -> int:
    """Seconds until a code that must show does, once all daemons are up.

    Where there are objects, the monitors speak of what is degraded at once.
    """
    return reported(cluster) if code in STUCK else LOOKED


def reported(cluster: Layout) -> int:
    """Seconds until the monitors speak of placement groups that stay as they are."""
    return cluster.count("mon_pg_stuck_threshold") + REPORTED


def marks_out(cluster: Layout) -> bool:
    """Whether OSDs that stay down are marked out at all."""
    return cluster.count("mon_osd_down_out_interval") > 0
