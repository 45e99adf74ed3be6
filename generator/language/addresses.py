"""The one form of addresses and networks in a spec."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IPv4 in IPv6's clothes (RFC 4291 section 2.5.5.2): no packet has such an address.
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def network(text: str) -> Network:
    """A block, or an address as one of a single machine; raises ValueError, which says why."""
    found = ipaddress.ip_network(text)
    _judge(text, found)
    return found


def address(text: str) -> Address:
    """One machine's address; raises ValueError, which says why."""
    found = ipaddress.ip_address(text)
    _judge(text, ipaddress.ip_network(found))
    return found


def _judge(text: str, found: Network) -> None:
    """What a packet filter does not take as the source of a packet."""
    if "%" in text:
        raise ValueError(f"{text!r} has a zone id, which is one machine's own name for a link")
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(_MAPPED):
        raise ValueError(f"{text!r} is IPv4 written as IPv6; write the IPv4 address")
    if found.is_multicast:
        raise ValueError(f"{text!r} is multicast, which nobody comes from")


def everybody(networks: Iterable[Network]) -> tuple[int, ...]:
    """The versions of IP of which some networks are, together, all addresses."""
    of: dict[int, list[Network]] = {4: [], 6: []}
    for one in networks:
        of[one.version].append(one)
    return tuple(
        version
        for version, blocks in of.items()
        if any(one.prefixlen == 0 for one in ipaddress.collapse_addresses(blocks))  # type: ignore[type-var]
    )
