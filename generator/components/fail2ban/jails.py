"""What a `fail2ban:` part means on each node: which jail watches which log, with which filter.

Everything else in this component reads this, so that files, checks and samples cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from generator.claims import Claims, Log, LogField
from generator.components.fail2ban import filters, judge, samples
from generator.components.fail2ban.filters import Filter
from generator.components.fail2ban.model import Fail2ban, JailSpec
from generator.diagnostics import Path
from generator.site import Node, Site

SSHD = "sshd"
LOOPBACK = ("127.0.0.0/8", "::1")
WEB_PORTS, SSH_PORTS = (80, 443), (22,)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Jail:
    """One jail on one node. `log` and `filter` are None where the journal of sshd is watched."""

    node: str
    name: str
    path: Path
    spec: JailSpec
    ports: tuple[int, ...]
    log: Log | None = None
    filter: Filter | None = None
    samples: tuple[samples.Sample, ...] = ()

    @property
    def deny(self) -> bool:
        """Whether the server itself refuses, because a packet filter sees the proxies only."""
        return bool(self.log and self.log.proxies and self.log.deny)


def part(site: Site) -> Fail2ban | None:
    """The part of the spec, or None."""
    found = site.part("fail2ban")
    return found if isinstance(found, Fail2ban) else None


def nodes(site: Site) -> tuple[Node, ...]:
    """The nodes that jails are asked for on."""
    spec = part(site)
    return tuple(site.nodes[name] for name in site.select(spec.nodes)) if spec else ()


def jails(site: Site, claims: Claims, node: Node) -> tuple[Jail, ...]:
    """The jails of a node; one that watches what no log there shows is not among them."""
    spec = part(site)
    if spec is None or node not in nodes(site):
        return ()
    logs = claims.of(Log, node.name)
    found = (_jail(node, name, jail, logs) for name, jail in spec.jails.items())
    return tuple(jail for jail in found if jail)


def _jail(node: Node, name: str, spec: JailSpec, logs: tuple[Log, ...]) -> Jail | None:
    path = ("fail2ban", "jails", name)
    if spec.watch.name == SSHD:
        return Jail(node.name, name, path, spec, tuple(spec.ports) or SSH_PORTS)
    ports = tuple(spec.ports) or WEB_PORTS
    if spec.watch.log:
        return _free(Jail(node.name, name, path, spec, ports), logs)
    for log in logs:
        for watch in log.watches:
            if watch.name == spec.watch.name:
                ports = tuple(spec.ports) or tuple(sorted({*WEB_PORTS, *log.ports}))
                made = filters.build(log.layout, filters.watched(watch))
                lines = samples.of_watch(log.layout, watch)
                return Jail(node.name, name, path, spec, ports, log, made, lines)
    return None


def _free(jail: Jail, logs: tuple[Log, ...]) -> Jail | None:
    """A log of one's own; where another component writes it, the format is that one's."""
    watch = jail.spec.watch
    log = next((log for log in logs if log.path == watch.log), None) or _own_log(jail)
    if log is None or not watch.request or judge.faults(watch.request):
        return None
    lines = samples.samples(log.layout, (judge.example(watch.request),), ())
    return replace(jail, log=log, filter=filters.build(log.layout, watch.request), samples=lines)


def _own_log(jail: Jail) -> Log | None:
    watch = jail.spec.watch
    try:
        layout = filters.parse(watch.format or "")
    except ValueError:
        return None
    if LogField.TIME not in layout or not watch.log:
        return None
    return Log(
        node=jail.node,
        spec=(*jail.path, "watch"),
        role="fail2ban/jails",
        path=watch.log,
        owner="root",
        group="adm",
        mode="0640",
        layout=layout,
        watches=(),
        ports=jail.ports,
        unit="",
    )


def everywhere(site: Site) -> tuple[str, ...]:
    """Addresses and networks that no jail bans: loopback, every node, and `fail2ban.ignore`."""
    spec = part(site)
    peers = (a for node in site.nodes.values() for a in node.addresses.values())
    return tuple(dict.fromkeys([*LOOPBACK, *peers, *(spec.ignore if spec else ())]))


def ignored(jail: Jail) -> tuple[str, ...]:
    """What this jail does not ban beside those: load balancers, and its own `ignore`."""
    return tuple(dict.fromkeys([*(jail.log.proxies if jail.log else ()), *jail.spec.ignore]))


def longest(jail: Jail) -> int:
    """Seconds that a ban of this jail can last."""
    increment = jail.spec.increment
    return max(jail.spec.bantime, increment.maxtime if increment else 0)


def kept(found: tuple[Jail, ...]) -> int:
    """Seconds that fail2ban must remember bans for, so that a restart loses none."""
    return max((DAY, *map(longest, found)))


def facts(site: Site) -> dict[str, Any]:
    """What behaviour tests need to know of the jails, as plain data."""
    spec = part(site)
    if spec is None:
        return {}
    on = [node.name for node in nodes(site)]
    return {
        "fail2ban": {
            "jails": {
                name: {
                    "nodes": on,
                    "watch": jail.watch.name or jail.watch.log,
                    "maxretry": jail.maxretry,
                    "findtime": jail.findtime,
                    "bantime": jail.bantime,
                }
                for name, jail in spec.jails.items()
            }
        }
    }


def every(site: Site, claims: Claims) -> Iterator[Jail]:
    """All jails of all nodes."""
    for node in nodes(site):
        yield from jails(site, claims, node)
