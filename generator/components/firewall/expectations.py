"""What the firewall is checked for: the zones as they are, and the ports as others see them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from generator.claims import Claims, Port, Unit
from generator.components.firewall import egress, ruleset
from generator.components.firewall.layout import FIREWALLD, Layout
from generator.components.firewall.zones import PEERS, WORLD, Zone, access, zones_of
from generator.planning.expect import Need, expectation, shared_list
from generator.planning.site import Node, Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import filtered_port, nft_table, packet_filter, reachability, zone
from verify.kinds import zones as active_zones

OUTSIDE = "outside"


def expect(site: Site, part: Layout, claims: Claims) -> Iterator[Expectation]:
    """Zones, reachability from peers and from outside, and one shut port that has a listener."""
    names = tuple(site.nodes)
    for index, node in enumerate(site.nodes.values()):
        ports = claims.of(Port, node.name)
        needs = (Unit.need(node.name, part.unit(node)),)
        zones = zones_of(access(ports), part.peers)
        if part.backend(node) == FIREWALLD:
            yield from _zones(node, zones, needs)
        else:
            yield _table(node, zones, needs)
        yield _whole(node, part.backend(node), needs)
        neighbours = _neighbours(names, index)
        for port in ports:
            yield from _reachability(site, node, port, neighbours)
        yield _shut(node, ports, needs)
        yield from egress.expect(node, claims)


def _zones(node: Node, zones: tuple[Zone, Zone], needs: tuple[Need, ...]) -> Iterator[Expectation]:
    for one in zones:
        yield _zone(node, one, needs)
    want = active_zones.Want((PEERS, WORLD), WORLD)
    yield _made(node, want, "beyond", needs)


def _table(node: Node, zones: tuple[Zone, Zone], needs: tuple[Need, ...]) -> Expectation:
    inside, world = map(ruleset.chain, zones)
    want = nft_table.Want(ruleset.TABLE, shared_list(PEERS), inside.rules, world.rules)
    return _made(node, want, ruleset.TABLE, needs)


def _whole(node: Node, which: str, needs: tuple[Need, ...]) -> Expectation:
    if which == FIREWALLD:
        want = packet_filter.Want(FIREWALLD, (PEERS, WORLD), shared_list(PEERS))
    else:
        want = packet_filter.Want(ruleset.TABLE)
    return _made(node, want, "rules", needs)


def _made(node: Node, want: Any, subject: str, needs: tuple[Need, ...]) -> Expectation:
    spec, phase = ("networks",), Phase.BOOTED
    return expectation(node.name, want, subject, spec, "firewall", phase=phase, needs=needs)


def _zone(node: Node, planned: Zone, needs: tuple[Need, ...]) -> Expectation:
    rules = tuple(
        {"family": family, "source": source, "port": number, "protocol": protocol}
        for family, source, number, protocol in planned.rules
    )
    want = zone.Want(
        zone=planned.name,
        default=planned.default,
        target="default",
        sources=shared_list(PEERS) if planned.sources else (),
        ports=planned.ports,
        rules=rules,
    )
    return _made(node, want, planned.name, needs)


def _neighbours(names: Sequence[str], index: int) -> tuple[str, ...]:
    """The nodes before and after one in the ring: enough eyes on each, linear in all."""
    around = (names[index - 1], names[(index + 1) % len(names)])
    return tuple(dict.fromkeys(name for name in around if name != names[index]))


@cache
def _allows(allowed_from: tuple[str, ...], address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not allowed_from or any(ip in ipaddress.ip_network(one) for one in allowed_from)


def _reachability(
    site: Site, node: Node, port: Port, neighbours: tuple[str, ...]
) -> Iterator[Expectation]:
    if port.protocol != "tcp":
        return
    name = port.label
    if port.first == port.last and port.count:
        needs = (Port.need(node.name, name),)
        for peer in neighbours:
            allowed = _allows(port.allowed_from, site.nodes[peer].address)
            yield _seen(node, port, port.first, peer, "open" if allowed else "filtered", needs)
    expect_outside = "filtered" if port.allowed_from else "open"
    # what need not listen need not answer
    if port.allowed_from or (port.first == port.last and port.count):
        for number in dict.fromkeys((port.first, port.last)):
            yield _seen(node, port, number, OUTSIDE, expect_outside, ())


def _seen(
    node: Node, port: Port, number: int, source: str, state: str, needs: tuple[Need, ...]
) -> Expectation:
    return expectation(
        node.name,
        reachability.Want(node.address, number, source, state),
        f"{number}-tcp-from-{source}",
        port.spec,
        "firewall",
        phase=Phase(port.phase) if state == "open" else Phase.BOOTED,
        needs=needs,
        within=port.patience if state == "open" else 0,
    )


def _shut(node: Node, ports: tuple[Port, ...], needs: tuple[Need, ...]) -> Expectation:
    """A port that nobody claims, the same on every node that has the same claims."""
    taken = [(port.first, port.last) for port in ports]
    number = next(n for n in range(8899, 65535) if not any(low <= n <= high for low, high in taken))
    return expectation(
        node.name,
        filtered_port.Want(node.address, number),
        f"{number}-tcp",
        ("networks",),
        "firewall",
        level=Level.BEHAVIOUR,
        needs=needs,
    )


def shared(site: Site, part: Layout, claims: Claims) -> Mapping[str, object]:
    """The peers' addresses, once."""
    return {PEERS: list(part.peers)}
