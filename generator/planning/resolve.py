"""Spec to site and parts: what it means, and every finding about how the site fits together.

`resolve` reports all it can and still returns a site, which only counts when none of the findings
is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address

from generator.components import TABLE, Entry, asked_for
from generator.language import forms
from generator.language.findings import Finding, Path
from generator.language.ranges import RangeError, expand
from generator.language.spec import Admin, SiteSpec
from generator.planning import disks as disks_of
from generator.planning import nodes as nodes_of
from generator.planning.component import Resolved
from generator.planning.rules import (
    BAD_BLOCK,
    BAD_RANGE,
    INCOMPLETE,
    NO_ADMIN,
    NO_NODE,
    NO_TIME,
    NOBODY_THERE,
    NODE_NAME,
    SYSTEM_USER,
)
from generator.planning.site import Node, Site, SiteDisk
from generator.platforms import Platform
from generator.platforms.accounts import SYSTEM_USERS

_NAMELESS = (NODE_NAME.id, BAD_RANGE.id)


def resolve(
    spec: SiteSpec, digest: str, table: tuple[Entry, ...] = TABLE
) -> tuple[Site, tuple[Finding, ...]]:
    """A site from its decoded spec, with every finding about how its parts fit together."""
    findings = list(nodes_of.too_many(spec))
    if findings:
        spec = spec.model_copy(update={"nodes": {}, "disks": {}})
    networks = dict(nodes_of.networks(spec, findings))
    nodes_of.separate(networks, findings)
    further = tuple(entry.platforms for entry in _asked_for(spec, table))
    nodes = {node.name: node for node in nodes_of.nodes(spec, networks, further, findings)}
    nodes_of.unique(spec, nodes.values(), findings)
    disks = tuple(disks_of.disks(spec, nodes, findings))
    by_node: dict[str, list[SiteDisk]] = {name: [] for name in nodes}
    for disk in disks:
        by_node[disk.node].append(disk)
    if any(one.rule in _NAMELESS and one.key for one in findings):
        # nodes that got no name are missed by every selector
        findings = [one for one in findings if one.rule != NO_NODE.id]
    disks_of.apart(by_node, findings)
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
            yield nodes_of.no_node(name, missing, site.nodes, path)


def _nobody(spec: SiteSpec, families: Collection[int]) -> Iterator[Finding]:
    """Whether anybody gets in from anywhere, and is root then."""
    inside = [admin for admin in spec.admins.values() if _comes(admin, families)]
    if not spec.admins:
        yield NO_ADMIN.at((), "no admin may log in")
    elif not inside:
        yield NO_ADMIN.at(("admins",), "no admin may come from anywhere", key=True)
    elif not any(admin.sudo for admin in inside) and spec.access.image_user != "keep":
        yield NO_ADMIN.at(("admins",), "no admin who may log in has `sudo`", key=True)


def _made(platform: Platform) -> Iterator[str]:
    """Accounts and groups that a platform's packages make."""
    yield from platform.users.values()
    yield from platform.groups.values()
    for names in platform.accounts.values():
        yield from names


def _comes(admin: Admin, families: Collection[int]) -> bool:
    """Whether there is a place to come from; what cannot be read is a finding already."""
    if admin.from_ is None:
        return True
    with suppress(ValueError):
        return any(not forms.nobody_from(forms.network(one), families) for one in admin.from_)
    return True


def _people(spec: SiteSpec, nodes: Collection[Node], findings: list[Finding]) -> None:
    platforms = {node.platform.platform: node.platform for node in nodes}
    daemons = {name for one in platforms.values() for name in _made(one)}
    families = {ip_address(one).version for node in nodes for one in node.addresses.values()}
    findings += _nobody(spec, families)
    if spec.time is None:
        findings.append(NO_TIME.at((), "no time servers are named"))
    for name in spec.admins:
        if name in SYSTEM_USERS | daemons:
            message = f"`{name}` is an account or a group of the system"
            findings.append(SYSTEM_USER.at(("admins", name), message, key=True))
    for name, admin in spec.admins.items():
        for index, block in enumerate(admin.from_ or ()):
            where: Path = ("admins", name, "from", index)
            try:
                why = forms.nobody_from(forms.network(block), families)
            except ValueError as error:
                findings.append(BAD_BLOCK.at(where, str(error)))
                continue
            if why and families:
                findings.append(NOBODY_THERE.at(where, f"`{block}` {why}"))
