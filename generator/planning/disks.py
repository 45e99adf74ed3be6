"""The disks of a spec: whose they are, that they are disks, and that none is in another's place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from generator.language.findings import Finding, Path
from generator.language.ranges import RangeError, expand
from generator.language.spec import DiskSpec, SiteSpec
from generator.planning import per_node
from generator.planning.nodes import no_node
from generator.planning.rules import (
    BAD_RANGE,
    NESTED,
    NO_DEVICE,
    NO_ENTRY,
    PARTITION,
    RENAMED,
    REORDERS,
    SAME_PLACE,
    SAME_UUID,
    SYSTEM_PLACE,
    UUID_DERIVED,
)
from generator.planning.site import REORDERED, Node, Site, SiteDisk, derived, is_system_place
from generator.platforms import families

# What /dev has beside block devices: devices(7) as the kernel's devices.txt lists them, the folders
# that udev and devpts keep there, and drives that nothing can be kept on.
_OTHERS = re.compile(
    r"/dev/((autofs|bsg|btrfs-control|bus|char|console|core|cpu|cpu_dma_latency|cuse|dri|fd|full"
    r"|fuse|hpet|hugepages|hwrng|initctl|input|kmem|kmsg|kvm|log|loop-control|mapper/control|mem"
    r"|mqueue|net|null|nvram|port|ppp|ptmx|pts|random|rfkill|shm|snapshot|snd|stderr|stdin|stdout"
    r"|udmabuf|uhid|uinput|urandom|userfaultfd|vfio|vga_arbiter|vhost-[a-z]+|zero)(/.*)?"
    r"|(cdrom|dvd|hidraw|i2c-|nst|nvme|nvme-fabrics|rtc|sg|sr|st|tpm|tpmrm|tty|usbmon|vcs|vcsa"
    r"|vcsu|watchdog)[0-9]*|tty[A-Z][A-Za-z]*[0-9]+|block(/.*)?|disk(/by-[a-z-]+)?|mapper|md)"
)
_PART = re.compile(
    r"(/dev/disk/by-[a-z-]+/.+)-part[0-9]+"
    r"|(/dev/(?:sd|vd|xvd|hd)[a-z]+)[0-9]+"
    r"|(/dev/(?:nvme|mmcblk|loop|md|nbd)[^/]*[0-9])p[0-9]+"
)


def not_a_disk(device: str) -> str:
    """Why nothing can be kept on a device of that name; empty where something can."""
    if not device.startswith("/dev/"):
        return "is not below /dev"
    if " " in device:
        return "has a blank, which no name that udev gives has"
    return "is no disk on any machine" if _OTHERS.fullmatch(device) else ""


def whole(device: str) -> str:
    """The device that a partition is a part of, by its name; empty where it is none."""
    match = _PART.fullmatch(device)
    return next(filter(None, match.groups()), "") if match else ""


def disks(spec: SiteSpec, nodes: Mapping[str, Node], findings: list[Finding]) -> Iterator[SiteDisk]:
    """Each disk of each node, with every finding about one of them alone."""
    uuids: dict[str, Path] = {}
    for name, item in spec.disks.items():
        path: Path = ("disks", name)
        chosen = _choose(item, nodes, path, findings)
        devices = per_node.spread(item.device, chosen, (*path, "device"))
        given = per_node.spread(item.uuid or {}, chosen, (*path, "uuid"))
        findings += _names(item, chosen, nodes, path)
        findings += _uuids(item, path, Counter(where for _, where in given.values()), uuids)
        families_of = {nodes[node].platform.family for node in chosen}
        places = [place for one in sorted(families_of) for place in families.load(one).PLACES]
        findings += _disk(item, path, places)
        for node, (device, place) in devices.items():
            own = given[node][0] if node in given else ""
            yield SiteDisk(
                name=name,
                node=node,
                device=device,
                mount=item.mount,
                filesystem=item.filesystem,
                uuid=own or derived(spec.identity, "disk", node, name),
                options=tuple(item.options),
                path=path,
                device_path=place,
            )


def renamed(site: Site, before: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    """Nodes with an address that a node which is gone had, by the bundles built `before`."""
    gone = {
        address: name
        for name, addresses in before.items()
        if name not in site.nodes
        for address in addresses
    }
    for node in site.nodes.values():
        old = next((gone[a] for a in node.addresses.values() if a in gone), None)
        if node.name in before or old is None:
            continue
        lost = [
            f"`{disk.name}` keeps {derived(site.identity, 'disk', old, disk.name)}"
            for disk in site.disks
            if disk.node == node.name and disk.uuid == _own(site, disk)
        ]
        message = f"`{node.name}` has the address of `{old}`, as built here"
        yield RENAMED.at(node.path, "; ".join((message, *lost)), key=True)


def _own(site: Site, disk: SiteDisk) -> str:
    return derived(site.identity, "disk", disk.node, disk.name)


def _names(
    item: DiskSpec, chosen: tuple[str, ...], nodes: Mapping[str, Node], path: Path
) -> Iterator[Finding]:
    """Whether each node of the disk has an entry, and nobody else, where there are entries."""
    yield from per_node.check(item.device, chosen, nodes, (*path, "device"), NO_ENTRY)
    yield from per_node.check(item.uuid, chosen, nodes, (*path, "uuid"), UUID_DERIVED)


def _uuids(
    item: DiskSpec, path: Path, counts: Mapping[Path, int], uuids: dict[str, Path]
) -> Iterator[Finding]:
    """Each UUID that is given for `counts` nodes, or a second time in the site."""
    for value, where in per_node.values(item.uuid or {}, (*path, "uuid")):
        other = uuids.setdefault(value, where)
        if counts.get(where, 0) > 1:
            yield SAME_UUID.at(where, f"`uuid` is given for {counts[where]} nodes at once")
        if other != where:
            whose = f"disk `{other[1]}`" if other[1] != path[1] else f"`{other[-1]}`"
            yield SAME_UUID.at(where, f"`{value}` is also that of {whose}", also=(other,))


def _disk(item: DiskSpec, path: Path, places: list[str]) -> Iterator[Finding]:
    if is_system_place(item.mount, places):
        yield SYSTEM_PLACE.at((*path, "mount"), f"`{item.mount}` is the system's")
    for device, where in per_node.values(item.device, (*path, "device")):
        if why := not_a_disk(device):
            yield NO_DEVICE.at(where, f"`{device}` {why}")
        elif device.startswith(REORDERED):
            yield REORDERS.at(where, f"`{device}` may change at boot")


def _choose(
    item: DiskSpec, nodes: Mapping[str, Node], path: Path, findings: list[Finding]
) -> tuple[str, ...]:
    if not item.nodes:
        return tuple(nodes)
    chosen: list[str] = []
    for text in item.nodes:
        try:
            names = expand(text)
        except RangeError as error:
            findings.append(BAD_RANGE.at((*path, "nodes"), str(error)))
            continue
        missing = [name for name in names if name not in nodes]
        if missing:
            findings.append(no_node(text, missing, nodes, (*path, "nodes")))
        chosen += [name for name in names if name in nodes]
    return tuple(dict.fromkeys(chosen))


def apart(by_node: Mapping[str, list[SiteDisk]], findings: list[Finding]) -> None:
    """A finding for each two disks of a node that are in one place, once for all nodes."""
    reported: dict[tuple[object, ...], None] = {}
    for of_node in by_node.values():
        for finding in (*_same(of_node), *_nested(of_node), *_partitions(of_node)):
            key = (finding.rule, finding.path, finding.also, finding.message.split(" ")[0])
            if key not in reported:
                reported[key] = None
                findings.append(finding)


def _same(of_node: list[SiteDisk]) -> Iterator[Finding]:
    for field_name in ("device", "mount", "uuid"):
        seen: dict[str, SiteDisk] = {}
        for disk in of_node:
            value = getattr(disk, field_name)
            other = seen.setdefault(value, disk)
            if other is not disk:
                message = f"{field_name} `{value}` is also that of disk `{other.name}`"
                place, its = (_place(one, field_name) for one in (disk, other))
                yield SAME_PLACE.at(place, message, also=(its,))


def _place(disk: SiteDisk, field_name: str) -> Path:
    """Where a field of a disk is written, which its UUID need not be."""
    if field_name == "uuid":
        return disk.path
    return disk.device_path if field_name == "device" else (*disk.path, field_name)


def _nested(of_node: list[SiteDisk]) -> Iterator[Finding]:
    by_mount = {disk.mount: disk for disk in of_node}
    for disk in of_node:
        places = disk.mount.split("/")
        above = ("/".join(places[:count]) for count in range(2, len(places)))
        outer = next((by_mount[place] for place in above if place in by_mount), None)
        if outer:
            message = f"`{disk.mount}` is inside disk `{outer.name}`, which is at `{outer.mount}`"
            yield NESTED.at((*disk.path, "mount"), message, also=((*outer.path, "mount"),))


def _partitions(of_node: list[SiteDisk]) -> Iterator[Finding]:
    by_device = {disk.device: disk for disk in of_node}
    for disk in of_node:
        other = by_device.get(whole(disk.device))
        if other:
            message = f"`{disk.device}` is a part of `{other.device}`, which is disk `{other.name}`"
            yield PARTITION.at(disk.device_path, message, also=(other.device_path,))
