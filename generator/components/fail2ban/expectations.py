"""What fail2ban is checked for: its jails as they run, and that a ban is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.claims import Claims, File, Log, Unit, Watch
from generator.components.fail2ban import filters
from generator.components.fail2ban.claims import action, journal, ports
from generator.components.fail2ban.jails import Bans, Jail, ignored, jails_by_node
from generator.planning.expect import Need, expectation, need, shared_list
from generator.planning.site import Node, Site
from verify.contract import Expectation, Level, Phase
from verify.kinds import attack, ban, jail, log_line
from verify.kinds import jails as every_jail

NEVER = "never-banned"
# Seconds in which a server that is just starting has all its jails, and a ban is in the kernel.
STARTING, BANNING = 30, 10
# An attack of more requests than this is not provoked: it would take minutes, and fill the log.
PROVOKED = 100


def expect(site: Site, part: Bans, claims: Claims) -> Iterator[Expectation]:
    """All jails of all nodes, and each log that they read."""
    every = jails_by_node(part, claims)
    for index, node in enumerate(part.nodes):
        jails = every[node.name]
        if jails:
            paths = tuple(file.path for file in claims.of(File, node.name))
            yield from _node(node, jails, paths, claims.of(Log, node.name))
            yield from _attacks(node, _share(jails, index, len(part.nodes)))


def _node(
    node: Node, jails: tuple[Jail, ...], paths: tuple[str, ...], own: tuple[Log, ...]
) -> Iterator[Expectation]:
    home = node.platform.paths["fail2ban"]
    every = every_jail.Want(
        names=tuple(one.name for one in jails),
        home=home,
        package=node.platform.packages["fail2ban"][0],
        files=tuple(path for path in paths if path.startswith(f"{home}/")),
    )
    server = Unit.need(node.name, node.platform.units["fail2ban"])
    yield expectation(
        node.name,
        every,
        "beyond",
        ("fail2ban", "jails"),
        "fail2ban",
        phase=Phase.BOOTED,
        needs=(server,),
        within=STARTING,
    )
    for one in jails:
        yield from _jail(node, one, server)
    logs = {log.path: log for log in own}
    for path in dict.fromkeys(one.log.path for one in jails if one.log and one.log.unit):
        yield from _log(node, logs[path])


def _jail(node: Node, one: Jail, server: Need) -> Iterator[Expectation]:
    for want, within in ((_settings(node, one), STARTING), (_ban(one), BANNING)):
        yield expectation(
            node.name,
            want,
            one.name,
            one.path,
            "fail2ban",
            phase=Phase.BOOTED,
            needs=(server,),
            within=within,
        )


def _settings(node: Node, one: Jail) -> jail.Want:
    increment, log = one.spec.increment, one.log
    settings = {"blocktype": "drop", "port": ports(one)}
    if one.deny and log:
        settings = {"deny_file": log.deny, "deny_reload": log.deny_reload}
    return jail.Want(
        name=one.name,
        maxretry=one.spec.maxretry,
        findtime=one.spec.findtime,
        bantime=one.spec.bantime,
        maxtime=increment.maxtime if increment else 0,
        log=log.path if log else "",
        writer=log.unit if log else "",
        failregex=(one.filter.failregex,) if one.filter else (),
        datepattern=one.filter.datepattern if one.filter else "",
        peers=shared_list(NEVER),
        ignore=ignored(one),
        action=action(one),
        settings=settings,
        journal="" if log else "=".join(journal(node, one)),
    )


def _ban(one: Jail) -> ban.Want:
    return ban.Want(
        jail=one.name,
        ports=one.ports,
        peers=shared_list(NEVER),
        ignore=ignored(one),
        ipv6_prefix=one.spec.ipv6_prefix,
        deny=one.log.deny if one.deny and one.log else "",
    )


def _log(node: Node, log: Log) -> Iterator[Expectation]:
    yield expectation(
        node.name,
        log_line.Want(node.address, log.ports[0], log.path, filters.line_pattern(log.layout)),
        log.path.lstrip("/"),
        log.spec,
        "fail2ban",
        level=Level.BEHAVIOUR,
        needs=(Unit.need(node.name, log.unit), *log.needs),
        within=STARTING,
    )


def _share(jails: tuple[Jail, ...], index: int, count: int) -> tuple[Jail, ...]:
    """The jails that a node provokes: each at least one, and each jail is provoked somewhere.

    An attack takes a quarter of a minute, and on every node the machinery is the same.
    """
    provoked = [one for one in jails if _watch(one) and one.spec.maxretry <= PROVOKED]
    own = {index % len(provoked)} if provoked else set()
    own |= {number for number in range(len(provoked)) if number % count == index}
    return tuple(provoked[number] for number in sorted(own))


def _attacks(node: Node, provoked: tuple[Jail, ...]) -> Iterator[Expectation]:
    """One after the other: who is banned by one jail cannot reach what another one counts."""
    for turn, one in enumerate(provoked):
        watch, log = _watch(one), one.log
        if watch is None or log is None:
            continue
        want = attack.Want(
            jail=one.name,
            address=node.address,
            port=log.ports[0],
            method=watch.method,
            path=watch.path,
            maxretry=one.spec.maxretry,
            deny=one.deny,
            turn=turn,
        )
        yield expectation(
            node.name,
            want,
            one.name,
            one.path,
            "fail2ban",
            level=Level.BEHAVIOUR,
            needs=(
                *(need(node.name, kind, one.name) for kind in (jail.Want, ban.Want)),
                need(node.name, log_line.Want, log.path.lstrip("/")),
            ),
            within=STARTING,
        )


def _watch(one: Jail) -> Watch | None:
    watches = one.log.watches if one.log else ()
    return next((watch for watch in watches if watch.name == one.spec.watch.name), None)


def shared(site: Site, part: Bans, claims: Claims) -> Mapping[str, object]:
    """Whom no jail ever bans, once."""
    return {NEVER: list(part.never)} if part.nodes else {}
