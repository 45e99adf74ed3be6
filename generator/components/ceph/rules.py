"""What can be wrong with a `ceph:` part. Facts: Ceph 16.2, its documentation and its daemons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.claims import Claims, MountOrder
from generator.components.ceph import settings
from generator.components.ceph.claims import SOCKETS, daemons
from generator.components.ceph.layout import (
    GATEWAY_POOLS,
    PORTS,
    Layout,
    PoolLayout,
    listed,
    release,
    releases,
)
from generator.components.ceph.placement import GATEWAYS, copies, per_osd, serves, unplanned
from generator.language.findings import Finding, Path, Rule, Severity, dotted, errors
from generator.planning.resolve import selector
from generator.planning.site import Site

_WHOLE = re.compile(r"/dev/(disk/by-(id|path)/)?[A-Za-z0-9._:+@-]+\Z")
_PART = re.compile(r"-part\d+\Z|/dev/(sd|vd|xvd|hd)[a-z]+\d+\Z|/dev/(nvme|mmcblk|loop)[^/]*p\d+\Z")
_STATES = "docs.ceph.com, PG states; pools, min_size"

FEW_PLACES = Rule(
    "C01",
    "more copies than places for them",
    "A copy has a failure domain of its own or does not exist: the pool works and stays "
    "undersized, with HEALTH_WARN, until there are as many places as copies.",
    "add OSDs in further failure domains, or accept this finding with the day they come",
    Severity.WARNING,
    source=f"{_STATES}; rook#11987, rook#10672",
)
NO_ADDRESS = Rule(
    "C02",
    "a daemon without an address in its network",
    "Monitors listen on their address in the public network, OSDs also on one in the cluster "
    "network; without one they take any other, or do not start.",
    "give the node an address in that network (`addresses`)",
    source="ceph-ansible#6342; docs.ceph.com, network configuration",
)
MIN_SIZE_1 = Rule(
    "C03",
    "a pool that is written with one copy left",
    "With `min_size: 1` what is written while one copy is left is lost with that OSD, and "
    "two OSDs that fail one after the other leave contradictory copies.",
    "use `min_size: 2`, or leave it out",
    source="ceph/ceph#17912, ceph-medic#11",
)
SIZE_1 = Rule(
    "C04",
    "a pool with one copy",
    "One lost OSD loses a part of everything in it; Ceph refuses such a pool unless it is "
    "told to allow it.",
    "use `size: 3`",
    source="ceph/ceph#33281; mon_allow_pool_size_one",
)
NOT_POWER = Rule(
    "C06",
    "a pg_num that is not a power of two",
    "Placement groups would differ in size by a factor of two, and Ceph says so for ever "
    "(POOL_PG_NUM_NOT_POWER_OF_TWO).",
    "use the next power of two, or `auto`",
    Severity.WARNING,
    source=settings.HEALTH,
)
NO_DISK = Rule(
    "C09",
    "an OSD on a disk that the node does not have",
    "OSDs live on disks that the spec names, never on whatever is free.",
    "add the node to the disk's `nodes`, or name another disk",
    source="ceph/ceph#35744",
)
NEVER_SERVES = Rule(
    "C101",
    "a pool that never serves",
    "There are fewer failure domains than `min_size`: its placement groups are peered and "
    "inactive, and whoever reads or writes waits for ever.",
    "use `failure_domain: osd`, or add OSDs in further failure domains",
    source=_STATES,
)
EVEN = Rule(
    "C104",
    "an even number of monitors",
    "A quorum is more than half: with two monitors none may fail, with four as many as with three.",
    "use one, three or five",
    Severity.WARNING,
    source="docs.ceph.com, adding and removing monitors",
)
ONE_MON = Rule(
    "C105",
    "one monitor",
    "While it is down nobody new is served and no failure is handled; whoever is connected "
    "goes on for a while. Its store is the only copy of what the cluster knows about itself.",
    "use three, on machines that do not fail together",
    Severity.INFO,
    source="docs.ceph.com, monitor configuration",
)
TWICE = Rule(
    "C106",
    "one disk or one number for two OSDs",
    "An OSD has its disk and its number for itself.",
    "name each disk of a node once, and give ids that differ",
)
TOO_MANY = Rule(
    "C107",
    "more placement groups than the monitors allow",
    "Above mon_max_pg_per_osd the monitors refuse to make the pool. Gateways make theirs when "
    "they first start and when something is first kept: then an upload fails, and no check of "
    "health says why.",
    "use fewer `pg_num`, about 100 copies of placement groups for each OSD; for pools that are "
    "not in the spec, `osd_pool_default_pg_num: 8` in `settings`, and "
    '`osd_pool_default_pg_autoscale_mode: "off"`, or the autoscaler brings each to 32',
    source="OSDMonitor.cc, check_pg_num; mon_max_pg_per_osd",
)
OTHER_RELEASE = Rule(
    "C108",
    "a release that is not the platform's",
    "What a release knows, how it stores keys and which ports it takes is not the same in "
    "the next one.",
    "leave `release` out, or use a platform that has it",
)
NO_NETWORK = Rule(
    "C109",
    "a network that does not exist",
    "Daemons take their addresses from it.",
    "use a name of `networks`",
)
NOT_MEMBER = Rule(
    "C110",
    "a role outside of the cluster's nodes",
    "A daemon needs the configuration that only `ceph.nodes` get.",
    "add the node to `ceph.nodes`, or leave that out",
)
ABOVE_SIZE = Rule(
    "C111",
    "more copies to wait for than there are",
    "`min_size` counts copies out of `size`; Ceph refuses more.",
    "use a `min_size` of at most `size`",
    source="OSDMonitor.cc, osd pool set min_size",
)
ROOT = Rule(
    "C112",
    "the daemons' account is root",
    "Whoever gets at a daemon of Ceph has the machine. Only ceph-deploy, which is not "
    "maintained since 2020, needed it.",
    "leave `sudo` out once nothing uses it",
    Severity.INFO,
    source="github.com/ceph/ceph-deploy, README",
)
FAMILIES = Rule(
    "C114",
    "addresses of two families in one cluster",
    "Daemons bind to one family unless they are told otherwise; those of the other are not "
    "reached.",
    "give all nodes of the cluster addresses of one family",
    source="docs.ceph.com, network configuration (ms_bind_ipv6)",
)
NO_FILES = Rule(
    "C115",
    "a file system without its pools or its metadata server",
    "CephFS keeps names and contents in two pools of its own, and each file system needs a "
    "metadata server that is active for it alone.",
    "add the pools with `application: cephfs`, and a node to `mds`",
    source="docs.ceph.com, cephfs/createfs; cephfs/add-remove-mds",
)
NO_GATEWAY = Rule(
    "C116",
    "a gateway that never starts",
    "An object gateway makes pools of `osd_pool_default_size` copies before it answers. Where "
    "those never serve it waits, and ends after rgw_init_timeout, again and again.",
    "use `failure_domain: osd`, or add OSDs in further failure domains",
    source="docs.ceph.com, radosgw, pools",
)
TAKEN = Rule(
    "C117",
    "a gateway's port that other daemons take",
    "Monitors have 3300 and 6789, and the others take the first that are free from 6800 on: "
    "whoever starts last does not get it.",
    "leave `rgw_port` out, or use 80 or 8080",
    source="ms_bind_port_min, ms_bind_port_max",
)
ONE_OF_TWO = Rule(
    "C119",
    "an OSD on a disk and a device, or on neither",
    "An OSD is a file on a disk's file system, or has a device for itself: one of the two.",
    "name a disk of `disks` by `disk`, or a whole, empty device by `device`",
)
NOT_WHOLE = Rule(
    "C120",
    "a device that is not a whole one under a lasting name",
    "`ceph-volume` takes whole devices. A partition is a part of what somebody else has, and "
    "/dev/sda may be another disk after the next boot.",
    "name the device by /dev/disk/by-id/..., or by the provider's fixed name",
    source="docs.ceph.com, ceph-volume/lvm/prepare; udev(7), persistent names",
)
OWNED = Rule(
    "C121",
    "a device with two owners",
    "An OSD has its device for itself: a file system or another OSD on it would be refused "
    "on the node, after everything else was made.",
    "give each OSD and each of `disks` its own device",
    source="docs.ceph.com, ceph-volume/lvm/prepare",
)
SHARED = Rule(
    "C122",
    "an OSD on a disk that others fill",
    "An OSD takes nearly all of its disk's file system at once. Whoever else keeps something "
    "there is out of space from then on, or the OSD is never made.",
    "give the OSD a disk of its own",
)
RULES = (
    FEW_PLACES,
    NO_ADDRESS,
    MIN_SIZE_1,
    SIZE_1,
    NOT_POWER,
    NO_DISK,
    NEVER_SERVES,
    EVEN,
    ONE_MON,
    TWICE,
    TOO_MANY,
    OTHER_RELEASE,
    NO_NETWORK,
    NOT_MEMBER,
    ABOVE_SIZE,
    ROOT,
    FAMILIES,
    NO_FILES,
    NO_GATEWAY,
    TAKEN,
    ONE_OF_TWO,
    NOT_WHOLE,
    OWNED,
    SHARED,
)

# That of one-time passwords comes only where somebody uses them.
MADE = [name for name in GATEWAY_POOLS if not name.endswith(".otp")]
# The autoscaler leaves no pool below that (pg_autoscaler/module.py, PG_NUM_MIN).
SCALED = 32


def check(site: Site, found: Layout) -> Iterator[Finding]:
    """Every finding about the cluster, its daemons, disks, pools and settings."""
    bad = [*_selectors(site, found), *_networks(site, found)]
    yield from bad
    if errors(bad):
        return
    yield from _release(site, found)
    yield from _members(found)
    yield from _addresses(site, found)
    yield from _mons(found)
    yield from _osds(site, found)
    yield from _devices(site, found)
    bad = [*settings.check(found)]
    yield from bad
    if errors(bad):
        return
    for pool in found.pools:
        yield from _pool(found, pool)
    yield from _groups(found)
    yield from _filesystems(found)
    yield from _gateways(site, found)
    if found.spec.sudo:
        yield ROOT.at(("ceph", "sudo"), "the account `ceph` may do everything as root")


def review(site: Site, found: Layout, claims: Claims) -> Iterator[Finding]:
    """Disks that daemons of other components wait for, and so use."""
    for osd in found.osds:
        if osd.disk is None:
            continue
        for user in claims.of(MountOrder, osd.node):
            if user.path == osd.disk.mount:
                message = f"`{osd.disk.name}` of `{osd.node}` is also used by {user.role}"
                yield SHARED.at(osd.path, message, also=(user.spec,))


def _selectors(site: Site, found: Layout) -> Iterator[Finding]:
    spec = found.spec
    for key in ("nodes", "mon", "mgr", "mds", "rgw", "admin"):
        yield from selector(site, getattr(spec, key), ("ceph", key))
    for name in spec.osd:
        yield from selector(site, [name], ("ceph", "osd", name))


def _networks(site: Site, found: Layout) -> Iterator[Finding]:
    for key in ("public_network", "cluster_network"):
        name = getattr(found.spec, key)
        if name is not None and name not in site.networks:
            yield NO_NETWORK.at(("ceph", key), f"there is no network `{name}`")


def _release(site: Site, found: Layout) -> Iterator[Finding]:
    wanted = found.spec.release
    if wanted is not None and wanted != found.release.name:
        message = f"the platform has {found.release.name}, not `{wanted}`"
        hint = "" if wanted in releases() else f"known: {', '.join(releases())}"
        yield OTHER_RELEASE.at(("ceph", "release"), message, hint)
    for name in found.nodes:
        node = site.nodes[name]
        if release(node) != found.release:
            message = f"`{name}` has {release(node).name}, its monitors have {found.release.name}"
            yield OTHER_RELEASE.at(node.path, message)


def _members(found: Layout) -> Iterator[Finding]:
    osds = tuple(dict.fromkeys(osd.node for osd in found.osds))
    roles = {"mon": found.mons, "mgr": found.mgrs, "mds": found.mdss, "rgw": found.rgws}
    roles |= {"admin": found.admins}
    for key, names in (*roles.items(), ("osd", osds)):
        strangers = [name for name in names if name not in found.nodes]
        if strangers:
            yield NOT_MEMBER.at(("ceph", key), f"`{strangers[0]}` is not one of `ceph.nodes`")


def _addresses(site: Site, found: Layout) -> Iterator[Finding]:
    daemons = {"mon": found.mons, "mgr": found.mgrs, "mds": found.mdss, "rgw": found.rgws}
    # who forms the cluster reaches monitors from there only
    daemons |= {"admin": found.admins}
    wanted: list[tuple[Path, str, str]] = [
        (("ceph", key), name, found.public) for key, names in daemons.items() for name in names
    ]
    for osd in found.osds:
        wanted += [(osd.path, osd.node, found.public), (osd.path, osd.node, found.cluster)]
    for path, name, network in dict.fromkeys(wanted):
        if network not in site.nodes[name].addresses:
            message = f"`{name}` has no address in `{network}`"
            yield NO_ADDRESS.at(path, message, also=(site.nodes[name].path,))
    families = {":" in a for n in found.nodes for a in _both(site, found, n)}
    if len(families) > 1:
        yield FAMILIES.at(("ceph",), "the cluster has IPv4 and IPv6 addresses", key=True)


def _both(site: Site, found: Layout, name: str) -> Iterator[str]:
    known = site.nodes[name].addresses
    return (known[network] for network in (found.public, found.cluster) if network in known)


def _mons(found: Layout) -> Iterator[Finding]:
    count = len(found.mons)
    if count == 1:
        yield ONE_MON.at(("ceph", "mon"), f"without `{found.mons[0]}` nobody new is served")
    elif count % 2 == 0:
        message = f"{count} monitors stand no more failures than {count - 1}"
        yield EVEN.at(("ceph", "mon"), message)


def _osds(site: Site, found: Layout) -> Iterator[Finding]:
    owned = {(disk.node, disk.name) for disk in site.disks}
    seen: set[tuple[str, str]] = set()
    numbers: dict[int, Path] = {}
    for node, path, osd in listed(site, found.spec):
        if (osd.disk is None) == (osd.device is None):
            both = "both a disk and a device" if osd.disk else "neither a disk nor a device"
            yield ONE_OF_TWO.at(path, f"the OSD has {both}")
        elif osd.disk is not None:
            if (node, osd.disk) not in owned:
                yield NO_DISK.at(path, f"`{node}` has no disk `{osd.disk}`")
            elif (node, osd.disk) in seen:
                yield TWICE.at(path, f"`{osd.disk}` of `{node}` has an OSD already")
            seen.add((node, osd.disk))
        if osd.id is not None and osd.id in numbers:
            yield TWICE.at(path, f"osd.{osd.id} is given twice", also=(numbers[osd.id],))
        elif osd.id is not None:
            numbers[osd.id] = path


def _devices(site: Site, found: Layout) -> Iterator[Finding]:
    """Of OSDs that have a device for themselves."""
    owners = {(disk.node, disk.device): disk.path for disk in site.disks}
    for node, place, osd in listed(site, found.spec):
        if osd.device is None:
            continue
        path = (*place, "device")
        if _PART.search(osd.device) or not _WHOLE.match(osd.device):
            yield NOT_WHOLE.at(path, f"`{osd.device}` is not a whole device's name")
        elif osd.device.startswith("/dev/sd"):
            yield NOT_WHOLE.at(path, f"`{osd.device}` may change at boot")
        if (node, osd.device) in owners:
            owner = owners[node, osd.device]
            message = f"`{osd.device}` of `{node}` is also that of `{dotted(owner)}`"
            yield OWNED.at(path, message, also=(owner,))
        owners.setdefault((node, osd.device), path)


def _pool(found: Layout, pool: PoolLayout) -> Iterator[Finding]:
    path = pool.path
    if pool.min_size > pool.size:
        yield ABOVE_SIZE.at((*path, "min_size"), f"{pool.min_size} of {pool.size} copies")
        return
    if pool.size == 1:
        yield SIZE_1.at((*path, "size"), f"pool `{pool.name}` keeps one copy of everything")
    elif pool.min_size == 1:
        message = f"pool `{pool.name}` is written with one copy left"
        yield MIN_SIZE_1.at((*path, "min_size"), message)
    if pool.pg_num & (pool.pg_num - 1):
        yield NOT_POWER.at((*path, "pg_num"), f"{pool.pg_num} is not a power of two")
    places, domain = copies(found, pool), found.spec.failure_domain
    text = f"pool `{pool.name}` wants {pool.size} copies, and there are {places} {domain}(s)"
    also: tuple[Path, ...] = (("ceph", "osd"),)
    if places < pool.min_size:
        yield NEVER_SERVES.at(path, f"{text}: it never serves", key=True, also=also)
    elif places < pool.size:
        yield FEW_PLACES.at(path, f"{text}: it stays undersized", key=True, also=also)


def _groups(found: Layout) -> Iterator[Finding]:
    start, allowed = (
        found.setting(key) for key in ("osd_pool_default_pg_num", "mon_max_pg_per_osd")
    )
    if not (start.isdigit() and allowed.isdigit()):
        return
    scaled = max(int(start), SCALED)
    grows = found.setting("osd_pool_default_pg_autoscale_mode") == "on"
    each = scaled if grows else int(start)
    copies_of = sum(pool.size for pool in unplanned(found) if pool.name == GATEWAYS)
    by_gateways = each * copies_of * len(MADE)
    total = by_gateways + sum((pool.pg_num or scaled) * pool.size for pool in found.pools)
    # the monitors count three OSDs where there are fewer (OSDMonitor.cc, check_pg_num)
    most = max(len(found.osds), 3)
    if total > int(allowed) * most:
        message = f"{total // most} for each OSD, with {float(per_osd(found)):.0f} in use"
        if by_gateways:
            message = (
                f"{total // most} for each OSD, {by_gateways // most} of them in the "
                f"{len(MADE)} pools of {each} that gateways make: the last ones cannot be made, "
                "and an upload is answered with 416 InvalidRange"
            )
        yield TOO_MANY.at(("ceph", "pools"), f"{message}; the limit is {allowed}")


def _filesystems(found: Layout) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for name, filesystem in found.spec.filesystems.items():
        for key in ("metadata", "data"):
            pool = getattr(filesystem, key)
            path = ("ceph", "filesystems", name, key)
            if pool not in found.spec.pools:
                yield NO_FILES.at(path, f"there is no pool `{pool}`")
            elif found.spec.pools[pool].application != "cephfs":
                yield NO_FILES.at(path, f"pool `{pool}` is not for `cephfs`")
            elif pool in owners:
                yield NO_FILES.at(path, f"pool `{pool}` belongs to `{owners[pool]}`")
            elif not _served(found, pool):
                yield NO_FILES.at(path, f"pool `{pool}` never serves, and so no file is", key=True)
            owners.setdefault(pool, name)
    wanted = len(found.spec.filesystems)
    if wanted > len(found.mdss):
        message = f"{wanted} file system(s), and {len(found.mdss)} metadata server(s)"
        yield NO_FILES.at(("ceph", "filesystems"), message, key=True)


def _served(found: Layout, name: str) -> bool:
    return all(serves(pool, copies(found, pool)) for pool in found.pools if pool.name == name)


def _gateways(site: Site, found: Layout) -> Iterator[Finding]:
    for pool in unplanned(found):
        places = copies(found, pool)
        where = ("ceph", "settings", "osd_pool_default_size")
        if pool.name == GATEWAYS and pool.size == 1:
            yield SIZE_1.at(where, "the pools of gateways keep one copy of everything")
        elif pool.name == GATEWAYS and pool.min_size == 1:
            yield MIN_SIZE_1.at(where, "the pools of gateways are written with one copy left")
        if pool.name == GATEWAYS and not serves(pool, places):
            message = f"its pools want {pool.size} copies, and there are {places} places"
            yield NO_GATEWAY.at(pool.path, message, key=True, also=(("ceph", "osd"),))
    port, first = found.spec.rgw_port, found.release.ports[0]
    for name in found.rgws:
        sockets = sum(
            SOCKETS.get(r, 0) * len(i) for r, i in daemons(site.nodes[name], found).items()
        )
        # twice: what restarts takes others than it had
        if (port in PORTS and name in found.mons) or first <= port < first + 2 * sockets:
            message = f"{port} is one of the ports that other daemons of `{name}` take"
            yield TAKEN.at(("ceph", "rgw_port"), message)
            return
