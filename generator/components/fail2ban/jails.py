"""What a `fail2ban:` part means on each node: which jail watches which log, with which filter.

Everything else in this component reads this, so that files, checks and samples cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generator.claims import Claims, Log, LogField
from generator.components.fail2ban import filters, request_pattern, samples
from generator.components.fail2ban.filters import Filter
from generator.components.fail2ban.model import Fail2ban, JailSpec
from generator.language.findings import Path
from generator.planning.site import Node, Site

SSHD = "sshd"
LOOPBACK = ("127.0.0.0/8", "::1")
WEB_PORTS, SSH_PORTS = (80, 443), (22,)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Bans:
    """Where jails are asked for, and `never`: whom none of them bans."""

    spec: Fail2ban
    nodes: tuple[Node, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jail:
    """One jail, on nodes whose logs are alike.

    `log` and `filter` are None where the journal of sshd is watched. The log is that of one of
    the nodes.
    """

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


def members(site: Site) -> tuple[str, ...]:
    """The nodes that the spec's selector names."""
    spec = site.spec.part(Fail2ban)
    return site.select(spec.nodes) if spec else ()


def resolve(site: Site) -> Bans | None:
    """A site's fail2ban part, or None where there is none."""
    spec = site.spec.part(Fail2ban)
    if spec is None:
        return None
    nodes = tuple(site.nodes[name] for name in site.select(spec.nodes))
    peers = (a for node in site.nodes.values() for a in node.addresses.values())
    return Bans(spec, nodes, tuple(dict.fromkeys([*LOOPBACK, *peers, *spec.ignore])))


def jails_by_node(part: Bans, claims: Claims) -> Mapping[str, tuple[Jail, ...]]:
    """The jails of each node; one that watches what no log there shows is not among them.

    They are made once for all nodes whose logs are alike.
    """
    made: dict[tuple[str, tuple[Log, ...]], tuple[Jail, ...]] = {}
    by_node = {}
    for node in part.nodes:
        logs = claims.of(Log, node.name)
        alike = tuple(replace(log, node="", needs=()) for log in logs)
        readers = node.platform.groups["logs"]
        if (readers, alike) not in made:
            made[readers, alike] = tuple(_jails(part, logs, readers))
        by_node[node.name] = made[readers, alike]
    return by_node


def _jails(part: Bans, logs: tuple[Log, ...], readers: str) -> Iterator[Jail]:
    made = (_jail(name, spec, logs, readers) for name, spec in part.spec.jails.items())
    return (jail for jail in made if jail)


def _jail(name: str, spec: JailSpec, logs: tuple[Log, ...], readers: str) -> Jail | None:
    path = ("fail2ban", "jails", name)
    if spec.watch.name == SSHD:
        return Jail(name, path, spec, tuple(spec.ports) or SSH_PORTS)
    ports = tuple(spec.ports) or WEB_PORTS
    if spec.watch.log:
        return _free(Jail(name, path, spec, ports), logs, readers)
    for log in logs:
        for watch in log.watches:
            if watch.name == spec.watch.name:
                ports = tuple(spec.ports) or tuple(sorted({*WEB_PORTS, *log.ports}))
                made = filters.build(log.layout, filters.watched(watch), watch.statuses)
                lines = samples.of_watch(log.layout, watch)
                return Jail(name, path, spec, ports, log, made, lines)
    return None


def _free(jail: Jail, logs: tuple[Log, ...], readers: str) -> Jail | None:
    """A log of one's own; where another component writes it, the format is that one's."""
    watch = jail.spec.watch
    log = next((log for log in logs if log.path == watch.log), None) or _own_log(jail, readers)
    if log is None or not watch.request or request_pattern.problem(watch.request):
        return None
    wanted = (request_pattern.example(watch.request),)
    lines = samples.samples(log.layout, wanted, (), tuple(watch.statuses))
    made = filters.build(log.layout, watch.request, watch.statuses)
    return replace(jail, log=log, filter=made, samples=lines)


def _own_log(jail: Jail, readers: str) -> Log | None:
    watch = jail.spec.watch
    try:
        layout = filters.parse(watch.format or "")
    except ValueError:
        return None
    if LogField.TIME not in layout or not watch.log:
        return None
    return Log(
        node="",
        spec=(*jail.path, "watch"),
        role="fail2ban/jails",
        path=watch.log,
        owner="root",
        group=readers,
        mode="0640",
        layout=layout,
        watches=(),
        ports=jail.ports,
        unit="",
    )


def ignored(jail: Jail) -> tuple[str, ...]:
    """What this jail does not ban beside those: load balancers, and its own `ignore`."""
    return tuple(dict.fromkeys([*(jail.log.proxies if jail.log else ()), *jail.spec.ignore]))


def longest(jail: Jail) -> int:
    """Seconds that a ban of this jail can last."""
    increment = jail.spec.increment
    return max(jail.spec.bantime, increment.maxtime if increment else 0)


def dbpurgeage(jails: tuple[Jail, ...]) -> int:
    """Seconds that fail2ban must remember bans for, so that a restart loses none."""
    return max((DAY, *map(longest, jails)))


def facts(site: Site, part: Bans) -> Mapping[str, object]:
    """What behaviour tests need to know of the jails, as plain data."""
    on = [node.name for node in part.nodes]
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
                for name, jail in part.spec.jails.items()
            }
        }
    }


def by_name(part: Bans, claims: Claims) -> Mapping[str, Jail]:
    """Each jail that is on some node, as the last of them has it."""
    return {jail.name: jail for jails in jails_by_node(part, claims).values() for jail in jails}
