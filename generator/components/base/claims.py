"""The base's claims: hosts, people, ssh, time, packages, repositories, disks and mounts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.claims import (
    AgreedFile,
    Block,
    Claim,
    Claims,
    Connection,
    Disk,
    File,
    Mount,
    Port,
    Repository,
    Template,
    TimeSource,
    Unit,
    values,
)
from generator.components.base import cloud, people, services
from generator.components.base.layout import Layout, image_user
from generator.components.base.people import KEYS, packages
from generator.formats import fstab
from generator.formats.sshd import CONFIG
from generator.planning.site import Node, Site, SiteDisk
from generator.platforms import families
from generator.rendering.userdata import FETCH

HOSTS = "hosts"


def claim(site: Site, part: Layout) -> Iterator[Claim]:
    """What every node gets, and what its disks and services ask for."""
    for node in site.nodes.values():
        yield Block(
            node=node.name,
            spec=node.path,
            role="base/hosts",
            path="/etc/hosts",
            lines=part.hosts,
            format="hosts",
            shared=HOSTS,
        )
        yield from _ssh(site, node, part)
        yield from people.claim(site, node)
        yield from _time(site, node)
        yield from _repositories(site, node)
        yield from _disks(site, node)
        yield from cloud.claim(site.provider, node)
        yield from _apply(site, node)
    yield from services.claim(site)


def _ssh(site: Site, node: Node, part: Layout) -> Iterator[Claim]:
    role, unit = "base/ssh", node.platform.units["ssh"]
    path = node.platform.paths["ssh"]
    guest = image_user(site, node) if site.spec.access.image_user == "keep" else ""
    yield from packages(node, "ssh", ("admins",), role)
    yield File(
        node=node.name,
        spec=("admins",) if site.spec.admins else node.path,
        role=role,
        path=path,
        body=Template(__package__, "sshd.conf.j2", values({"keys": KEYS, "guest": guest})),
        format="sshd",
    )
    yield Unit(
        node=node.name,
        spec=("admins",),
        role=role,
        name=unit,
        change="reload",
        watch=(path, CONFIG),
        packages=tuple(node.platform.packages["ssh"]),
    )
    yield Port(
        node=node.name,
        spec=("admins",),
        role=role,
        protocol="tcp",
        first=22,
        last=22,
        allowed_from=part.ssh_sources,
        addresses=("0.0.0.0", "[::]"),
        process="sshd",
        login=True,
        unit=unit,
        count=2,
    )


def _time(site: Site, node: Node) -> Iterator[Claim]:
    if site.spec.time is None:
        return
    spec, role = ("time",), "base/time"
    servers = tuple(site.spec.time.servers)
    path, unit = node.platform.paths["chrony"], node.platform.units["time"]
    yield from packages(node, "time", spec, role)
    yield File(
        node=node.name,
        spec=spec,
        role=role,
        path=path,
        body=Template(__package__, "chrony.conf.j2", values({"servers": servers})),
        format="chrony",
    )
    yield Unit(
        node=node.name,
        spec=spec,
        role=role,
        name=unit,
        change="restart",
        watch=(path,),
        packages=tuple(node.platform.packages["time"]),
    )
    for index, server in enumerate(servers):
        yield TimeSource(node=node.name, spec=(*spec, "servers", index), role=role, server=server)


def _repositories(site: Site, node: Node) -> Iterator[Claim]:
    family = families.load(node.platform.family)
    for name, item in site.spec.repositories.items():
        repository = Repository(
            node=node.name,
            spec=("repositories", name),
            role="base/repositories",
            name=name,
            uri=item.uri,
            suites=tuple(item.suites),
            components=tuple(item.components),
            key=item.key or "",
            trusted=item.trusted,
            priority=item.priority,
        )
        yield repository
        # the packages' manager fetches under an account of its own
        if number := urlsplit(item.uri).port:
            yield Connection(
                node=node.name,
                spec=("repositories", name),
                role="base/repositories",
                first=number,
                last=number,
            )
        yield from family.files(repository)


def _disks(site: Site, node: Node) -> Iterator[Claim]:
    role = "base/disks"
    for disk in site.by_node[node.name]:
        yield from packages(node, disk.filesystem, disk.path, role)
        yield from packages(node, "immutable", disk.path, role)
        yield Disk(
            node=node.name,
            spec=disk.path,
            role=role,
            device=disk.device,
            filesystem=disk.filesystem,
            uuid=disk.uuid,
            mount=disk.mount,
        )
        yield _mount(node, disk)


def _mount(node: Node, disk: SiteDisk) -> Mount:
    return Mount(
        node=node.name,
        spec=disk.path,
        role="base/disks",
        source=f"UUID={disk.uuid}",
        path=disk.mount,
        fstype=disk.filesystem,
        options=("defaults", "nofail", "x-systemd.device-timeout=30s", *disk.options),
        uuid=disk.uuid,
    )


def _apply(site: Site, node: Node) -> Iterator[Claim]:
    if site.spec.fetch:
        path = f"/etc/systemd/system/{FETCH}"
        yield AgreedFile(node=node.name, spec=("fetch",), role="base/apply", path=path)
    yield File(
        node=node.name,
        spec=node.path,
        role="base/apply",
        path="/etc/systemd/system/stook-apply.service",
        body=Template(__package__, "stook-apply.service.j2", values({"site": site.name})),
        format="unit",
    )
    yield Unit(
        node=node.name,
        spec=node.path,
        role="base/apply",
        name="stook-apply.service",
        blocking=False,
        # it runs until the stamp is there, and then no more
        active="inactive",
    )


def settle(site: Site, part: Layout, claims: Claims) -> Iterator[Claim]:
    """The fstab block: every mount, with the order that others have asked for."""
    for node in site.nodes:
        mounts = claims.of(Mount, node)
        if mounts:
            yield Block(
                node=node,
                spec=mounts[0].spec,
                role="base/disks",
                path="/etc/fstab",
                lines=tuple(fstab.line(mount, mount.ordered(claims)) for mount in mounts),
                format="fstab",
            )
