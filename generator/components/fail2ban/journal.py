"""That a unit whose messages are read is on the nodes, and which ports belong to it."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Claims
from generator.components.fail2ban.jails import Bans, ports_of, units
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
    "Nothing of the spec says which TCP ports belong to the unit: a ban would shut nothing.",
    "write `ports` in the jail, or in the service that has the unit",
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
            message = f"no port of `{unit}` is known on `{node.name}`"
            yield NO_PORTS.at(path, message, key=True)
            return
