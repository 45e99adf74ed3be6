"""Ports and who may reach them, sorted into firewalld's zones.

A packet enters exactly one zone, and a zone bound to its source address wins over the default
one (firewalld.zones(5)). So what peers may reach stands in `peers`, in full; what everybody may
reach stands in both.
"""

from __future__ import annotations

import ipaddress
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from generator.claims import Port

PEERS = "peers"
WORLD = "world"


@dataclass(frozen=True, slots=True)
class Access:
    """One port and the addresses and networks that it is open to; none means everybody."""

    protocol: str
    first: int
    last: int
    allowed_from: tuple[str, ...]

    @property
    def port(self) -> str:
        span = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{span}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Zone:
    """A firewalld zone as it must be. `rules` are (family, source, port, protocol)."""

    name: str
    sources: tuple[str, ...]
    ports: tuple[str, ...]
    rules: tuple[tuple[str, str, str, str], ...]

    @property
    def default(self) -> bool:
        return self.name == WORLD


def access(ports: Iterable[Port]) -> tuple[Access, ...]:
    """The ports of a node that a firewall has to open, without their local addresses.

    What listens on loopback addresses only is reached by no packet that a zone sees.
    """
    opened = (Access(p.protocol, p.first, p.last, p.allowed_from) for p in ports if not _local(p))
    return tuple(dict.fromkeys(opened))


def _local(port: Port) -> bool:
    local = ("127.0.0.1", "[::1]")
    return bool(port.addresses) and all(address in local for address in port.addresses)


@cache
def zones_of(ports: tuple[Access, ...], peers: tuple[str, ...]) -> tuple[Zone, Zone]:
    """The two zones of a node; equal for nodes with equal ports."""
    everyone = tuple(p.port for p in ports if not p.allowed_from)
    to_all_peers = tuple(p.port for p in ports if p.allowed_from and _covers(p.allowed_from, peers))
    restricted = tuple(p for p in ports if p.allowed_from)
    return (
        Zone(
            PEERS,
            peers,
            _sorted(everyone + to_all_peers),
            _rules((p for p in restricted if p.port not in to_all_peers), peers, inside=True),
        ),
        Zone(WORLD, (), _sorted(everyone), _rules(restricted, peers, inside=False)),
    )


def _sorted(ports: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ports), key=lambda p: (int(p.split("/")[0].split("-")[0]), p)))


@cache
def _covers(networks: tuple[str, ...], peers: tuple[str, ...]) -> bool:
    if set(peers) <= set(networks):
        return True
    blocks = [ipaddress.ip_network(network) for network in networks]
    return all(any(ipaddress.ip_address(peer) in block for block in blocks) for peer in peers)


def _rules(
    ports: Iterable[Access], peers: tuple[str, ...], *, inside: bool
) -> tuple[tuple[str, str, str, str], ...]:
    """A rule for every source that can enter the zone: peers one way, all others the other."""
    rules = []
    for port in ports:
        number, protocol = port.port.split("/")
        for source in port.allowed_from:
            if _meets(source, peers) if inside else source not in peers:
                rules.append((f"ipv{_version(source)}", source, number, protocol))
    return tuple(sorted(set(rules), key=lambda r: (r[3], int(r[2].split("-")[0]), r)))


@cache
def _meets(source: str, peers: tuple[str, ...]) -> bool:
    if source in peers:
        return True
    block = ipaddress.ip_network(source)
    return any(ipaddress.ip_address(peer) in block for peer in peers)


@cache
def _version(source: str) -> int:
    return ipaddress.ip_network(source).version


@cache
def xml(zone: Zone) -> bytes:
    """The zone's file for /etc/firewalld/zones. Source: firewalld.zone(5)."""
    root = ElementTree.Element("zone")
    ElementTree.SubElement(root, "short").text = zone.name
    text = "Everybody else." if zone.default else "The nodes of this site."
    ElementTree.SubElement(root, "description").text = f"Written by Stook. {text}"
    for source in zone.sources:
        ElementTree.SubElement(root, "source", address=source)
    for port in zone.ports:
        number, protocol = port.split("/")
        ElementTree.SubElement(root, "port", port=number, protocol=protocol)
    for family, source, number, protocol in zone.rules:
        rule = ElementTree.SubElement(root, "rule", family=family)
        ElementTree.SubElement(rule, "source", address=source)
        ElementTree.SubElement(rule, "port", port=number, protocol=protocol)
        ElementTree.SubElement(rule, "accept")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()
