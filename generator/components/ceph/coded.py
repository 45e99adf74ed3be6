"""What can be wrong with an erasure-coded pool."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.ceph.layout import GATEWAY_POOLS, Layout, PoolLayout, rule_name
from generator.components.ceph.model import CLASSES
from generator.components.ceph.placement import copies
from generator.components.ceph.rules import ABOVE_SIZE, NOT_POWER
from generator.language.findings import Finding, Path, Rule, Severity

LEFT_OUT = "leave `min_size` out, which is one more than `data`"
_CODES = "docs.ceph.com, erasure-code; `osd pool create` of 16.2.15 and 18.2.7"

NO_SPARE = Rule(
    "C135",
    "an erasure-coded pool that is written with nothing to spare",
    "With as many chunks as `data` an object can just be read: what is written then is lost with "
    "the next OSD. Ceph takes no smaller `min_size`.",
    LEFT_OUT,
    source=_CODES,
)
ONE_CODING = Rule(
    "C136",
    "an erasure-coded pool that no failure spares",
    "It waits below `min_size`. Where that is all of its chunks, any OSD or host that is down "
    "stops the pool; left out, it is one more than `data`, which with one coding chunk is all.",
    "use `coding: 2`, and a host more",
    Severity.WARNING,
    source=_CODES,
)
COPIES = Rule(
    "C137",
    "copies of an erasure-coded pool",
    "Its size is `data` and `coding` together, once and for all.",
    "leave `size` out, or `erasure`",
    source=_CODES,
)
FEW_PLACES = Rule(
    "C138",
    "more chunks than places for them",
    "A chunk has a failure domain of its own or does not exist. Such a pool is never whole, and is "
    "lost with fewer failures than its code stands.",
    "add OSDs in further failure domains, or use smaller `data` and `coding`",
    source=_CODES,
)
NAMED = Rule(
    "C139",
    "an erasure-coded pool by the name of another profile or rule",
    "Its profile and its rule have its name. Where Ceph or another pool has one by that name, the "
    "monitors refuse it (EPERM, EINVAL) and the pool is never made, or two pools share a rule.",
    "use another name for the pool",
    source="OSDMonitor.cc, osd erasure-code-profile set, get_crush_rule; monitors of 16.2.15",
)
NOT_REPLICATED = Rule(
    "C140",
    "an erasure-coded pool where names are kept",
    "What gateways and managers keep beside the contents of objects (omap) no erasure-coded pool "
    "takes: whoever wants to write it is refused.",
    "leave `erasure` out; of the pools of gateways, only `*.buckets.data` may have it",
    source=f"{_CODES}; docs.ceph.com, radosgw, pools",
)
UNUSED = Rule(
    "C141",
    "an erasure-coded pool that its application cannot use",
    "An image is opened by what a replicated pool keeps of it, and has chunks only beside that. A "
    "file system's files go to one only where it is a further pool of its `data`.",
    "name it after another pool in `data` of a file system, use it for `rbd` beside a replicated "
    "one or for `rgw`, or leave `erasure` out",
    Severity.INFO,
    source=f"{_CODES}; rbd, erasure coding with overwrites",
)
RULES = (NO_SPARE, ONE_CODING, COPIES, FEW_PLACES, NAMED, NOT_REPLICATED, UNUSED)

# Applications of pools that managers' modules keep something in.
MANAGERS = ("mgr", "mgr_devicehealth")
# By name, what has it: of the monitors, or of replicated pools, those of a later build as well.
OWN = {
    "default": "a profile of the monitors' own",
    "erasure-code": "the rule of the monitors' own profile",
    **{rule_name(one): "the rule of replicated pools" for one in ("", *CLASSES)},
}


def check(cluster: Layout, pool: PoolLayout) -> Iterator[Finding]:
    """Every finding about it."""
    path = pool.path
    if pool.name in OWN:
        yield NAMED.at(path, f"`{pool.name}` is {OWN[pool.name]}", key=True)
    if who := _keeps_names(cluster, pool):
        message = f"{who} keep names and lists in `{pool.name}`"
        yield NOT_REPLICATED.at((*path, "erasure"), message, key=True)
    if "size" in cluster.spec.pools[pool.name].model_fields_set:
        yield COPIES.at((*path, "size"), f"pool `{pool.name}` keeps {pool.size} chunks, no copies")
    if pool.min_size > pool.size:
        message = f"{pool.min_size} of {pool.size} chunks"
        yield ABOVE_SIZE.at((*path, "min_size"), message, LEFT_OUT)
        return
    if pool.min_size <= pool.data:
        message = f"pool `{pool.name}` is written with {pool.min_size} of {pool.size} chunks"
        yield NO_SPARE.at((*path, "min_size"), message)
    elif pool.min_size == pool.size:
        message = f"pool `{pool.name}` needs all of its {pool.size} chunks"
        if pool.min_size > pool.data + 1:
            yield ONE_CODING.at((*path, "min_size"), message, LEFT_OUT)
        else:
            yield ONE_CODING.at((*path, "erasure", "coding"), message)
    if pool.pg_num & (pool.pg_num - 1):
        yield NOT_POWER.at((*path, "pg_num"), f"{pool.pg_num} is not a power of two")
    places = copies(cluster, pool)
    if places < pool.size:
        message = f"pool `{pool.name}` wants {pool.size} places for chunks, and there are {places}"
        message += f" {cluster.spec.failure_domain}(s)"
        message += f" of class {pool.device_class}" if pool.device_class else ""
        also: tuple[Path, ...] = (("ceph", "osd"),)
        yield FEW_PLACES.at((*path, "erasure"), message, key=True, also=also)


def unused(cluster: Layout) -> Iterator[Finding]:
    """Pools whose application lacks what it must have beside them."""
    images = any(pool.application == "rbd" and not pool.data for pool in cluster.pools)
    named = {pool for filesystem in cluster.spec.filesystems.values() for pool in filesystem.data}
    for pool in cluster.pools:
        path = (*pool.path, "application")
        if pool.data and pool.application == "cephfs" and pool.name not in named:
            yield UNUSED.at(path, f"no file system takes pool `{pool.name}`")
        elif pool.data and pool.application == "rbd" and not images:
            message = f"no replicated pool for `rbd` is beside `{pool.name}`"
            way = (
                "add a pool with `application: rbd` and without `erasure`: images are made in that "
                f"one, with `--data-pool {pool.name}`"
            )
            yield UNUSED.at(path, message, way)


def _keeps_names(cluster: Layout, pool: PoolLayout) -> str:
    """Who keeps more in a pool than what is in objects; empty where nobody does that is known."""
    if pool.name == cluster.release.own_pool or pool.application in MANAGERS:
        return "managers"
    # `default` is the zone of a gateway that knows of no other
    kind = pool.name.partition(".rgw.")[2]
    listed = pool.application == "rgw" and f"default.rgw.{kind}" in GATEWAY_POOLS
    return "gateways" if listed and kind != "buckets.data" else ""
