"""What can be wrong with where and how a volume is mounted."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.gluster.layout import FAMILY, Layout, VolumeLayout, is_plain
from generator.components.gluster.rules import BAD_MOUNT, FETCH, MOUNT_OPTION
from generator.language.findings import Finding
from generator.planning.site import Site

# mount.glusterfs(8) and mount.glusterfs.in at v10 and v11: what is taken, by key.
OPTIONS = frozenset(
    [
        "acl",
        "attribute-timeout",
        "background-qlen",
        "congestion-threshold",
        "context",
        "defcontext",
        "direct-io-mode",
        "entry-timeout",
        "fopen-keep-cache",
        "fscontext",
        "gid-timeout",
        "global-threading",
        "invalidate-limit",
        "kernel-writeback-cache",
        "log-file",
        "log-level",
        "lru-limit",
        "mem-accounting",
        "negative-timeout",
        "noatime",
        "nodev",
        "noexec",
        "nosuid",
        "reader-thread-count",
        "resolve-gids",
        "ro",
        "rootcontext",
        "root-squash",
        "rw",
        "selinux",
        "thin-client",
        "transport",
        "use-readdirp",
        "volume-id",
        "worm",
        "xlator-option",
        "enable-ino32",
        "aux-gfid-mount",
        "atime",
        "dev",
        "exec",
        "suid",
        "relatime",
    ]
)


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
        message = f"`{strangers[0]}` is not in the pool: nobody there serves the description"
        yield FETCH.at((*path, "fetch_from"), message)
    for index, option in enumerate(mount.options):
        if why := _refused(volume, option):
            yield MOUNT_OPTION.at((*path, "options", index), f"`{option}` {why}")
    yield from _place(site, pool, volume)


def _refused(volume: VolumeLayout, option: str) -> str:
    key, equals, value = option.partition("=")
    if key not in OPTIONS or "," in option or " " in option or (equals and not value):
        return "is refused by mount.glusterfs"
    if key == "transport" and value != "tcp":
        return "is none that the release speaks: only tcp"
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
    for name, disk in site.spec.disks.items():
        if _within(mount.path, disk.mount) or _within(disk.mount, mount.path):
            message = f"`{mount.path}` meets the disk `{name}` at `{disk.mount}`"
            yield BAD_MOUNT.at(where, message, also=(("disks", name, "mount"),))
    for other in pool.volumes:
        theirs = other.spec.mount
        if other.name < volume.name and theirs and _overlap(mount.path, theirs.path):
            message = f"`{mount.path}` meets the mount of volume `{other.name}`"
            yield BAD_MOUNT.at(where, message, also=((*other.path, "mount", "path"),))


def _within(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")


def _overlap(one: str, other: str) -> bool:
    return _within(one, other) or _within(other, one)
