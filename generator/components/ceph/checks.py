"""What can be wrong with a cluster and its daemons; with its pools, see `pool_checks`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.claims import Claims, MountOrder
from generator.components.ceph import clients, pool_checks, settings
from generator.components.ceph.layout import (
    Layout,
    listed,
    release,
)
from generator.components.ceph.options import releases
from generator.components.ceph.rules import (
    EVEN,
    FAMILIES,
    NO_ADDRESS,
    NO_DISK,
    NO_NETWORK,
    NOT_MEMBER,
    NOT_WHOLE,
    ONE_DB,
    ONE_MON,
    ONE_OF_TWO,
    ONE_ZONE,
    OTHER_RELEASE,
    OWNED,
    ROOT,
    SHARED,
    TWICE,
)
from generator.language.findings import Finding, Path, dotted, errors
from generator.planning.disks import not_a_disk, whole
from generator.planning.resolve import selector
from generator.planning.site import REORDERED, Site

_WHOLE = re.compile(r"/dev/(disk/by-(id|path)/)?[A-Za-z0-9._:+@-]+\Z")
_PART = re.compile(r"-part\d+\Z|/dev/(sd|vd|xvd|hd)[a-z]+\d+\Z|/dev/(nvme|mmcblk|loop)[^/]*p\d+\Z")


def check(site: Site, cluster: Layout) -> Iterator[Finding]:
    """Every finding about the cluster, its daemons, disks, pools and settings."""
    bad = [*_selectors(site, cluster), *_networks(site, cluster)]
    yield from bad
    if errors(bad):
        return
    yield from _release(site, cluster)
    yield from _members(cluster)
    yield from _addresses(site, cluster)
    yield from _mons(cluster)
    yield from _zones(site, cluster)
    yield from _osds(site, cluster)
    yield from _devices(site, cluster)
    bad = [*settings.check(cluster)]
    yield from bad
    if errors(bad):
        return
    yield from pool_checks.check(site, cluster)
    yield from clients.check(cluster)
    if cluster.spec.sudo:
        yield ROOT.at(("ceph", "sudo"), "the account `ceph` may do everything as root")


def review(site: Site, cluster: Layout, claims: Claims) -> Iterator[Finding]:
    """Disks that daemons of other components wait for, and so use; accounts that nobody makes."""
    for osd in cluster.osds:
        if osd.disk is None:
            continue
        for user in claims.of(MountOrder, osd.node):
            if user.path == osd.disk.mount:
                message = f"`{osd.disk.name}` of `{osd.node}` is also used by {user.role}"
                yield SHARED.at(osd.path, message, also=(user.spec,))
    yield from clients.review(site, cluster, claims)


def _selectors(site: Site, cluster: Layout) -> Iterator[Finding]:
    spec = cluster.spec
    for key in ("nodes", "mon", "mgr", "mds", "rgw", "admin"):
        yield from selector(site, getattr(spec, key), ("ceph", key))
    for name in spec.osd:
        yield from selector(site, [name], ("ceph", "osd", name))
    yield from clients.selectors(site, cluster)


def _networks(site: Site, cluster: Layout) -> Iterator[Finding]:
    for key in ("public_network", "cluster_network"):
        name = getattr(cluster.spec, key)
        if name is not None and name not in site.networks:
            yield NO_NETWORK.at(("ceph", key), f"there is no network `{name}`")


def _release(site: Site, cluster: Layout) -> Iterator[Finding]:
    wanted = cluster.spec.release
    if wanted is not None and wanted != cluster.release.name:
        message = f"the platform has {cluster.release.name}, not `{wanted}`"
        hint = "" if wanted in releases() else f"known: {', '.join(releases())}"
        yield OTHER_RELEASE.at(("ceph", "release"), message, hint)
    for name in cluster.nodes:
        node = site.nodes[name]
        if release(node) != cluster.release:
            message = f"`{name}` has {release(node).name}, its monitors have {cluster.release.name}"
            yield OTHER_RELEASE.at(node.path, message)


def _members(cluster: Layout) -> Iterator[Finding]:
    osds = tuple(dict.fromkeys(osd.node for osd in cluster.osds))
    roles = {"mon": cluster.mons, "mgr": cluster.mgrs, "mds": cluster.mdss, "rgw": cluster.rgws}
    roles |= {"admin": cluster.admins}
    for key, names in (*roles.items(), ("osd", osds)):
        strangers = [name for name in names if name not in cluster.nodes]
        if strangers:
            yield NOT_MEMBER.at(("ceph", key), f"`{strangers[0]}` is not one of `ceph.nodes`")
    for client in cluster.clients:
        strangers = [name for name in client.nodes if name not in cluster.nodes]
        if strangers:
            message = f"`{strangers[0]}` is not one of `ceph.nodes`"
            yield NOT_MEMBER.at((*client.path, "nodes"), message)


def _addresses(site: Site, cluster: Layout) -> Iterator[Finding]:
    daemons = {"mon": cluster.mons, "mgr": cluster.mgrs, "mds": cluster.mdss, "rgw": cluster.rgws}
    # who forms the cluster reaches monitors from there only
    daemons |= {"admin": cluster.admins}
    wanted: list[tuple[Path, str, str]] = [
        (("ceph", key), name, cluster.public_network)
        for key, names in daemons.items()
        for name in names
    ]
    wanted += [
        ((*client.path, "nodes"), name, cluster.public_network)
        for client in cluster.clients
        for name in client.nodes
    ]
    for osd in cluster.osds:
        wanted += [
            (osd.path, osd.node, cluster.public_network),
            (osd.path, osd.node, cluster.cluster_network),
        ]
    for path, name, network in dict.fromkeys(wanted):
        if network not in site.nodes[name].addresses:
            message = f"`{name}` has no address in `{network}`"
            yield NO_ADDRESS.at(path, message, also=(site.nodes[name].path,))
    yield from _families(site, cluster)


def _families(site: Site, cluster: Layout) -> Iterator[Finding]:
    """A first node of each family is named, at that of the fewer ones."""
    of: dict[bool, list[str]] = {}
    for name in cluster.nodes:
        for address in _both(site, cluster, name):
            of.setdefault(":" in address, []).append(name)
    if len(of) > 1:
        four, six = of[False], of[True]
        message = f"`{four[0]}` has an IPv4 address in the cluster, `{six[0]}` an IPv6 one"
        odd, other = (site.nodes[names[0]].path for names in sorted((four, six), key=len))
        yield FAMILIES.at(odd, message, key=True, also=(("ceph",), other))


def _both(site: Site, cluster: Layout, name: str) -> Iterator[str]:
    known = site.nodes[name].addresses
    return (
        known[network]
        for network in (cluster.public_network, cluster.cluster_network)
        if network in known
    )


def _mons(cluster: Layout) -> Iterator[Finding]:
    count = len(cluster.mons)
    if count == 1:
        yield ONE_MON.at(("ceph", "mon"), f"without `{cluster.mons[0]}` nobody new is served")
    elif count % 2 == 0:
        message = f"{count} monitors stand no more failures than {count - 1}"
        yield EVEN.at(("ceph", "mon"), message)


def _zones(site: Site, cluster: Layout) -> Iterator[Finding]:
    """Whether one zone of several has so many monitors that the rest makes no quorum."""
    zones = [site.nodes[name].zone for name in cluster.mons]
    if len({site.nodes[name].zone for name in cluster.nodes}) < 2:
        return
    for zone in dict.fromkeys(zones):
        left = len(zones) - zones.count(zone)
        if zone and 2 * left <= len(zones):
            message = f"without zone `{zone}` {left or 'none'} of {len(zones)} monitors are left"
            yield ONE_ZONE.at(("ceph", "mon"), message)
            return


def _osds(site: Site, cluster: Layout) -> Iterator[Finding]:
    owned = {(disk.node, disk.name) for disk in site.disks}
    seen: set[tuple[str, str]] = set()
    numbers: dict[int, Path] = {}
    for node, path, osd in listed(site, cluster.spec):
        if (osd.disk is None) == (osd.device is None):
            both = "both a disk and a device" if osd.disk else "neither a disk nor a device"
            yield ONE_OF_TWO.at(path, f"the OSD has {both}")
        elif osd.db is not None and osd.disk is not None:
            message = f"the OSD is a file on `{osd.disk}`, and its metadata with it"
            yield ONE_OF_TWO.at((*path, "db"), message, key=True)
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


def _devices(site: Site, cluster: Layout) -> Iterator[Finding]:
    """Of OSDs that have a device for themselves."""
    owners = {(disk.node, disk.device): disk.path for disk in site.disks}
    parts = {(disk.node, whole(disk.device)): disk for disk in site.disks if whole(disk.device)}
    named = tuple(listed(site, cluster.spec))
    whole_ones = [(node, (*p, "device"), osd.device) for node, p, osd in named if osd.device]
    # of those for metadata several OSDs may have a part: they come last, and own nothing
    shared = [(node, (*p, "db", "device"), o.db.device) for node, p, o in named if o.db]
    for node, path, device in (*whole_ones, *shared):
        if _PART.search(device) or not _WHOLE.match(device) or not_a_disk(device):
            yield NOT_WHOLE.at(path, f"`{device}` is not a whole device's name")
        elif device.startswith(REORDERED):
            yield NOT_WHOLE.at(path, f"`{device}` may change at boot")
        if (node, device) in owners:
            owner = owners[node, device]
            message = f"`{device}` of `{node}` is also that of `{dotted(owner)}`"
            yield OWNED.at(path, message, also=(owner,))
        elif (node, device) in parts:
            disk = parts[node, device]
            message = f"`{disk.device}` of disk `{disk.name}` is a part of `{device}`"
            yield OWNED.at(path, message, also=(disk.path,))
        if path[-2] != "db":
            owners.setdefault((node, device), path)
    yield from _one_db(cluster)


def _one_db(cluster: Layout) -> Iterator[Finding]:
    """Where OSDs are failure domains, those with one device for metadata are one in truth."""
    for node in cluster.by_node if cluster.spec.failure_domain == "osd" else ():
        for device, osds in cluster.beside(node).items():
            if len(osds) > 1:
                names = ", ".join(f"osd.{osd.id}" for osd in osds)
                message = f"{names} of `{node}` have their metadata on `{device}`"
                yield ONE_DB.at((*osds[1].path, "db"), message, key=True)
