"""What can be wrong with a pool and its volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from generator.components.gluster import directories, mounts, options, trust
from generator.components.gluster.layout import Layout, VolumeLayout, is_plain, split
from generator.components.gluster.quorum import COUNT, FIXED, NONE, client_quorum, outcome
from generator.components.gluster.rules import (
    ARBITER,
    BARE_MOUNT,
    BRICK_PATH,
    DISPERSE,
    FAMILIES,
    INCOMPLETE,
    NO_BRICK,
    NO_DISK,
    NO_QUORUM,
    NO_REDUNDANCY,
    NOT_MEMBER,
    ONE_ZONE,
    PORT_RANGE,
    PORT_SLACK,
    REPLICA_2,
    RESERVED,
    SAME_NODE,
    UNEQUAL,
)
from generator.language.findings import Finding, Path, errors, nearest
from generator.planning import per_node
from generator.planning.resolve import selector
from generator.planning.site import Site

# NODE:PATH, with room for what glusterd puts before and behind it (volume, `.pid`, `.socket`).
LONGEST_BRICK = 190
# What `volume create` takes for a word of its own (tried on 10.3 and 11.1).
NOT_A_NAME = ("all", "force", "help", "volume")


def check(site: Site, pool: Layout) -> Iterator[Finding]:
    """Every finding about the pool, its volumes, bricks and mounts."""
    bad = list(selector(site, pool.spec.nodes, ("gluster", "nodes")))
    yield from bad
    if bad:
        return
    yield from _ports(pool)
    yield from _families(site, pool)
    for volume in pool.volumes:
        if volume.name in NOT_A_NAME:
            yield RESERVED.at(volume.path, f"no volume can be called `{volume.name}`", key=True)
        yield from options.check(site, volume)
        strangers = list(_nodes(site, pool, volume))
        yield from strangers
        if errors(strangers):
            continue
        shape = list(_shape(volume))
        yield from shape
        yield from _bricks(site, volume, shaped=not errors(shape))
        yield from _zones(site, pool, volume)
        yield from mounts.check(site, pool, volume)
    yield from trust.check(pool)
    yield from directories.check(pool)


def _ports(pool: Layout) -> Iterator[Finding]:
    where: Path = ("gluster", "brick_ports")
    first, last = pool.first_port, pool.last_port
    if last < first:
        yield PORT_RANGE.at((*where, "last"), f"{last} is below the first port, {first}")
        return
    if first < 1024 or first <= 24007 <= last:
        yield PORT_RANGE.at(where, f"{first}-{last} takes ports of other daemons")
    most = max((pool.served(node) for node in pool.nodes), default=0)
    if last - first + 1 < 2 * most:
        message = f"{last - first + 1} port(s) for {most} brick(s) and daemons on one node"
        yield PORT_SLACK.at(where, message)


def _families(site: Site, pool: Layout) -> Iterator[Finding]:
    of: dict[bool, list[str]] = {}
    for name in (*pool.nodes, *pool.clients):
        of.setdefault(":" in site.nodes[name].address, []).append(name)
    if len(of) > 1:
        four, six = of[False], of[True]
        message = f"`{four[0]}` has an IPv4 address in the pool, `{six[0]}` an IPv6 one"
        odd, other = (site.nodes[names[0]].path for names in sorted((four, six), key=len))
        yield FAMILIES.at(odd, message, key=True, also=(("gluster", "nodes"), other))


def _nodes(site: Site, pool: Layout, volume: VolumeLayout) -> Iterator[Finding]:
    path, mount = volume.path, volume.spec.mount
    yield from selector(site, volume.spec.nodes, (*path, "nodes"))
    if mount:
        yield from selector(site, mount.nodes, (*path, "mount", "nodes"))
    strangers = [name for name in volume.nodes if name not in pool.nodes]
    if strangers:
        yield NOT_MEMBER.at((*path, "nodes"), f"`{strangers[0]}` is not in the pool")


def _shape(volume: VolumeLayout) -> Iterator[Finding]:
    spec, path = volume.spec, volume.path
    if spec.disperse:
        yield from _dispersed(volume)
    elif spec.redundancy:
        yield DISPERSE.at((*path, "redundancy"), "only a dispersed volume has `redundancy`")
    elif spec.replica is None:
        yield NO_REDUNDANCY.at(path, f"volume `{volume.name}` keeps one copy of everything")
    elif spec.arbiter and (spec.replica, spec.arbiter) != (2, 1):
        # what `gluster volume create` calls two copies of the data and an arbiter
        same = (spec.replica, spec.arbiter) == (3, 1)
        message = f"`replica: {spec.replica}` with `arbiter: {spec.arbiter}` " + (
            "is gluster's way to write two copies and an arbiter; here `replica` counts copies"
            if same
            else "is no layout that gluster has"
        )
        yield ARBITER.at((*path, "arbiter"), message)
    elif spec.replica == 2 and not spec.arbiter:
        yield REPLICA_2.at((*path, "replica"), "replica 2 without an arbiter splits its brain")
    yield from _quorum(volume)


def _quorum(volume: VolumeLayout) -> Iterator[Finding]:
    """Whether copies that lose sight of each other can both be written."""
    kind, count = client_quorum(volume)
    where = (*volume.path, "options")
    if kind == NONE:
        yield NO_QUORUM.at((*where, "cluster.quorum-type"), "quorum is switched off")
    elif kind == FIXED and volume.kind == "replicate" and 2 * count <= volume.set_size:
        message = f"a quorum of {count} lets both halves of {volume.set_size} bricks write"
        key = COUNT if COUNT in volume.spec.options else "cluster.quorum-type"
        yield NO_QUORUM.at((*where, key), message)


def _dispersed(volume: VolumeLayout) -> Iterator[Finding]:
    spec, path = volume.spec, volume.path
    if spec.replica is not None or spec.arbiter:
        key = "replica" if spec.replica is not None else "arbiter"
        yield DISPERSE.at((*path, key), "a dispersed volume has no replicas")
    size, lost = spec.disperse or 0, spec.redundancy
    if size < 3 or lost < 1 or lost > (size - 1) // 2 or size - lost > 16:
        message = f"`disperse: {size}` with `redundancy: {lost}` is refused by gluster"
        yield DISPERSE.at((*path, "disperse"), message)


def _bricks(site: Site, volume: VolumeLayout, *, shaped: bool) -> Iterator[Finding]:
    path = (*volume.path, "brick")
    wrong = list(_entries(site, volume, path))
    yield from wrong
    owned = {(disk.node, disk.name) for disk in site.disks}
    nodes: dict[Path, list[str]] = {}
    for node, (_, where) in per_node.spread(volume.spec.brick, volume.nodes, path).items():
        nodes.setdefault(where, []).append(node)
    for texts, where in per_node.values(volume.spec.brick, path):
        for text in texts:
            unknown = _unknown(site, text, where)
            if unknown:
                yield unknown
                wrong.append(unknown)
                continue
            yield from _directory(text, where)
            yield from _place(site, volume, text, where)
            missing = list(_on_disk(site, owned, text, nodes.get(where, ()), where))
            yield from missing
            wrong += missing
    yield from _lengths(volume)
    if shaped and not errors(wrong):
        yield from _sets(volume)


def _entries(site: Site, volume: VolumeLayout, path: Path) -> Iterator[Finding]:
    """Whether each node of the volume has as many bricks as every other."""
    given = volume.spec.brick
    wrong = list(per_node.check(given, volume.nodes, site.nodes, path, NO_BRICK))
    yield from wrong
    counts = [(len(texts), where) for texts, where in per_node.values(given, path)]
    odd = [(count, where) for count, where in counts if count != counts[0][0]]
    if odd and not errors(wrong):
        (count, where), (first, other) = odd[0], counts[0]
        message = f"{count} brick(s) on `{where[-1]}`, and {first} on `{other[-1]}`"
        yield UNEQUAL.at(where, message, also=(other,))


def _directory(text: str, where: Path) -> Iterator[Finding]:
    directory = split(text)[1]
    if not directory:
        yield BARE_MOUNT.at(where, f"`{text}` names a disk and no directory on it")
    elif any(part in ("", ".", "..") for part in directory.split("/")) or not is_plain(directory):
        yield BARE_MOUNT.at(where, f"`{text}` is not a directory on a disk")


def _place(site: Site, volume: VolumeLayout, text: str, where: Path) -> Iterator[Finding]:
    """Whether the brick's disk is at a place that gluster takes."""
    disk = split(text)[0]
    place = site.spec.disks[disk].mount if disk in site.spec.disks else ""
    if not is_plain(place):
        message = f"`{place}` holds bricks of `{volume.name}`"
        yield BRICK_PATH.at(("disks", disk, "mount"), message, also=(where,))


def _unknown(site: Site, text: str, where: Path) -> Finding | None:
    """A brick whose disk is none: then nothing else is to be said of it."""
    disk = split(text)[0]
    if text.startswith("/"):
        way = "write DISK/DIRECTORY, with the name of a disk of `disks`"
        return NO_DISK.at(where, f"`{text}` is a path, and names no disk", way)
    if disk in site.spec.disks:
        return None
    way = nearest(disk, site.spec.disks) or "name a disk of `disks`, and a directory on it"
    return NO_DISK.at(where, f"there is no disk `{disk}`", way)


def _on_disk(
    site: Site, owned: Set[tuple[str, str]], text: str, nodes: Sequence[str], where: Path
) -> Iterator[Finding]:
    """Whether the nodes that have this brick have its disk."""
    disk = split(text)[0]
    without = [node for node in nodes if (node, disk) not in owned]
    if without:
        yield NO_DISK.at(where, f"`{without[0]}` has no disk `{disk}`", also=(("disks", disk),))


def _lengths(volume: VolumeLayout) -> Iterator[Finding]:
    """glusterd makes file names of a brick's node and path, which have 255 bytes at the most."""
    for brick in volume.bricks:
        if len(brick.name) > LONGEST_BRICK:
            message = f"{len(brick.path)} characters: no file of glusterd's can be called so"
            yield BRICK_PATH.at((*volume.path, "brick"), message)
            return


def _sets(volume: VolumeLayout) -> Iterator[Finding]:
    count, size = len(volume.bricks), volume.set_size
    key = "disperse" if volume.spec.disperse else "replica"
    if size > 1 and (count % size or not count):
        message = f"{count} brick(s) do not fill sets of {size}"
        yield INCOMPLETE.at((*volume.path, key), message)
        return
    for bricks in volume.sets:
        nodes = [brick.node for brick in bricks]
        twice = next((node for node in nodes if nodes.count(node) > 1), None)
        if twice:
            yield SAME_NODE.at((*volume.path, "brick"), f"a set has two bricks on `{twice}`")
            return


def _zones(site: Site, pool: Layout, volume: VolumeLayout) -> Iterator[Finding]:
    """Whether one zone holds so many bricks of a set that the rest has no quorum."""
    sets = volume.sets
    if volume.set_size < 2 or any(len(bricks) != volume.set_size for bricks in sets):
        return
    everywhere = len({node.zone for node in site.nodes.values()}) == 1
    for zone in dict.fromkeys(site.nodes[brick.node].zone for brick in volume.bricks):
        names = [name for name in pool.nodes if site.nodes[name].zone == zone]
        if zone and not everywhere and not outcome(pool, volume, names).read:
            message = f"without zone `{zone}` volume `{volume.name}` stops"
            yield ONE_ZONE.at(volume.path, message, key=True)
            return
