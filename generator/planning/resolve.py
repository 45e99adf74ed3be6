"""Spec to site and parts: what it means, and every finding about how the site fits together.

`resolve` reports all it can and still returns a site, which only counts when none of the findings
is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.components import TABLE, Entry, asked_for
from generator.language import forms
from generator.language.findings import NAMED, Finding, Path, nearest
from generator.language.ranges import RangeError, expand
from generator.language.spec import DiskSpec, SiteSpec
from generator.planning import nodes as nodes_of
from generator.planning.accounts import SYSTEM_USERS
from generator.planning.component import Resolved
from generator.planning.rules import (
    BAD_BLOCK,
    BAD_RANGE,
    INCOMPLETE,
    NO_ADMIN,
    NO_NODE,
    NO_TIME,
    NODE_NAME,
    REORDERS,
    SAME_PLACE,
    SAME_UUID,
    SYSTEM_PLACE,
    SYSTEM_USER,
)
from generator.planning.site import (
    REORDERED,
    Node,
    Site,
    SiteDisk,
    derived,
    is_system_place,
)

_NAMELESS = (NODE_NAME.id, BAD_RANGE.id)


def resolve(
    spec: SiteSpec, digest: str, table: tuple[Entry, ...] = TABLE
) -> tuple[Site, tuple[Finding, ...]]:
    """A site from its decoded spec, with every finding about how its parts fit together."""
    findings = list(nodes_of.too_many(spec))
    if findings:
        spec = spec.model_copy(update={"nodes": {}, "disks": {}})
    networks = dict(nodes_of.networks(spec, findings))
    further = tuple(entry.platforms for entry in _asked_for(spec, table))
    nodes = {node.name: node for node in nodes_of.nodes(spec, networks, further, findings)}
    nodes_of.unique(spec, nodes.values(), findings)
    disks = tuple(_disks(spec, nodes, findings))
    by_node: dict[str, list[SiteDisk]] = {name: [] for name in nodes}
    for disk in disks:
        by_node[disk.node].append(disk)
    if any(one.rule in _NAMELESS and one.key for one in findings):
        # nodes that got no name are missed by every selector
        findings = [one for one in findings if one.rule != NO_NODE.id]
    _places(by_node, findings)
    _people(spec, nodes.values(), findings)
    site = Site(
        name=spec.site,
        identity=spec.identity,
        digest=digest,
        provider=spec.provider,
        networks=networks,
        nodes=nodes,
        disks=disks,
        spec=spec,
        by_node={name: tuple(of_node) for name, of_node in by_node.items()},
    )
    return site, tuple(findings)


def parts(
    site: Site, table: tuple[Entry, ...] = TABLE
) -> tuple[tuple[Resolved, ...], tuple[Finding, ...]]:
    """The components that are on a site, each with its own part of it; and those that cannot be."""
    every = [entry.load() for entry in _asked_for(site.spec, table)]
    wrong = [
        _incomplete(site, one.name, *resolved) for one in every for resolved in one.lacking(site)
    ]
    if wrong:
        return (), tuple(wrong)
    resolved = (component.on(site) for component in every)
    return tuple(part for part in resolved if part is not None), ()


def _asked_for(spec: SiteSpec, table: tuple[Entry, ...]) -> Iterator[Entry]:
    return asked_for((key for key, part in spec if part is not None), table)


def _incomplete(site: Site, component: str, node: Node, key: str) -> Finding:
    message = f"{node.platform.platform} has no `{key}`, which {component} needs"
    way = f"use another platform for these nodes, or add `{key}` to the platform's file"
    return INCOMPLETE.at(site.platform_path(node), message, way)


def selector(site: Site, names: Iterable[str], path: Path) -> Iterator[Finding]:
    """What is wrong with a selector at a path of the spec."""
    for name in names:
        try:
            missing = [item for item in expand(name) if item not in site.nodes]
        except RangeError as error:
            yield BAD_RANGE.at(path, str(error))
            continue
        if missing:
            yield _no_node(missing, site.nodes, path)


def _no_node(missing: Sequence[str], nodes: Iterable[str], path: Path) -> Finding:
    named = ", ".join(f"`{name}`" for name in missing[:NAMED])
    more = f", and {len(missing) - NAMED:,} more of it" if len(missing) > NAMED else ""
    return NO_NODE.at(path, f"no node is called {named}{more}", nearest(missing[0], nodes))


def _disks(
    spec: SiteSpec, nodes: Mapping[str, Node], findings: list[Finding]
) -> Iterator[SiteDisk]:
    for name, item in spec.disks.items():
        path: Path = ("disks", name)
        chosen = _choose(item, nodes, path, findings)
        if item.uuid and len(chosen) > 1:
            message = f"`uuid` is given for {len(chosen)} nodes at once"
            findings.append(SAME_UUID.at((*path, "uuid"), message))
        if is_system_place(item.mount):
            findings.append(SYSTEM_PLACE.at((*path, "mount"), f"`{item.mount}` is the system's"))
        if item.device.startswith(REORDERED):
            findings.append(REORDERS.at((*path, "device"), f"`{item.device}` may change at boot"))
        for node in chosen:
            yield SiteDisk(
                name=name,
                node=node,
                device=item.device,
                mount=item.mount,
                filesystem=item.filesystem,
                uuid=item.uuid or derived(spec.identity, "disk", node, name),
                options=tuple(item.options),
                path=path,
            )


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
            findings.append(_no_node(missing, nodes, (*path, "nodes")))
        chosen += [name for name in names if name in nodes]
    return tuple(dict.fromkeys(chosen))


def _places(by_node: Mapping[str, list[SiteDisk]], findings: list[Finding]) -> None:
    reported: set[tuple[Path, Path, str]] = set()
    for disks in by_node.values():
        for field_name in ("device", "mount", "uuid"):
            seen: dict[str, SiteDisk] = {}
            for disk in disks:
                value = getattr(disk, field_name)
                other = seen.setdefault(value, disk)
                key = (disk.path, other.path, field_name)
                if other is not disk and key not in reported:
                    reported.add(key)
                    message = f"{field_name} `{value}` is also that of disk `{other.name}`"
                    findings.append(SAME_PLACE.at(disk.path, message, also=(other.path,)))


def _nobody(spec: SiteSpec) -> Iterator[Finding]:
    """Whether anybody gets in from anywhere, and is root then."""
    inside = [admin for admin in spec.admins.values() if admin.from_ != []]
    if not spec.admins:
        yield NO_ADMIN.at((), "no admin may log in")
    elif not inside:
        yield NO_ADMIN.at(("admins",), "no admin may come from anywhere", key=True)
    elif not any(admin.sudo for admin in inside) and spec.access.image_user != "keep":
        yield NO_ADMIN.at(("admins",), "no admin who may log in has `sudo`", key=True)


def _people(spec: SiteSpec, nodes: Iterable[Node], findings: list[Finding]) -> None:
    daemons = {
        name
        for node in nodes
        for name in (*node.platform.users.values(), *node.platform.groups.values())
    }
    findings += _nobody(spec)
    if spec.time is None:
        findings.append(NO_TIME.at((), "no time servers are named"))
    for name in spec.admins:
        if name in SYSTEM_USERS | daemons:
            message = f"`{name}` is an account or a group of the system"
            findings.append(SYSTEM_USER.at(("admins", name), message, key=True))
    for name, admin in spec.admins.items():
        for index, block in enumerate(admin.from_ or ()):
            try:
                forms.network(block)
            except ValueError as error:
                findings.append(BAD_BLOCK.at(("admins", name, "from", index), str(error)))
