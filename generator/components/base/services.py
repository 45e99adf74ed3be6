"""What else is on nodes: asked for, or there by agreement; and no agreement about what is ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.claims import (
    AgreedFile,
    AgreedMount,
    AgreedUnit,
    Claim,
    Claims,
    File,
    Mount,
    Occupied,
    Package,
    Port,
    Unit,
)
from generator.components.base.layout import NOBODY, Layout
from generator.language.findings import Finding, Rule
from generator.language.spec import ServicePort, ServiceSpec
from generator.planning.site import Site
from verify.kinds.mounts import SYSTEM

INSTALLED = Rule(
    "N156",
    "packages of a service that is not asked for",
    "Packages are installed, and their daemons started, on every node of the service: nothing of "
    "it is left to others then.",
    "leave `required: false` out, or the packages",
)
OURS = Rule(
    "N157",
    "an agreement about what the spec itself brings",
    "What is there by agreement may be missing, and may be as others like it. The spec asks for "
    "the same thing in another place, and one of the two is not meant.",
    "leave it out of the service, or out of the part that brings it",
)
HIDING = Rule(
    "N158",
    "a mount by agreement where the spec has data",
    "Whatever is mounted over or into a place hides what is there, or is hidden by it, depending "
    "on which comes first; and where a daemon keeps its state, it starts with an empty one.",
    "mount it elsewhere, or say it as one of `disks`",
)
RULES = (INSTALLED, OURS, HIDING)
LEAVE = "leave it out: it is the system's, and may be mounted on every node"
# What images have on file systems of their own, that are mounted before anything of ours is.
PARTITIONS = frozenset(
    {"/home", "/opt", "/srv", "/tmp", "/usr", "/usr/local", "/var", "/var/cache", "/var/lib"}
    | {"/var/log", "/var/log/audit", "/var/spool", "/var/tmp"}
)


def claim(site: Site) -> Iterator[Claim]:
    """Everything that `services` says."""
    for name, item in site.spec.services.items():
        for node in site.select(item.nodes):
            yield from _asked(node, name, item) if item.required else _agreed(node, name, item)
            for index, port in enumerate(item.ports):
                yield _port(site, node, name, item.required, index, port)
            for file in item.files:
                yield AgreedFile(node=node, path=file, **_who(name, "files"))
            for index, path in enumerate(item.mounts):
                yield AgreedMount(node=node, path=path, **_who(name, "mounts", index))


def _asked(node: str, name: str, item: ServiceSpec) -> Iterator[Claim]:
    for package in item.packages:
        yield Package(node=node, name=package, **_who(name, "packages"))
    for unit in item.units:
        packages = tuple(item.packages)
        yield Unit(node=node, name=unit, packages=packages, **_who(name, "units"))


def _agreed(node: str, name: str, item: ServiceSpec) -> Iterator[Claim]:
    for index, unit in enumerate(item.units):
        yield AgreedUnit(node=node, name=unit, **_who(name, "units", index))


def _port(site: Site, node: str, name: str, required: bool, index: int, port: ServicePort) -> Claim:
    blocks = tuple(
        str(block) for text in port.from_ or () for block in site.networks.get(text, (text,))
    )
    return Port(
        node=node,
        protocol=port.protocol,
        first=port.port,
        last=port.port,
        allowed_from=blocks if port.from_ is None else blocks or NOBODY,
        addresses=tuple(port.addresses),
        process=port.process,
        count=len(port.addresses) if required else 0,
        **_who(name, "ports", index),
    )


def _who(name: str, *where: str | int) -> Any:
    return {"spec": ("services", name, *where), "role": f"services/{name}"}


def check(site: Site) -> Iterator[Finding]:
    """What a service says of itself."""
    for name, item in site.spec.services.items():
        if item.packages and not item.required:
            message = f"`{item.packages[0]}` is installed, and nothing is asked for"
            yield INSTALLED.at(("services", name, "packages"), message)


def review(site: Site, part: Layout, claims: Claims) -> Iterator[Finding]:
    """What only the claims of the other parts can show, once for each line of the spec."""
    seen = set()
    for node in site.nodes:
        for finding in (*_twice(claims, node), *_hiding(site, claims, node)):
            if finding.path not in seen:
                seen.add(finding.path)
                yield finding


def _twice(claims: Claims, node: str) -> Iterator[Finding]:
    files = {one.path: one for one in claims.of(File, node)}
    units = {one.name: one for one in claims.of(Unit, node)}
    mounts = {one.path: one for one in claims.of(Mount, node)}
    agreed: list[tuple[Claim, str, Claim | None]] = [
        *((one, one.path, files.get(one.path)) for one in claims.of(AgreedFile, node)),
        *((one, one.name, units.get(one.name)) for one in claims.of(AgreedUnit, node)),
        *((one, one.path, mounts.get(one.path)) for one in claims.of(AgreedMount, node)),
    ]
    for one, name, ours in agreed:
        if ours and one.role.startswith("services/"):
            message = f"`{name}` of `{node}` is brought by {ours.role}"
            yield OURS.at(one.spec, message, also=(ours.spec,))


def _hiding(site: Site, claims: Claims, node: str) -> Iterator[Finding]:
    mounts = {one.path: one.spec for one in claims.of(Mount, node)}
    ours = {one.path: one.spec for one in claims.of(Occupied, node)} | mounts
    for one in claims.of(AgreedMount, node):
        if one.path in mounts:
            continue
        path, free = one.path, one.path in PARTITIONS
        if site.is_system_place(path) and not free:
            way_out = LEAVE if path in SYSTEM else ""
            yield HIDING.at(one.spec, f"`{path}` is the system's", way_out)
            continue
        inside = [place for place in ours if f"{path}/".startswith(f"{place}/")]
        below = [place for place in mounts if not free and place.startswith(f"{path}/")]
        for place in (*inside, *below)[:1]:
            message = f"`{path}` is in the way of `{place}` on `{node}`"
            yield HIDING.at(one.spec, message, also=(ours[place],))
