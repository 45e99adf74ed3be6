"""The two zones as a table of nftables' own.

A packet from a peer goes to one chain and never comes back, all others go to the other; what no
rule of that chain lets in meets the policy, which drops it. So the zones mean here what they mean
to firewalld, with silence in the place of its refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from generator.components.firewall.zones import Zone

TABLE = "stook"


@dataclass(frozen=True, slots=True)
class Chain:
    """A zone as lines of nft(8), and the same in the words of `verify.kinds.nft_table`."""

    zone: str
    lines: tuple[str, ...]
    rules: tuple[str, ...]


@cache
def chain(zone: Zone) -> Chain:
    """What is let in from those who enter the zone."""
    open_ = [(protocol, number, "") for number, protocol in (p.split("/") for p in zone.ports)]
    limited = [(protocol, number, source) for _, source, number, protocol in zone.rules]
    every = (*open_, *limited)
    return Chain(zone.name, tuple(_line(*rule) for rule in every), tuple(_words(*r) for r in every))


def _line(protocol: str, number: str, source: str) -> str:
    who = f"{'ip6' if ':' in source else 'ip'} saddr {source} " if source else ""
    return f"{who}{protocol} dport {number} accept"


def _words(protocol: str, number: str, source: str) -> str:
    return " ".join(filter(None, (source, protocol, number)))


def families(peers: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The peers by the word that nft has for their family; no family without one."""
    every = sorted(dict.fromkeys(peers), key=lambda one: (ip_address(one).version, one))
    by_word = {
        word: tuple(one for one in every if ip_address(one).version == version)
        for word, version in (("ip", 4), ("ip6", 6))
    }
    return tuple((word, those) for word, those in by_word.items() if those)
