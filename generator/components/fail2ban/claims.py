"""The claims of fail2ban, settled from everybody's logs: jails, filters, and that logs exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from generator.claims import Claim, Claims, File, Log, Package, Template, Unit, values
from generator.components.fail2ban.jails import SSHD, Bans, Jail, dbpurgeage, ignored, jails_by_node
from generator.formats import fail2ban, tmpfiles, tsv
from generator.planning.site import Node, Site
from generator.rendering.scripts import script

ROLE = "fail2ban/fail2ban"
SPEC = ("fail2ban",)
DENY = "/usr/local/lib/stook/fail2ban-deny"
TMPFILES = "/etc/tmpfiles.d/stook-fail2ban.conf"
SAMPLES = "/etc/stook/fail2ban"
SERVICES = {22: "ssh", 80: "http", 443: "https"}


def claim(site: Site, part: Bans) -> Iterator[Claim]:
    """Nothing yet: which jails there are hangs on the logs that others claim."""
    yield from ()


def settle(site: Site, part: Bans, claims: Claims) -> Iterator[Claim]:
    """Everything of fail2ban, on each node that has a jail."""
    never, every = fail2ban.quote(" ".join(part.never)), jails_by_node(part, claims)
    for node in part.nodes:
        jails = every[node.name]
        if jails:
            units = claims.of(Unit, node.name)
            firewalls = tuple(u.name for u in units if u.role.startswith("firewall/"))
            yield from _node(node, jails, never, firewalls)


def _node(
    node: Node, jails: tuple[Jail, ...], never: str, firewalls: tuple[str, ...]
) -> Iterator[Claim]:
    packages = tuple(node.platform.packages["fail2ban"])
    for name in packages:
        yield Package(node=node.name, spec=SPEC, role=ROLE, name=name)
    unit = node.platform.units["fail2ban"]
    files = [*_server(node, jails, never), *_actions(node, jails)]
    files += [file for jail in jails for file in _jail(node, jail)]
    yield from files
    yield from _units(node, unit, firewalls)
    yield Unit(
        node=node.name,
        spec=SPEC,
        role=ROLE,
        name=unit,
        # a reload reads everything again and keeps the bans
        change="reload",
        watch=tuple(file.path for file in files if not file.path.startswith(SAMPLES)),
        packages=packages,
    )


def _server(node: Node, jails: tuple[Jail, ...], never: str) -> Iterator[File]:
    home, file = node.platform.paths["fail2ban"], partial(File, node=node.name, role=ROLE)
    yield file(
        spec=("fail2ban", "ignore"),
        path=f"{home}/jail.d/00-stook.conf",
        body=Template(__package__, "defaults.conf.j2", values({"never": never})),
        format="fail2ban",
    )
    yield file(
        spec=SPEC,
        path=f"{home}/fail2ban.d/stook.conf",
        body=Template(__package__, "server.conf.j2", values({"dbpurgeage": dbpurgeage(jails)})),
        format="fail2ban",
    )
    if all(jail.name != SSHD for jail in jails):
        yield file(
            spec=SPEC,
            path=f"{home}/jail.d/stook.local",
            body=Template(__package__, "sshd-off.local.j2"),
            format="fail2ban",
        )
    logs = {jail.log.path: jail.log for jail in jails if jail.log}
    lines = tuple(line for log in logs.values() for line in _tmpfiles(log))
    yield file(
        spec=SPEC,
        path=TMPFILES,
        body=Template(__package__, "tmpfiles.conf.j2", values({"lines": lines})),
        format="tmpfiles",
    )


def _tmpfiles(log: Log) -> Iterator[str]:
    """Lines of tmpfiles.d(5) that make a log where there is none; `:` leaves one that is there."""
    yield f"f {tmpfiles.quote(log.path)} :{log.mode} :{log.owner} :{log.group} -"


def _actions(node: Node, jails: tuple[Jail, ...]) -> Iterator[File]:
    home = f"{node.platform.paths['fail2ban']}/action.d"
    file = partial(File, node=node.name, spec=SPEC, role=ROLE)
    if any(jail.deny for jail in jails):
        yield file(path=DENY, body=script(__package__, "files", "fail2ban-deny"), mode="0755")
        yield file(
            path=f"{home}/stook-deny.conf",
            body=Template(__package__, "stook-deny.conf.j2"),
            format="fail2ban",
        )
    if any(jail.spec.ipv6_prefix < 128 and not jail.deny for jail in jails):
        yield file(
            path=f"{home}/stook-subnet.conf",
            body=Template(__package__, "stook-subnet.conf.j2"),
            format="fail2ban",
        )


def _jail(node: Node, jail: Jail) -> Iterator[File]:
    home = node.platform.paths["fail2ban"]
    file = partial(File, node=node.name, spec=jail.path, role=ROLE)
    filled = {
        "name": jail.name,
        "filter": jail.name if jail.filter else SSHD,
        "settings": tuple((key, fail2ban.quote(value)) for key, value in settings(node, jail)),
        "also_never": fail2ban.quote(" ".join(ignored(jail))) if ignored(jail) else "",
    }
    # what a package's file says of a jail of that name is read after ours, but before any `.local`
    last = "local" if jail.name == SSHD else "conf"
    yield file(
        path=f"{home}/jail.d/01-{jail.name}.{last}",
        body=Template(__package__, "jail.conf.j2", values(filled)),
        format="fail2ban",
    )
    if jail.filter:
        date = jail.filter.datepattern
        text = {
            "failregex": fail2ban.quote(jail.filter.failregex),
            "datepattern": fail2ban.quote(date) if date else "",
        }
        yield file(
            path=f"{home}/filter.d/{jail.name}.conf",
            body=Template(__package__, "filter.conf.j2", values(text)),
            format="fail2ban",
        )
        lines = "".join(tsv.line(s.address, s.line) + "\n" for s in jail.samples)
        yield file(path=f"{SAMPLES}/{jail.name}.tsv", body=lines.encode(), format="tsv")


def settings(node: Node, jail: Jail) -> Iterator[tuple[str, str]]:
    """The options of a jail, as jail.conf(5) has them; all times in seconds."""
    if jail.log:
        yield "logpath", jail.log.path
        # it follows a log that is renamed, and needs nothing but the file
        yield "backend", "polling"
    else:
        yield "backend", "systemd"
        yield "journalmatch", fail2ban.journalmatch(*journal(node, jail))
    yield "maxretry", str(jail.spec.maxretry)
    yield "findtime", str(jail.spec.findtime)
    yield "bantime", str(jail.spec.bantime)
    if jail.spec.increment:
        yield "bantime.increment", "true"
        yield "bantime.maxtime", str(jail.spec.increment.maxtime)
    yield "port", ports(jail)
    yield "banaction", _action(jail)


def journal(node: Node, jail: Jail) -> tuple[str, str]:
    """Field and value of the part of the journal that one unit alone writes.

    The packaged filter of sshd also takes what any process of that name writes, and a local user
    who copies `logger` would have anybody banned. systemd says of which unit a process is.
    """
    return "_SYSTEMD_UNIT", jail.unit or node.platform.units["ssh"]


def ports(jail: Jail) -> str:
    """Ports by the names that fail2ban's own jails use."""
    return ",".join(SERVICES.get(port, str(port)) for port in jail.ports)


def action(jail: Jail) -> str:
    """The name of the action that shuts an address out."""
    if jail.deny:
        return "stook-deny"
    return "stook-subnet" if jail.spec.ipv6_prefix < 128 else "nftables-multiport"


def _action(jail: Jail) -> str:
    """In each jail: a package's default may be read after the one of 00-stook.conf."""
    if jail.deny and jail.log:
        prefix = jail.spec.ipv6_prefix
        # not `reload`: fail2ban's actions have a function of that name
        words = f"deny_file={jail.log.deny}, deny_reload='{jail.log.deny_reload}'"
        return f"stook-deny[{words}, prefix={prefix}]"
    if jail.spec.ipv6_prefix < 128:
        return f"stook-subnet[prefix={jail.spec.ipv6_prefix}, actionstart_on_demand=false]"
    return "nftables-multiport[blocktype=drop, actionstart_on_demand=false]"


def _units(node: Node, unit: str, firewalls: tuple[str, ...]) -> Iterator[File]:
    file = partial(File, node=node.name, spec=SPEC, role=ROLE)
    yield file(
        path=f"/etc/systemd/system/{unit}.d/stook.conf",
        body=Template(__package__, "service.conf.j2", values({"path": TMPFILES})),
        format="dropin",
    )
    for firewall in firewalls:
        yield file(
            path=f"/etc/systemd/system/{firewall}.d/stook-fail2ban.conf",
            body=Template(__package__, "with-firewall.conf.j2", values({"unit": unit})),
            format="dropin",
        )
