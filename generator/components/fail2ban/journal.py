"""That a unit whose messages are read is on the nodes, and which ports belong to it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claims
from generator.components.fail2ban.jails import Bans, open_ports, ports_of, units
from generator.components.fail2ban.model import JailSpec
from generator.language.findings import Finding, Path, Rule

SILENT = Rule(
    "F113",
    "a unit that nothing of the spec brings",
    "The jail reads what systemd says is of that unit. Where there is none, or it has another name "
    "there, no message comes: the jail bans nobody and looks as if it did.",
    "name a unit that is on every node of the jail: a component's, or one of `units` of `services`",
)
NO_PORTS = Rule(
    "F114",
    "a jail that closes no port",
    "A ban shuts ports of TCP. Where nothing of the spec says which of them belong to the unit, or "
    "one that the jail names is of UDP, it shuts nothing; and who sends a packet of UDP may write "
    "any address into it.",
    "write `ports` of TCP in the jail, or in the service that has the unit",
)
RULES = (SILENT, NO_PORTS)


def unread(part: Bans, claims: Claims, jail: JailSpec, path: Path) -> Iterator[Finding]:
    """The first node where a jail's unit, or its ports, are unknown."""
    unit = jail.watch.journal or ""
    for node in part.nodes:
        if unit not in units(claims, node.name):
            yield SILENT.at((*path, "watch", "journal"), f"`{node.name}` has no `{unit}`")
            return
    for node in part.nodes:
        if not jail.ports and not ports_of(claims, node.name, unit):
            message = f"no port of TCP of `{unit}` is known on `{node.name}`"
            yield NO_PORTS.at(path, message, key=True)
            return


def deaf(part: Bans, claims: Claims, jail: JailSpec, path: Path) -> Iterator[Finding]:
    """Ports of a jail, over whatever it is, that are UDP's on a node and nobody's of TCP."""
    for index, number in enumerate(jail.ports):
        for node in part.nodes:
            tcp, udp = (_taken(claims, node.name, protocol) for protocol in ("tcp", "udp"))
            if number in udp - tcp:
                message = f"`{number}` is a port of UDP on `{node.name}`"
                yield NO_PORTS.at((*path, "ports", index), message)
                break


def _taken(claims: Claims, node: str, protocol: str) -> set[int]:
    ports = open_ports(claims, node, protocol)
    return {number for port in ports for number in range(port.first, port.last + 1)}
