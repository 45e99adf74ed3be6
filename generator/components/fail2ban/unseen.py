"""Jails whose bans no packet filter carries out: whoever is banned never connects to the node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from generator.claims import Claims, LogField, Port
from generator.components.fail2ban import filters
from generator.components.fail2ban.jails import Bans, Jail, jails_by_node, open_ports, units
from generator.language import forms
from generator.language.findings import Finding, Rule, Severity

BALANCED = Rule(
    "F117",
    "a jail whose ports only load balancers reach",
    "A packet filter sees who connects: there that is a load balancer, and it is never banned. The "
    "jail bans nobody, or an address that never comes, and looks as if it did.",
    "watch what the web server's own log shows, where the server itself refuses, or write `ports` "
    "that others reach",
    source="fail2ban#3620, fail2ban#1040",
)
FORWARDED = Rule(
    "F118",
    "a packet filter for addresses that a proxy names",
    "Whoever is in `$forwarded` has connected to a proxy. Where that is another machine, a packet "
    "filter of this one sees the proxy's address only, and the ban shuts nobody out.",
    "write `$client` where the daemon logs who connects, or ban in the proxy; with a proxy on the "
    "node itself, write the `ports` that the spec has for it",
    Severity.WARNING,
    source="fail2ban#3620, fail2ban#1040",
)
RULES = (BALANCED, FORWARDED)


def review(part: Bans, claims: Claims) -> Iterator[Finding]:
    """Each jail that is so, on the first node where it is."""
    findings: dict[tuple[str, str], Finding] = {}
    for node, jails in jails_by_node(part, claims).items():
        for jail in (jail for jail in jails if not jail.deny):
            for one in _unseen(claims, node, jail):
                findings.setdefault((jail.name, one.rule), one)
    yield from findings.values()


def _unseen(claims: Claims, node: str, jail: Jail) -> Iterator[Finding]:
    shut = [
        port
        for port in open_ports(claims, node)
        if any(port.first <= number <= port.last for number in jail.ports)
    ]
    if shut and all(_only_from(port, jail.proxies) for port in shut):
        message = f"only load balancers reach port {shut[0].first} of `{node}`"
        yield BALANCED.at(jail.path, message, key=True, also=(shut[0].spec,))
    elif _forwarded(jail) and not _of_a_proxy(jail, shut, units(claims, node)):
        message = f"no packet that reaches `{node}` is known to come from a forwarded address"
        yield FORWARDED.at((*jail.path, "watch", "format"), message)


def _only_from(port: Port, networks: Iterable[str]) -> bool:
    """Whether nobody is outside these networks who may reach a port."""
    return bool(port.allowed_from) and all(_within(one, networks) for one in port.allowed_from)


def _within(text: str, networks: Iterable[str]) -> bool:
    inner = forms.network(text)
    blocks = [one for one in map(forms.network, networks) if one.version == inner.version]
    return any(int(one[0]) <= int(inner[0]) and int(inner[-1]) <= int(one[-1]) for one in blocks)


def _forwarded(jail: Jail) -> bool:
    """What another component's log has last is the word of that component."""
    with suppress(ValueError):
        return LogField.FORWARDED in filters.parse(jail.spec.watch.format or "")
    return False


def _of_a_proxy(jail: Jail, shut: list[Port], roles: Mapping[str, frozenset[str]]) -> bool:
    """Whether the spec says of all ports of a jail that something before its daemon has them."""
    own = roles.get(jail.unit, frozenset())
    known = {number for port in shut for number in range(port.first, port.last + 1)}
    return set(jail.ports) <= known and not any(port.role in own for port in shut)
