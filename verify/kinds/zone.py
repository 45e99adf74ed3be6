"""A firewalld zone is the planned one: permanently, at runtime and in the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Network, Word
from verify.readers import firewalld
from verify.readers.answers import text
from verify.readers.compare import same, sets
from verify.readers.firewalld import network


@dataclass(frozen=True, slots=True)
class Want:
    """As in the zone's XML: sources as addresses or networks, ports as `24007/tcp` or `1-9/udp`.

    `rules` are `{family, source, port, protocol}` for ports open to one source only. `default`
    says that this is the zone of everybody who is bound to no other.
    """

    zone: Word
    default: bool
    target: str
    sources: tuple[Network, ...]
    ports: tuple[str, ...]
    rules: tuple[dict[str, str], ...]
    services: tuple[str, ...] = ()


ENTRIES = ("filter_INPUT_ZONES", "filter_INPUT_POLICIES")
"""The chain that leads packets into zones, up to firewalld 1.x and from 2.0 on."""

EMPTY = ("protocols", "forward-ports", "source-ports", "icmp-blocks")
"""What the spec has no words for, so that a zone of ours has none of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The zone as firewalld lists it, permanently and at runtime, and the kernel's chains.

    A zone is None where firewalld knows none or does not run.
    """

    permanent: dict[str, tuple[str, ...]] | None
    runtime: dict[str, tuple[str, ...]] | None
    default: str
    chains: dict[str, tuple[str, ...]]


def commands(want: Want) -> Mapping[str, Command]:
    """The daemon twice and the kernel once, which all zones share."""
    return {
        "permanent": firewalld.ask(firewalld.PERMANENT),
        "runtime": firewalld.ask(firewalld.RUNTIME),
        "default": firewalld.ask(firewalld.DEFAULT),
        "kernel": Command(firewalld.KERNEL),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A daemon that says it is not running, and a kernel without its table, are answers."""
    default = text(outputs["default"], "default zone", codes=(0, firewalld.NOT_RUNNING))
    every = firewalld.chains(outputs["kernel"])
    prefixes = (f"filter_IN_{want.zone}_", *ENTRIES)
    return Seen(
        _properties(outputs["permanent"], firewalld.PERMANENT, want.zone),
        _properties(outputs["runtime"], firewalld.RUNTIME, want.zone),
        default.strip(),
        {name: rules for name, rules in every.items() if name.startswith(prefixes)},
    )


def _properties(output: Output, asked: str, zone: str) -> dict[str, tuple[str, ...]] | None:
    state = (firewalld.zones(output, asked) or {}).get(zone)
    return dict(state.properties) if state else None


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Each of the three views against the spec."""
    default = seen.default == want.zone
    return (
        *_view("permanent", want, seen.permanent),
        *_view("runtime", want, seen.runtime),
        *same("default zone", "yes" if want.default else "no", "yes" if default else "no"),
        *_kernel(want, seen.chains),
    )


def _view(
    view: str, want: Want, actual: Mapping[str, tuple[str, ...]] | None
) -> tuple[Difference, ...]:
    if actual is None:
        return (Difference(view, f"zone {want.zone}", "no such zone, or firewalld does not run"),)
    return (
        *same(f"{view} target", (want.target,), actual["target"]),
        *sets(f"{view} source", map(network, want.sources), map(network, actual["sources"])),
        *sets(f"{view} port", want.ports, actual["ports"]),
        *sets(f"{view} service", want.services, actual["services"]),
        *sets(f"{view} rule", map(_rich, want.rules), map(_plain, actual["rich rules"])),
        *same(f"{view} masquerade", ("no",), actual["masquerade"]),
        *(d for name in EMPTY for d in sets(f"{view} {name}", (), actual[name])),
    )


def _rich(rule: Mapping[str, str]) -> str:
    return (
        f"rule family={rule['family']} source address={network(rule['source'])} "
        f"port port={rule['port']} protocol={rule['protocol']} accept"
    )


def _plain(rule: str) -> str:
    words = [word.replace('"', "") for word in rule.split()]
    return " ".join(
        f"address={network(word.removeprefix('address='))}" if word.startswith("address=") else word
        for word in words
    )


def _kernel(want: Want, chains: Mapping[str, tuple[str, ...]]) -> tuple[Difference, ...]:
    """Who enters the zone, and what is let in there. The ports of services are not spelt out."""
    steps = tuple(f"{word} filter_IN_{want.zone}" for word in ("goto", "jump"))
    into = [rule for name in ENTRIES for rule in chains.get(name, ()) if rule.endswith(steps)]
    sources = {network(rule.split()[2]) for rule in into if " saddr " in rule}
    wanted = {*_ports(want), *map(_ruled, want.rules)}
    rules = set(chains.get(f"filter_IN_{want.zone}_allow", ()))
    everybody = any(rule in steps for rule in into)
    return (
        *sets("kernel source", map(network, want.sources), sources),
        *same("kernel default", "yes" if want.default else "no", "yes" if everybody else "no"),
        *sets("kernel rule", wanted, rules & wanted if want.services else rules),
    )


def _ports(want: Want) -> set[str]:
    pairs = (port.split("/") for port in want.ports)
    return {f"{protocol} dport {port} accept" for port, protocol in pairs}


def _ruled(rule: Mapping[str, str]) -> str:
    family = "ip6" if rule["family"] == "ipv6" else "ip"
    source = network(rule["source"])
    return f"{family} saddr {source} {rule['protocol']} dport {rule['port']} accept"
