"""What a `fail2ban:` part means on each node: which jail watches which log, with which filter.

Everything else in this component reads this, so that files, checks and samples cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generator.claims import AgreedUnit, Claims, Log, LogField, Port, Unit
from generator.components.fail2ban import filters, request_pattern, samples
from generator.components.fail2ban.filters import Filter
from generator.components.fail2ban.model import Fail2ban, JailSpec
from generator.language.findings import Path
from generator.planning.site import Node, Site

SSHD = "sshd"
LOOPBACK = ("127.0.0.0/8", "::1")
LOCAL = frozenset({"127.0.0.1", "[::1]"})
WEB_PORTS, SSH_PORTS = (80, 443), (22,)
DAY = 86_400
# Units and the ports that belong to them, on one node.
Served = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Bans:
    """Where jails are asked for, and `never`: whom none of them bans."""

    spec: Fail2ban
    nodes: tuple[Node, ...]
    never: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jail:
    """One jail, on nodes whose logs are alike.

    `log` is None where the journal is read, and `unit` is whose; it is empty for sshd, and
    `filter` is None, because there they are the platform's and the package's. The log is that of
    one of the nodes. `proxies` are the networks of load balancers before any log of the node:
    whatever is read there may name one as a client.
    """

    name: str
    path: Path
    spec: JailSpec
    ports: tuple[int, ...]
    log: Log | None = None
    filter: Filter | None = None
    samples: tuple[samples.Sample, ...] = ()
    unit: str = ""
    proxies: tuple[str, ...] = ()

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
    made: dict[tuple[str, tuple[Log, ...], Served], tuple[Jail, ...]] = {}
    by_node = {}
    units = {jail.watch.journal for jail in part.spec.jails.values() if jail.watch.journal}
    for node in part.nodes:
        logs = claims.of(Log, node.name)
        alike = tuple(replace(log, node="", needs=()) for log in logs)
        readers = node.platform.groups["logs"]
        served = tuple((unit, ports_of(claims, node.name, unit)) for unit in sorted(units))
        key = (readers, alike, served)
        if key not in made:
            made[key] = tuple(_jails(part, logs, readers, served))
        by_node[node.name] = made[key]
    return by_node


def units(claims: Claims, node: str) -> Mapping[str, frozenset[str]]:
    """The roles behind each unit that is on a node, by the spec or by agreement."""
    roles: dict[str, frozenset[str]] = {}
    every: tuple[AgreedUnit | Unit, ...] = (*claims.of(AgreedUnit, node), *claims.of(Unit, node))
    for one in every:
        roles[one.name] = roles.get(one.name, frozenset()) | claims.roles(one)
    return roles


def open_ports(claims: Claims, node: str, protocol: str = "tcp") -> tuple[Port, ...]:
    """The ports of a node that other machines may reach."""
    every = (port for port in claims.of(Port, node) if port.protocol == protocol)
    return tuple(port for port in every if not set(port.addresses) <= LOCAL)


def ports_of(claims: Claims, node: str, unit: str) -> tuple[int, ...]:
    """The TCP ports that others reach whatever a unit belongs to by; none where that is unknown."""
    roles = units(claims, node).get(unit, frozenset())
    numbers = {
        number
        for port in open_ports(claims, node)
        if port.role in roles
        for number in (port.first, port.last)
    }
    return tuple(sorted(numbers))


def _jails(part: Bans, logs: tuple[Log, ...], readers: str, served: Served) -> Iterator[Jail]:
    proxies = tuple(dict.fromkeys(network for log in logs for network in log.proxies))
    made = (_jail(name, spec, logs, readers, served) for name, spec in part.spec.jails.items())
    return (replace(jail, proxies=proxies) for jail in made if jail)


def _jail(
    name: str, spec: JailSpec, logs: tuple[Log, ...], readers: str, served: Served
) -> Jail | None:
    path = ("fail2ban", "jails", name)
    if spec.watch.name == SSHD:
        return Jail(name, path, spec, tuple(spec.ports) or SSH_PORTS)
    if unit := spec.watch.journal:
        return _of_journal(
            Jail(name, path, spec, tuple(spec.ports) or dict(served)[unit], unit=unit)
        )
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


def _of_journal(jail: Jail) -> Jail | None:
    """Messages of one's own; None where the rules have something to say of the watch."""
    watch = jail.spec.watch
    try:
        layout = filters.parse(watch.format or "")
    except ValueError:
        return None
    request = watch.request or ""
    if not jail.ports or request_pattern.problem(request):
        return None
    made = filters.of_messages(layout, request, watch.statuses)
    lines = samples.messages(layout, _wanted(request), tuple(watch.statuses))
    return replace(jail, filter=made, samples=lines)


def _free(jail: Jail, logs: tuple[Log, ...], readers: str) -> Jail | None:
    """A log of one's own; where another component writes it, the format is that one's."""
    watch = jail.spec.watch
    log = next((log for log in logs if log.path == watch.log), None) or _own_log(jail, readers)
    request = watch.request or ""
    if log is None or request_pattern.problem(request):
        return None
    lines = samples.samples(log.layout, _wanted(request), (), tuple(watch.statuses))
    made = filters.build(log.layout, request, watch.statuses)
    return replace(jail, log=log, filter=made, samples=lines)


def _wanted(request: str) -> tuple[str, ...]:
    return (request_pattern.example(request),) if request else ()


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
    return tuple(dict.fromkeys([*jail.proxies, *jail.spec.ignore]))


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
                    "watch": jail.watch.name or jail.watch.log or jail.watch.journal,
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
