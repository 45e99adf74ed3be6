"""A log of requests, and what it is watched for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from generator.claims.claim import Claim
from generator.planning.expect import Need


class LogField(StrEnum):
    """What stands in one place of a web server's log line."""

    USER = "user"
    TIME = "time"
    REQUEST = "request"
    STATUS = "status"
    BYTES = "bytes"
    REFERER = "referer"
    AGENT = "agent"
    CLIENT = "client"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Watch:
    """Requests of one kind that a log shows, under the name that `watch:` calls them by.

    `statuses` are those of the answers that count, as `200` or `4xx`; empty means any.
    """

    name: str
    method: str
    path: str
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Claim):
    """A log of requests. The daemon's format and every filter are made from `layout` alone.

    `layout` is literal text and fields in turn; CLIENT is one address that the server vouches
    for, FORWARDED a list of which only the last is. Time is `%d/%b/%Y:%H:%M:%S %z`. `ports` are
    where the requests come in. `proxies` are the networks of load balancers in front; where there
    are any, a packet filter sees their addresses only, and `deny` is the file of addresses that
    the server itself refuses, `deny_reload` the command after which it does. `needs` are the ids
    of checks without which no request comes as far as the log.
    """

    path: str
    owner: str
    group: str
    mode: str
    layout: tuple[str | LogField, ...]
    watches: tuple[Watch, ...]
    ports: tuple[int, ...]
    unit: str
    proxies: tuple[str, ...] = ()
    deny: str = ""
    deny_reload: str = ""
    needs: tuple[Need, ...] = ()
    noun: ClassVar[str] = "log"

    def subject(self) -> object:
        return self.path
