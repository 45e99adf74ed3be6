"""What the base is checked for beyond its claims: names, time, and what nobody asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from generator.claims import AgreedMount, Claims, Mount, Port, TimeSource, Unit
from generator.components.base import cloud, ways_in
from generator.components.base.claims import HOSTS
from generator.components.base.layout import Layout
from generator.planning.expect import expectation, shared_list
from generator.planning.site import Node, Site
from generator.platforms import PRIVILEGED, families
from verify.contract import Expectation, ExternalService, Phase
from verify.kinds import address, hostname, hosts, leftovers, listeners, mounts, time

NTP = 123


def expect(site: Site, part: Layout, claims: Claims) -> Iterator[Expectation]:
    """Names, clock, and what is there beyond the spec, for every node."""
    for node in site.nodes.values():
        yield expectation(
            node.name, hostname.Want(node.name), node.name, node.path, "base", phase=Phase.BAKED
        )
        yield expectation(
            node.name,
            hosts.Want(shared_list(HOSTS)),
            site.name,
            ("nodes",),
            "base",
            phase=Phase.BAKED,
        )
        yield from _time(node, claims)
        yield from _beyond(site, node, claims)
        yield expectation(
            node.name,
            address.Want(tuple(node.addresses.values())),
            node.name,
            node.path,
            "base",
            phase=Phase.BOOTED,
        )
        yield from ways_in.expect(site, node, claims)
        yield expectation(
            node.name, _left(site, node, claims), "beyond", ("site",), "base", phase=Phase.BOOTED
        )


def _time(node: Node, claims: Claims) -> Iterator[Expectation]:
    sources = claims.of(TimeSource, node.name)
    if sources:
        yield expectation(
            node.name,
            time.Want(tuple(source.server for source in sources)),
            "sources",
            ("time", "servers"),
            "base",
            phase=Phase.BOOTED,
            needs=(Unit.need(node.name, node.platform.units["time"]),),
            within=60,
        )


def _beyond(site: Site, node: Node, claims: Claims) -> Iterator[Expectation]:
    ours = tuple(_allowed(port) for port in claims.of(Port, node.name))
    theirs = tuple(item.model_dump(exclude={"source"}) for item in node.platform.listeners)
    who = (("services",), "base")
    yield expectation(node.name, listeners.Want(ours + theirs), "beyond", *who, phase=Phase.BOOTED)
    paths = tuple(mount.path for mount in claims.of(Mount, node.name))
    paths += cloud.mounts(site.provider)
    paths += tuple(mount.path for mount in claims.of(AgreedMount, node.name))
    yield expectation(
        node.name, mounts.Want(paths), "beyond", ("disks",), "base", phase=Phase.BOOTED
    )
    for want in families.load(node.platform.family).held(node, claims):
        yield expectation(node.name, want, "beyond", *who, phase=Phase.BOOTED)


def _left(site: Site, node: Node, claims: Claims) -> leftovers.Want:
    """All that `apply` is told to bring, by its verb."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for line in claims.lines(node.name):
        verb, name, *_ = line.fields
        names[verb][name] = None
    return leftovers.Want(
        site=site.name,
        paths=tuple({**names["repository"], **names["file"], **names["secret"]}),
        blocks=tuple(names["block"]),
        units=tuple(names["unit"]),
        accounts=tuple(names["user"]),
        packages=tuple(sorted(names["package"])),
    )


def _allowed(port: Port) -> dict[str, object]:
    return {
        "protocol": port.protocol,
        "first": port.first,
        "last": port.last,
        "addresses": list(port.addresses),
        "process": port.process,
    }


def shared(site: Site, part: Layout, claims: Claims) -> Mapping[str, object]:
    """What is the same on many nodes, once: host entries, as names to resolve and as lines of the
    block, and the programs of each platform that give something.
    """
    nodes = site.nodes.values()
    platforms = {node.platform.platform: node.platform for node in nodes}
    programs = {
        f"{PRIVILEGED}-{name}": sorted(
            f"{path} {gives}" for gives, paths in each.privileged.items() for path in paths
        )
        for name, each in platforms.items()
    }
    return programs | {
        HOSTS: [[node.address, node.name, *node.aliases] for node in nodes],
        f"{HOSTS}-block": list(part.hosts),
    }


def external(site: Site, part: Layout) -> Iterator[ExternalService]:
    """The site's time servers."""
    if site.spec.time:
        yield ExternalService("time", "ntp", tuple(site.spec.time.servers), NTP)
