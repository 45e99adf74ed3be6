"""What firewalld says of its zones, and what it left in the kernel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from verify.contract import Command, Output, Unreadable
from verify.readers import scripts
from verify.readers.answers import text

NOT_RUNNING = 252
PROPERTIES = frozenset(
    {"target", "sources", "services", "ports", "protocols", "masquerade", "forward-ports"}
    | {"source-ports", "icmp-blocks", "rich rules"}
)
RUNTIME = "firewall-cmd --list-all-zones"
PERMANENT = "firewall-cmd --permanent --list-all-zones"
DEFAULT = "firewall-cmd --get-default-zone"
KERNEL = "nft list table inet firewalld"
NO_TABLE = "No such file or directory"
NEW = "ct state { new, untracked } "


@dataclass(frozen=True, slots=True)
class Zone:
    """What `--list-all-zones` shows of one zone; it is active when an interface or source is."""

    active: bool
    properties: Mapping[str, tuple[str, ...]]


def ask(typed: str) -> Command:
    """One of the questions to `firewall-cmd`."""
    return scripts.ask(*typed.split(), timeout=30)


def zones(output: Output, asked: str) -> dict[str, Zone] | None:
    """All zones by name; None where the daemon does not run."""
    printed = text(output, asked, codes=(0, NOT_RUNNING))
    if output.code != 0:
        return None
    by_name = dict(_zone(part, asked) for part in printed.split("\n\n") if part.strip())
    if not by_name:
        raise Unreadable(f"{asked}: it shows no zone")
    return by_name


def _zone(part: str, asked: str) -> tuple[str, Zone]:
    """Its name and marks stand at the start of a line, properties and rules are indented."""
    head, *lines = part.strip("\n").splitlines()
    properties = dict(_property(line) for line in lines if re.match(r"  \S", line))
    named = re.fullmatch(r"(\S+)(?: \((.+)\))?", head.strip())
    if not named or PROPERTIES - set(properties):
        raise Unreadable(f"{asked}: cannot read {part[:80]!r}")
    rules = tuple(line.strip() for line in lines if line.startswith("\t") and line.strip())
    marks = (named[2] or "").split(", ")
    return named[1], Zone("active" in marks, properties | {"rich rules": rules})


def _property(line: str) -> tuple[str, tuple[str, ...]]:
    name, _, values = line.strip().partition(":")
    return name, tuple(values.split())


def chains(output: Output) -> dict[str, tuple[str, ...]]:
    """The rules of each chain in the kernel; nothing at all where firewalld has no table."""
    if output.code == 1 and NO_TABLE in output.err:
        return {}
    by_chain: dict[str, list[str]] = {}
    rules: list[str] = []
    for line in map(str.strip, text(output, KERNEL).splitlines()):
        if line.startswith("chain ") and line.endswith("{"):
            rules = by_chain.setdefault(line.split()[1], [])
        elif line and line != "}" and not line.startswith("table "):
            rules.append(line.replace(NEW, ""))
    if not by_chain:
        raise Unreadable(f"{KERNEL}: it shows no chain")
    return {name: tuple(lines) for name, lines in by_chain.items()}


def network(address: str) -> str:
    """An address or network in one form: a single host without its prefix length."""
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        return address
    return str(network.network_address) if network.num_addresses == 1 else str(network)
