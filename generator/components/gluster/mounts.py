"""What can be wrong with where and how a volume is mounted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator.claims import listed
from generator.components.gluster.layout import FAMILY, Layout, VolumeLayout, is_plain
from generator.components.gluster.mount_options import otherwise, refusal
from generator.components.gluster.rules import BAD_MOUNT, FETCH, MOUNT_OPTION, READ_OTHERWISE
from generator.language.findings import Finding, Path
from generator.planning.site import Site

# What Stook writes into the mount's line of fstab, and by which key of the spec it is chosen.
OURS = {
    "_netdev": "it is there",
    "noauto": "it is there, and gluster-keep mounts it",
    "nofail": "nothing at boot waits for it",
    "backup-volfile-servers": "they are the others of the pool, after `fetch_from`",
    "backupvolfile-server": "they are the others of the pool, after `fetch_from`",
}


def check(site: Site, pool: Layout, volume: VolumeLayout) -> Iterator[Finding]:
    """Every finding about the mount of a volume that has one."""
    mount = volume.spec.mount
    if mount is None:
        return
    path = (*volume.path, "mount")
    if mount.fetch_from not in ("next", "local", *pool.nodes):
        yield FETCH.at((*path, "fetch_from"), f"`{mount.fetch_from}` is not in the pool")
    strangers = [name for name in volume.clients if name not in pool.nodes]
    if mount.fetch_from == "local" and strangers:
        message = f"nobody serves the description on {listed(strangers)}: not of the pool"
        way = "use `next`, or a node of `gluster.nodes`"
        yield FETCH.at((*path, "fetch_from"), message, way)
    releases = {site.nodes[name].platform.versions["glusterfs"] for name in volume.clients}
    for index, option in enumerate(mount.options):
        where = (*path, "options", index)
        key, equals, value = option.partition("=")
        if why := _refused(volume, option, sorted(releases)):
            yield MOUNT_OPTION.at(where, f"`{option}` {why}")
        elif why := otherwise(key, value if equals else None):
            yield READ_OTHERWISE.at(where, f"`{option}` {why}")
    yield from _lost(volume, mount.options, releases, (*path, "options"))
    yield from _place(site, pool, volume)


def _lost(
    volume: VolumeLayout, given: Sequence[str], releases: Iterable[str], path: Path
) -> Iterator[Finding]:
    """mount.glusterfs of release 10 hands on the last `xlator-option`, and no other one."""
    own = [index for index, option in enumerate(given) if option.startswith("xlator-option=")]
    if not own or not any(release.startswith("10.") for release in releases):
        return
    family = f"{FAMILY}={volume.family}"
    if volume.family != "inet" and not given[own[-1]].endswith(family):
        message = f"`{given[own[-1]]}` takes the place of the one that the pool's addresses need"
        way = f"make `xlator-option={family}` the last one"
        yield MOUNT_OPTION.at((*path, own[-1]), message, way)
    for index in own[:-1]:
        message = f"`{given[index]}` is lost: GlusterFS 10 takes the last `xlator-option` only"
        yield READ_OTHERWISE.at((*path, index), message)


def _refused(volume: VolumeLayout, option: str, releases: Sequence[str]) -> str:
    key, equals, value = option.partition("=")
    if "," in option or " " in option:
        return "is refused by mount.glusterfs"
    for release in releases:
        if why := refusal(release, key, value if equals else None):
            return why
    if key in OURS:
        return f"is Stook's to write: {OURS[key]}"
    if key == "volume-id":
        return "would mount another volume than this one"
    name, _, family = value.partition("=")
    if key == "xlator-option" and name.endswith(FAMILY) and family != volume.family:
        return f"is not the family of the pool's addresses, `{volume.family}`"
    return ""


def _place(site: Site, pool: Layout, volume: VolumeLayout) -> Iterator[Finding]:
    mount = volume.spec.mount
    assert mount is not None
    where = (*volume.path, "mount", "path")
    if not is_plain(mount.path):
        yield BAD_MOUNT.at(where, f"mount.glusterfs does not take a path like `{mount.path}`")
    if site.is_system_place(mount.path):
        yield BAD_MOUNT.at(where, f"`{mount.path}` is the system's")
    if mount.path in (homes := {f"/home/{name}": name for name in site.spec.admins}):
        yield BAD_MOUNT.at(where, f"`{mount.path}` is the home of `{homes[mount.path]}`")
    disks = {d.name: d.mount for node in volume.clients for d in site.by_node.get(node, ())}
    for name, place in disks.items():
        if _overlap(mount.path, place):
            message = f"`{mount.path}` meets the disk `{name}` at `{place}`"
            yield BAD_MOUNT.at(where, message, also=(("disks", name, "mount"),))
    for other in pool.volumes:
        theirs = other.spec.mount
        apart = set(volume.clients).isdisjoint(other.clients)
        if other.name < volume.name and theirs and not apart and _overlap(mount.path, theirs.path):
            message = f"`{mount.path}` meets the mount of volume `{other.name}`"
            yield BAD_MOUNT.at(where, message, also=((*other.path, "mount", "path"),))


def _within(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")


def _overlap(one: str, other: str) -> bool:
    return _within(one, other) or _within(other, one)
