"""The `fail2ban:` part of a spec, in fail2ban's own terms."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from generator.language.spec import MANY, Names, OneLine, Part, Port, SafePath, Text, beside, like
from verify.forms import LONGEST_UNIT

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _duration(value: object) -> int:
    """Seconds; fail2ban before 0.10 reads nothing else, so files never have a suffix."""
    match = re.fullmatch(r"([0-9]{1,9})([smhdw]?)", str(value))
    if match is None or isinstance(value, bool):
        raise ValueError("must be seconds, or a number with one of s, m, h, d, w: `120`, `2m`")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if not 1 <= seconds <= 315_360_000:
        raise ValueError("must be between a second and ten years")
    return seconds


def _status(value: object) -> object:
    """`401` is a number in YAML, and a name like `4xx` here."""
    return str(value) if type(value) is int else value


def _named(value: object) -> object:
    """`watch: sshd` is short for `watch: {name: sshd}`."""
    return value if isinstance(value, dict) else {"name": value}


def _off(value: object) -> object:
    return None if value is False else value


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema(
        {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+[smhdw]?$"}]}
    ),
]
Status = Annotated[
    Text,
    BeforeValidator(_status),
    like(r"^[1-5]([0-9]{2}|xx)$", "a status of HTTP such as `401`, or a class such as `4xx`"),
]
ServiceName = Annotated[
    Text,
    like(
        r"^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\-]*(@[A-Za-z0-9:_.\\@-]+)?\.service$",
        "the whole name of a service such as `shop.service`, and no template",
        LONGEST_UNIT,
    ),
]
JailName = Annotated[
    str,
    like(
        r"^[a-z][a-z0-9_-]{0,39}$",
        "a jail's name: lower-case letters, digits, `_` and `-`, a letter first, 40 at the most",
    ),
]


class Watched(Part):
    """What a jail watches: a name alone, or a log or a journal of one's own with its format."""

    name: Text | None = None
    """`sshd`, or what a component's log is watched for, such as `wordpress-xmlrpc`."""
    log: SafePath | None = None
    """Path of a log instead."""
    journal: ServiceName | None = None
    """A unit whose messages in systemd's journal are read instead, such as `shop.service`."""
    format: OneLine | None = None
    """Its lines: text with `$client` or `$forwarded`, `$time`, `$request` and other fields."""
    request: OneLine | None = None
    """Regular expression for method and path of the requests that count; without it, any that are
    answered by one of `statuses`, or each message of a journal whose format has no request."""
    statuses: Annotated[list[Status], Field(max_length=32)] = Field(default_factory=list)
    """Statuses of the answers that count, such as `401` or `4xx`; without it, any."""

    @property
    def any_request(self) -> bool:
        """Whether nothing but the status of its answer says that a request counts.

        A message without a request says itself what it is about, and its status need not be HTTP's.
        """
        message = self.journal and "$request" not in (self.format or "")
        return bool(self.statuses) and not (self.request or self.name or message)


class Increment(Part):
    """Each further ban of an address is twice as long."""

    maxtime: Duration
    """No ban is longer than this."""


class JailSpec(Part):
    """Whoever does what is watched `maxretry` times within `findtime` is shut out."""

    watch: Annotated[Watched, BeforeValidator(_named), beside({"type": "string"})]
    """What counts."""
    maxretry: Annotated[int, Field(ge=1, le=100_000)]
    """The one that bans."""
    findtime: Duration
    """Time in which they count."""
    bantime: Duration
    """How long a ban lasts."""
    ports: list[Port] = Field(default_factory=list)
    """TCP ports that the address can no longer reach; without it, those of the service."""
    ignore: Names = Field(default_factory=list)
    """Networks that this jail never bans, beside those that no jail does."""
    ipv6_prefix: Annotated[int, Field(ge=64, le=128)] = 128
    """How much of an IPv6 address is banned: 128 is the address, 64 its network."""
    increment: Annotated[Increment | None, BeforeValidator(_off), beside({"const": False})] = None
    """Whether bans grow longer; `false`, or the longest one."""


class Fail2ban(Part):
    """Attackers are shut out, by what they leave in the logs."""

    nodes: Names = Field(default_factory=list)
    """Nodes with jails; without it, all."""
    ignore: Names = Field(default_factory=list)
    """Networks that no jail ever bans, beside the nodes themselves and load balancers."""
    jails: Annotated[dict[JailName, JailSpec], Field(min_length=1, max_length=MANY)]
    """Jails by name."""
