"""Whoever a jail has banned is really shut out, nobody else is, and never one of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from verify.contract import Command, Difference, Output
from verify.forms import Network, PortNumber, Word
from verify.readers import fail2ban, scripts
from verify.readers.answers import file_text
from verify.readers.compare import extra, missing, same, sets
from verify.readers.shell import show_file


@dataclass(frozen=True, slots=True)
class Want:
    """A jail, the ports that it shuts, and the networks that it must never ban.

    `ipv6_prefix` is how much of an address of IPv6 is banned. `deny` is the file by which the web
    server itself refuses; empty where the kernel drops.
    """

    jail: Word
    ports: tuple[PortNumber, ...]
    peers: tuple[Network, ...]
    ignore: tuple[Network, ...]
    ipv6_prefix: int = 128
    deny: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server calls banned, the kernel's table, and the lines of the deny file."""

    banned: tuple[str, ...] | None
    kernel: fail2ban.Kernel
    denied: tuple[str, ...] | None


def commands(want: Want) -> Mapping[str, Command]:
    """The server's list, and what really keeps the addresses out."""
    listed = scripts.ask("fail2ban-client", "get", want.jail, "banned")
    way = Command(show_file(want.deny)) if want.deny else Command(fail2ban.TABLE)
    return {"banned": listed, "way": way}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """No such jail, no table and no file are answers."""
    banned = fail2ban.banned(outputs["banned"])
    if not want.deny:
        return Seen(banned, fail2ban.kernel(outputs["way"]), None)
    listed = file_text(outputs["way"], want.deny)
    words = [line.split() for line in (listed or "").splitlines()]
    denied = tuple(_network(row[0]) for row in words if row[1:] == ["1;"])
    return Seen(banned, fail2ban.Kernel({}, {}), None if listed is None else denied)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """First that the way is there at all: without it a list of banned addresses is only a list."""
    if seen.banned is None:
        return (Difference("jail", want.jail, "no such jail"),)
    never = [ip_network(one, strict=False) for one in (*want.peers, *want.ignore)]
    trusted = [one for one in seen.banned if _within(one, never)]
    wrong = extra("banned of our own", trusted)
    if want.deny:
        if seen.denied is None:
            return (*wrong, Difference("deny file", want.deny, "no such file"))
        wanted = {_element(one, want.ipv6_prefix) for one in seen.banned}
        return (*wrong, *missing("refused", wanted - set(seen.denied)))
    return (*wrong, *_dropped(want, seen.banned, seen.kernel))


def _dropped(
    want: Want, banned: tuple[str, ...], kernel: fail2ban.Kernel
) -> tuple[Difference, ...]:
    differences: list[Difference] = []
    for version, name in ((4, f"addr-set-{want.jail}"), (6, f"addr6-set-{want.jail}")):
        ports = sorted(map(str, kernel.drops.get(name, ())))
        differences += same(
            f"IPv{version} rule", f"drop at {sorted(map(str, want.ports))}", f"drop at {ports}"
        )
        wanted = {_element(one, want.ipv6_prefix) for one in banned if _version(one) == version}
        differences += sets(f"IPv{version} dropped", wanted, kernel.sets.get(name, ()))
    return tuple(differences)


def _element(address: str, prefix: int) -> str:
    """An address as a set has it; of IPv6 with its network where that is banned."""
    if ":" not in address or prefix == 128:
        return str(ip_address(address))
    return str(ip_network(f"{address}/{prefix}", strict=False))


def _network(written: str) -> str:
    """A line of the deny file in the spelling of `_element`."""
    try:
        network = ip_network(written, strict=False)
    except ValueError:
        return written
    single = network.prefixlen == network.max_prefixlen
    return str(network.network_address if single else network)


def _version(address: str) -> int:
    return 6 if ":" in address else 4


def _within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(ip_address(address) in network for network in networks)
