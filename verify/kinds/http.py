"""A node answers a request itself, through Varnish, with the page that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex

from verify.contract import Command, Difference, Output
from verify.forms import Address, Host, PortNumber, Target
from verify.readers import web
from verify.readers.compare import missing, same


@dataclass(frozen=True, slots=True)
class Want:
    """A request to the node's own address, and what must come back.

    `headers` must be there, whatever they say; `body` are texts that the page must hold. `fresh`
    asks for a page that no cache can have; `send` are header lines of the request.
    """

    address: Address
    port: PortNumber
    host: Host
    path: Target
    status: int
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    fresh: bool = False
    send: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Status (0 without an answer, and `error` says why), names of headers, texts found."""

    status: int
    error: str
    location: str
    headers: tuple[str, ...]
    body: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """Asked on the node, so that no firewall is in between."""
    path = f"{want.path}?stook-verify={token_hex(8)}" if want.fresh else want.path
    return {"answer": web.get(want.address, want.port, want.host, path, *want.send)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A refused connection is an answer."""
    answer = web.read(outputs["answer"])
    return Seen(
        answer.status,
        answer.error,
        answer.headers.get("location", ""),
        tuple(sorted(name for name in want.headers if name.lower() in answer.headers)),
        tuple(item for item in want.body if item in answer.body),
    )


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Without the right status nothing else of the answer means anything."""
    if seen.error:
        return (Difference("answer", str(want.status), seen.error),)
    to = f"{seen.status} to {seen.location}" if seen.location else str(seen.status)
    return same("status", str(want.status), to) or (
        *missing("header", set(want.headers) - set(seen.headers)),
        *missing("in the page", set(want.body) - set(seen.body)),
    )
