"""The kernel lets in what is planned and drops all else, by the rules that it really has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from verify.contract import Command, Difference, Output
from verify.forms import Address, Word
from verify.readers import nftables
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """A table with a way in for peers, at their addresses, and one for everybody else.

    What each lets in is `PROTOCOL PORT` or `PROTOCOL FIRST-LAST`, with the one source that it is
    open to in front, where it is not open to all who come that way.
    """

    table: Word
    sources: tuple[Address, ...]
    peers: tuple[str, ...]
    world: tuple[str, ...]


HOOK = "filter input 0 drop"
# What everybody may send, whoever it is: in this order, before anything is told apart.
FIRST = (
    "ct state established,related accept",
    "ct state invalid drop",
    "meta iifname lo accept",
    "icmp type destination-unreachable,echo-request,parameter-problem,time-exceeded accept",
    "icmpv6 type destination-unreachable,echo-request,mld-listener-query,nd-neighbor-advert,"
    "nd-neighbor-solicit,nd-router-advert,packet-too-big,parameter-problem,time-exceeded accept",
)


def commands(want: Want) -> Mapping[str, Command]:
    """The kernel alone, which has what no file says."""
    return nftables.ask(want.table)


def parse(want: Want, outputs: Mapping[str, Output]) -> nftables.Seen:
    """No such table is an answer."""
    return nftables.seen(want.table, outputs)


def judge(want: Want, seen: nftables.Seen) -> tuple[Difference, ...]:
    """The way in rule by rule, as its order decides; what the two ways let in as sets."""
    ways = ("input", "peers", "world")
    if seen.table is None:
        return nftables.unlike(want.table, None, HOOK, *ways)
    chains = seen.table.chains
    return (
        *nftables.unlike(want.table, seen.table, HOOK, *ways),
        *_input(want, chains.get("input", ())),
        *sets("let in from peers", map(_rule, want.peers), chains.get("peers", ())),
        *sets("let in from all others", map(_rule, want.world), chains.get("world", ())),
    )


def _input(want: Want, actual: tuple[str, ...]) -> tuple[Difference, ...]:
    wanted = (*FIRST, *_peers(want.sources), "goto world")
    differing = sets("on the way in", wanted, actual)
    return differing or same("order on the way in", wanted, actual)


def _peers(sources: Iterable[str]) -> tuple[str, ...]:
    every = [ip_address(one) for one in sources]
    rules = []
    for word, version in (("ip", 4), ("ip6", 6)):
        those = sorted({str(one) for one in every if one.version == version})
        if those:
            rules.append(f"{word} saddr {','.join(those)} goto peers")
    return tuple(rules)


def _rule(words: str) -> str:
    *source, protocol, port = words.split()
    who = "".join(f"{'ip6' if ':' in one else 'ip'} saddr {_host(one)} " for one in source)
    return f"{who}{protocol} dport {port} accept"


def _host(source: str) -> str:
    """A network of one address is that address to the kernel."""
    network = nftables.address(source)
    return network.removesuffix("/128" if ":" in network else "/32")
