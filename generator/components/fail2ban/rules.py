"""What can be wrong with a `fail2ban:` part. Facts: fail2ban 1.0.2, its code and its threads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from generator.claims import Claims, Log, LogField
from generator.components.fail2ban import filters, places, request_pattern
from generator.components.fail2ban.filters import Layout
from generator.components.fail2ban.jails import SSHD, Bans, by_name
from generator.components.fail2ban.model import Fail2ban, JailSpec
from generator.language import forms
from generator.language.findings import Finding, Path, Rule, Severity
from generator.planning.resolve import selector
from generator.planning.site import Site

LEAVES = Rule(
    "F01",
    "a request pattern that can leave its field",
    "Everything in a log line but the address comes from the client. A pattern that can match "
    "a quote finds its text in a Referer or a User-Agent too, and bans whoever sent it.",
    'match within the field, with `[^" ]*` instead of `.*`',
    source="roots/trellis#1687; fail2ban FILTERS, Filter Security",
)
NO_CLIENT = Rule(
    "F02",
    "a log format without exactly one client",
    "Without the client's address nobody can be banned, and with two of them the wrong one; "
    "behind a proxy the address in front is the proxy's own.",
    "write `$client` where the server puts an address that it vouches for, or `$forwarded`",
    source="wp-fail2ban-redux#14",
)
UNQUOTED = Rule(
    "F03",
    "a field of the client's without quotes around it",
    "What a client writes ends where the log's format says so. Without quotes it says where "
    "the field ends, and names another one as the attacker.",
    "put quotes around `$request`, `$referer`, `$agent` and `$forwarded` in the log",
    source="gitea#16446; CVE-2013-2178",
)
PROXIED = Rule(
    "F04",
    "bans behind a load balancer are made by the web server",
    "A packet filter sees the load balancer's address only. The web server knows the client's "
    "and refuses it, so an attacker still gets an answer, and open connections go on.",
    "ban in the load balancer as well, if it can",
    Severity.INFO,
    source="fail2ban#3620, fail2ban#1040",
)
SLOW = Rule(
    "F07",
    "a request pattern that can be slow",
    "The client chooses the line. A pattern whose time grows faster than the line stops "
    "fail2ban for minutes, and nobody is banned meanwhile.",
    "leave out repetitions within repetitions, and two that can match the same text in a row",
    source="fail2ban#3370, fail2ban#4084",
)
SINGLE = Rule(
    "F08",
    "addresses of IPv6 are banned one by one",
    "Whoever has one address of IPv6 has at least 2^64 of them, and each is counted by itself.",
    "set `ipv6_prefix: 64`; it bans the network, and each address is still counted by itself",
    Severity.INFO,
    source="fail2ban#1123, fail2ban#3960",
)
LOW = Rule(
    "F12",
    "a threshold that people reach",
    "Each call of XML-RPC counts, because a right password is answered by 200 as a wrong one is, "
    "and at the login page people mistype: an app, Jetpack or an office behind one address "
    "reaches a low number by itself.",
    "allow 5 or more, and name those who may do more in `ignore`",
    Severity.WARNING,
    source="crowdsecurity/hub#863",
)
UNWATCHED = Rule(
    "F101",
    "a jail that nothing is watched for",
    "A jail without a log bans nobody, and looks as if it did.",
    "watch `sshd`, what another part of the spec writes a log of, or a `log` with `request`",
)
RESERVED = Rule(
    "F102",
    "a jail by the name of one that fail2ban brings",
    "Its filter would replace the package's, and settings that nobody wrote would be mixed in.",
    "give the jail a name of its own, such as the site's name before it",
    source="fail2ban 1.0.2, config/jail.conf and config/filter.d",
)
FORMAT = Rule(
    "F103",
    "a log format that cannot be read",
    "A filter is made from the format; without the time and the request there is nothing to "
    "look for, and two fields without text between them cannot be told apart.",
    "write the format as the server has it, with fields such as `$time` and `$request`",
)
NO_ADDRESS = Rule(
    "F104",
    "an address that is none",
    "fail2ban takes what it cannot read for a name, looks it up, and bans whom it should not.",
    "write an address or a network, such as 192.0.2.0/24",
    source="fail2ban 1.0.2, server/ipdns.py",
)
TWO_FORMATS = Rule(
    "F105",
    "a format for a log that another part writes",
    "Two descriptions of one log drift apart, and then nobody is banned.",
    "leave `format` out: it is known, and write it where nothing else claims the log",
)
NOBODY = Rule(
    "F107",
    "a jail that bans nobody",
    "Who is in `ignore` is never banned; where that is everybody, the jail only looks on.",
    "name the networks that are yours, or leave the jail out",
    source="jail.conf(5), ignoreip",
)
SHORT = Rule(
    "F106",
    "a longest ban that is shorter than the first",
    "Bans that grow begin with `bantime`; `maxtime` below it makes every ban shorter.",
    "give a `maxtime` above `bantime`",
)
RULES = (
    places.PLACE,
    places.UNWRITTEN,
    LEAVES,
    NO_CLIENT,
    UNQUOTED,
    PROXIED,
    SLOW,
    SINGLE,
    LOW,
    UNWATCHED,
    RESERVED,
    FORMAT,
    NO_ADDRESS,
    TWO_FORMATS,
    NOBODY,
    SHORT,
)

PEOPLE = 5
CLIENTS = (LogField.CLIENT, LogField.FORWARDED)
WRITTEN_BY_CLIENTS = (
    LogField.REQUEST,
    LogField.REFERER,
    LogField.AGENT,
    LogField.FORWARDED,
)
# Sections of jail.conf and files of filter.d in 1.0.2 that a name of ours could meet.
_BROUGHT = """
apache-auth apache-badbots apache-botsearch apache-common apache-fakegooglebot apache-
modsecurity apache-nohome apache-noscript apache-overflows apache-pass apache-shellshock assp
asterisk bitwarden botsearch-common centreon common counter-strike courier-auth courier-smtp
cyrus-imap directadmin domino-smtp dovecot dropbear drupal-auth ejabberd-auth exim exim-common
exim-spam freeswitch froxlor-auth gitlab grafana groupoffice gssftpd guacamole haproxy-http-auth
horde kerio lighttpd-auth mongodb-auth monit monitorix mssql-auth murmur mysqld-auth nagios
named-refused nginx-bad-request nginx-botsearch nginx-http-auth nginx-limit-req nsd openhab
openhab-auth openwebmail oracleims pam-generic pass2allow-ftp perdition php-url-fopen
phpmyadmin-syslog portsentry postfix postfix-rbl postfix-sasl proftpd pure-ftpd qmail qmail-rbl
recidive roundcube-auth scanlogd screensharingd selinux-common selinux-ssh sendmail-auth
sendmail-reject sieve slapd softethervpn sogo-auth solid-pop3d squid squirrelmail sshd stunnel
suhosin tine20 traefik-auth uwimap-auth vsftpd webmin-auth wuftpd xinetd-fail znc-adminlog
zoneminder
"""
BROUGHT = frozenset(_BROUGHT.split())


def check(site: Site, part: Bans) -> Iterator[Finding]:
    """Everything that the spec alone shows."""
    spec = part.spec
    yield from selector(site, spec.nodes, ("fail2ban", "nodes"))
    yield from _networks(spec.ignore, ("fail2ban", "ignore"))
    for name, jail in spec.jails.items():
        yield from _jail(site, spec, name, jail, ("fail2ban", "jails", name))


def _jail(site: Site, spec: Fail2ban, name: str, jail: JailSpec, path: Path) -> Iterator[Finding]:
    if name in BROUGHT and not (name == SSHD and jail.watch.name == SSHD):
        yield RESERVED.at(path, f"fail2ban brings a jail or a filter `{name}`", key=True)
    yield from _networks(jail.ignore, (*path, "ignore"))
    yield from _everybody((*spec.ignore, *jail.ignore), (*path, "ignore") if jail.ignore else path)
    if jail.maxretry < PEOPLE:
        yield LOW.at((*path, "maxretry"), f"{jail.maxretry} requests are soon made by people")
    if jail.increment and jail.increment.maxtime < jail.bantime:
        yield SHORT.at((*path, "increment", "maxtime"), "shorter than `bantime`")
    yield from _watch(site, jail, (*path, "watch"))


def _networks(texts: list[str], path: Path) -> Iterator[Finding]:
    for index, text in enumerate(texts):
        try:
            forms.network(text)
        except ValueError as error:
            yield NO_ADDRESS.at((*path, index), f"`{text}` is no address and no network: {error}")


def _everybody(texts: Iterable[str], path: Path) -> Iterator[Finding]:
    """What cannot be read is a finding already."""
    networks = []
    for text in texts:
        with suppress(ValueError):
            networks.append(forms.network(text))
    for version in forms.everybody(networks):
        yield NOBODY.at(path, f"all of IPv{version} is ignored", key=True)


def _watch(site: Site, jail: JailSpec, path: Path) -> Iterator[Finding]:
    watch = jail.watch
    if watch.name and not (watch.log or watch.format or watch.request or watch.statuses):
        return
    if watch.name or not watch.log or not watch.request:
        yield UNWATCHED.at(path, "a log of one's own needs `log` and `request`, and no `name`")
        return
    if why := places.misplaced(site, watch.log):
        yield places.PLACE.at((*path, "log"), f"`{watch.log}` {why}")
    if watch.format:
        yield from _log_format(watch.format, (*path, "format"))
        if watch.statuses and "$status" not in watch.format:
            yield FORMAT.at((*path, "statuses"), "no line shows its status: it needs `$status`")
    why = request_pattern.problem(watch.request)
    if why:
        yield LEAVES.at((*path, "request"), why)
    elif request_pattern.nested(watch.request) or _is_slow(watch.request):
        yield SLOW.at((*path, "request"), f"`{watch.request}` can take minutes for one line")


def _is_slow(request: str) -> bool:
    """Timed in the line that takes longest: one that matches but for its end."""
    regex = rf'^- [^"]* \[\] "(?:{request}) HTTP/[0-9.]+" \d{{3}}$'
    requests = request_pattern.stretched(request)
    return request_pattern.slow(regex, requests, '- - [] "', '! HTTP/1.1" 200')


def _log_format(text: str, path: Path) -> Iterator[Finding]:
    try:
        layout = filters.parse(text)
    except ValueError:
        names = [name for name in re.findall(r"\$([a-z]+)", text) if name not in list(LogField)]
        known = ", ".join(f"`${field}`" for field in LogField)
        yield FORMAT.at(path, f"`${names[0]}` is no field; there are {known}")
        return
    fields = [field for field in layout if isinstance(field, LogField)]
    if sum(fields.count(field) for field in CLIENTS) != 1:
        yield NO_CLIENT.at(path, "it needs `$client` or `$forwarded`, once")
    yield from _readable(layout, fields, path)


def _readable(layout: Layout, fields: list[LogField], path: Path) -> Iterator[Finding]:
    for field in (LogField.TIME, LogField.REQUEST):
        if fields.count(field) != 1:
            yield FORMAT.at(path, f"it needs `${field}`, once")
    beside = itertools.pairwise(layout)
    if any(isinstance(a, LogField) and isinstance(b, LogField) for a, b in beside):
        yield FORMAT.at(path, "two fields have no text between them")
    for index, piece in enumerate(layout):
        before = layout[index - 1] if index else ""
        after = layout[index + 1] if index + 1 < len(layout) else ""
        if piece in WRITTEN_BY_CLIENTS and not (before[-1:] == after[:1] == '"'):
            yield UNQUOTED.at(path, f"`${piece}` has no quotes around it")


def review(site: Site, part: Bans, claims: Claims) -> Iterator[Finding]:
    """What only the logs that others claim can show."""
    jails = by_name(part, claims)
    logs = [log for node in part.nodes for log in claims.of(Log, node.name)]
    names = sorted({watch.name for log in logs for watch in log.watches} | {SSHD})
    for name, jail in part.spec.jails.items():
        path: Path = ("fail2ban", "jails", name)
        known = any(log.path == jail.watch.log for log in logs)
        if jail.watch.log and not known:
            yield from places.unclaimed(part, claims, jail.watch.log, (*path, "watch", "log"))
        if known and jail.watch.format:
            yield TWO_FORMATS.at((*path, "watch", "format"), f"{jail.watch.log} has a format here")
        if name not in jails:
            what = f"nothing on its nodes shows `{jail.watch.name or jail.watch.log}`"
            yield UNWATCHED.at((*path, "watch"), f"{what}; there is {', '.join(names)}")
        elif jails[name].deny:
            yield PROXIED.at(path, f"`{name}` is answered by the web server, not dropped", key=True)
        if _over_ipv6(site) and jail.ipv6_prefix == 128:
            yield SINGLE.at(path, f"`{name}` bans single addresses of IPv6", key=True)


def _over_ipv6(site: Site) -> bool:
    return any(block.version == 6 for blocks in site.networks.values() for block in blocks)
