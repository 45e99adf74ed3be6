"""The sshd that runs lets people in by the planned keys alone, whoever and from wherever."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.plain import ContractError, typed
from verify.readers.answers import text
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """`keys` is the value of AuthorizedKeysFile; `guests` are accounts with another one.

    `address` is the node's own one, `sources` such as people come from.
    """

    keys: str
    address: str
    sources: tuple[str, ...]
    guests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """The values that a keyword may have. One that not every sshd knows may be absent."""

    values: tuple[str, ...]
    optional: bool = False


NO, YES, NONE = Rule(("no",)), Rule(("yes",)), Rule(("none",))
ABSENT = Rule((), optional=True)
# Every keyword of sshd_config(5) that lets somebody in, or changes who a person then is. That of
# the keys' files is the want's own.
KEYWORDS: Mapping[str, Rule] = {
    "PubkeyAuthentication": YES,
    "AuthenticationMethods": Rule(("publickey",)),
    "PasswordAuthentication": NO,
    "KbdInteractiveAuthentication": NO,
    "PermitEmptyPasswords": NO,
    "HostbasedAuthentication": NO,
    "GSSAPIAuthentication": Rule(("no",), optional=True),
    "KerberosAuthentication": Rule(("no",), optional=True),
    "PermitRootLogin": NO,
    "AuthorizedKeysCommand": NONE,
    "TrustedUserCAKeys": NONE,
    "AuthorizedPrincipalsFile": NONE,
    "AuthorizedPrincipalsCommand": NONE,
    "PermitUserEnvironment": NO,
    "StrictModes": YES,
    # without it nobody asks whether an account has expired
    "UsePAM": YES,
    "PAMServiceName": Rule(("sshd",), optional=True),
    # these shut people out, or put them somewhere else
    "AllowUsers": ABSENT,
    "DenyUsers": ABSENT,
    "AllowGroups": ABSENT,
    "DenyGroups": ABSENT,
    "ForceCommand": NONE,
    "ChrootDirectory": NONE,
    "PermitTTY": YES,
    "PermitTunnel": NO,
    "GatewayPorts": NO,
}
FILES = "AuthorizedKeysFile"


@dataclass(frozen=True, slots=True)
class Daemon:
    """An sshd that takes connections: what is changed since it read its files, and what they say.

    `settings` are for a stranger from nowhere, `others` what is otherwise for (user, address).
    """

    newer: tuple[str, ...]
    settings: dict[str, str]
    others: tuple[tuple[str, str, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All of them."""

    daemons: tuple[Daemon, ...]


ASKED = "sshd -T"


def commands(want: Want) -> Mapping[str, Command]:
    """With the running daemon's own arguments, for everybody whom a Match might mean."""
    ask = "# sshd -T with the options of the one that runs, plain and with -C for who may come\n"
    probe = probes.run("ssh_settings", want.address, *want.sources)
    return {"settings": Command(ask + probe, timeout=60)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An sshd that says nothing of public keys is none."""
    printed = text(outputs["settings"], ASKED)
    try:
        rows: Any = typed(tuple[Daemon, ...], json.loads(printed), ASKED)
    except (ValueError, ContractError):
        raise Unreadable(f"{ASKED}: cannot read {printed[:80]!r}") from None
    if not rows or not all("pubkeyauthentication" in one.settings for one in rows):
        raise Unreadable(f"{ASKED}: it does not say what it wants of people")
    return Seen(rows)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Of a setting that a Match changes it is said for whom."""
    differences: dict[Difference, None] = {}
    for daemon in seen.daemons:
        plain = tuple(_settings(want, daemon.settings, ""))
        differences |= dict.fromkeys((*extra("changed since it was read", daemon.newer), *plain))
        matched: dict[tuple[str, Difference], list[str]] = {}
        for user, address, differs in daemon.others:
            for one in _settings(want, daemon.settings | differs, user):
                if one not in plain:
                    matched.setdefault((user, one), []).append(address)
        for (user, one), addresses in matched.items():
            more = f" and {len(addresses) - 1} more addresses" if addresses[1:] else ""
            differences[replace(one, what=f"{one.what} for {user} from {addresses[0]}{more}")] = (
                None
            )
    return tuple(differences)


def _settings(want: Want, settings: Mapping[str, str], user: str) -> Iterator[Difference]:
    files = Rule((want.guests.get(user, want.keys),))
    for keyword, rule in (*KEYWORDS.items(), (FILES, files)):
        value = settings.get(keyword.lower())
        wrong = not rule.optional if value is None else value.lower() not in _lower(rule)
        if wrong:
            wanted = " or ".join(rule.values) or "not set"
            yield Difference(keyword, wanted, "not set" if value is None else value)


def _lower(rule: Rule) -> tuple[str, ...]:
    return tuple(value.lower() for value in rule.values)
