"""What can be wrong with a `fail2ban:` part. Facts: fail2ban 1.0.2, its code and its threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from generator.claims import Claims, Log
from generator.components.fail2ban import (
    by_status,
    journal,
    log_format,
    places,
    request_pattern,
    unseen,
)
from generator.components.fail2ban.jails import SSHD, Bans, by_name
from generator.components.fail2ban.model import Fail2ban, JailSpec, Watched
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
    "reaches a low number by itself. Where any request counts that is answered by some status, one "
    "page with a dozen missing pictures does.",
    "allow 5 or more, or 20 where any request counts, and name those who may do more in `ignore`",
    Severity.WARNING,
    source="crowdsecurity/hub#863",
)
UNWATCHED = Rule(
    "F101",
    "a jail that nothing is watched for",
    "A jail without a log bans nobody, and looks as if it did.",
    "watch `sshd`, what another part of the spec writes a log of, a `log` with `request` or "
    "`statuses`, or a `journal` with `format`",
)
RESERVED = Rule(
    "F102",
    "a jail by the name of one that fail2ban brings",
    "Its filter would replace the package's, and settings that nobody wrote would be mixed in.",
    "give the jail a name of its own, such as the site's name before it",
    source="fail2ban 1.0.2, config/jail.conf and config/filter.d",
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
    *log_format.RULES,
    *journal.RULES,
    *by_status.RULES,
    *unseen.RULES,
    LEAVES,
    PROXIED,
    SLOW,
    SINGLE,
    LOW,
    UNWATCHED,
    RESERVED,
    NO_ADDRESS,
    TWO_FORMATS,
    NOBODY,
    SHORT,
)

# A browser asks for all that a page names; where that is missing, it has soon asked for this much.
PEOPLE, BROWSERS = 5, 20
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
    if jail.maxretry < (BROWSERS if jail.watch.any_request else PEOPLE):
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
    own = (watch.log, watch.journal, watch.format, watch.request, watch.statuses)
    if watch.name and not any(own):
        return
    if why := _incomplete(watch):
        yield UNWATCHED.at(path, why)
        return
    if watch.log and (why := places.misplaced(site, watch.log)):
        yield places.PLACE.at((*path, "log"), f"`{watch.log}` {why}")
    if watch.format:
        yield from log_format.check(watch, path)
    yield from by_status.check(watch, path)
    if watch.request:
        yield from _request(watch.request, (*path, "request"))


def _incomplete(watch: Watched) -> str:
    """What keeps a watch of one's own from being one; empty when nothing does."""
    if watch.name:
        return "what has a `name` has its log, its format and what counts with it"
    if watch.journal:
        whole = watch.format and not watch.log
        return "" if whole else "a journal of one's own needs `format`, and no `log`"
    counted = watch.log and (watch.request or watch.statuses)
    return "" if counted else "a log of one's own needs `log`, and `request` or `statuses`"


def _request(request: str, path: Path) -> Iterator[Finding]:
    if why := request_pattern.problem(request):
        yield LEAVES.at(path, why)
    elif request_pattern.nested(request) or _is_slow(request):
        yield SLOW.at(path, f"`{request}` can take minutes for one line")


def _is_slow(request: str) -> bool:
    """Timed in the line that takes longest: one that matches but for its end."""
    regex = rf'^- [^"]* \[\] "(?:{request}) HTTP/[0-9.]+" \d{{3}}$'
    requests = request_pattern.stretched(request)
    return request_pattern.slow(regex, requests, '- - [] "', '! HTTP/1.1" 200')


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
        yield from journal.deaf(part, claims, jail, path)
        if jail.watch.journal:
            yield from journal.unread(part, claims, jail, path)
        elif name not in jails:
            what = f"nothing on its nodes shows `{jail.watch.name or jail.watch.log}`"
            yield UNWATCHED.at((*path, "watch"), f"{what}; there is {', '.join(names)}")
        elif jails[name].deny:
            yield PROXIED.at(path, f"`{name}` is answered by the web server, not dropped", key=True)
            yield from by_status.fed(jails[name], (*path, "watch"))
        if _over_ipv6(site) and jail.ipv6_prefix == 128:
            yield SINGLE.at(path, f"`{name}` bans single addresses of IPv6", key=True)
    yield from unseen.review(part, claims)


def _over_ipv6(site: Site) -> bool:
    return any(block.version == 6 for blocks in site.networks.values() for block in blocks)
