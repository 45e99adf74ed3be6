"""Nothing listens on a node but what the spec, or its platform, accounts for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from verify.contract import Command, Difference, Output, Unreadable
from verify.kinds import Environment
from verify.readers import sockets
from verify.readers.compare import extra
from verify.readers.shell import SOCKETS
from verify.readers.sockets import Socket


@dataclass(frozen=True, slots=True)
class Want:
    """Each allowed entry is `{protocol, first, last, addresses, process}`; empty process is any."""

    allowed: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that listens."""

    sockets: tuple[Socket, ...]


def adapted(want: Want, environment: Environment) -> Want:
    """An engine's resolver listens inside of its containers, on ports of its choice."""
    more: list[dict[str, object]] = [
        {
            "protocol": p,
            "first": 1,
            "last": 65535,
            "addresses": environment.addresses,
            "process": "",
        }
        for p in ("tcp", "udp")
    ]
    return Want((*want.allowed, *more)) if environment.addresses else want


def commands(want: Want) -> Mapping[str, Command]:
    """All listening sockets of the node."""
    return {"sockets": Command(SOCKETS)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """All of them. A node that is asked has at least the socket that it is reached by."""
    seen = sockets.read(outputs["sockets"])
    if not seen:
        raise Unreadable("ss: it shows not one socket")
    return Seen(seen)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Each socket that no entry allows."""
    unexpected = [s for s in seen.sockets if not any(allows(entry, s) for entry in want.allowed)]
    return extra("listening", (str(socket) for socket in unexpected))


def allows(entry: Mapping[str, object], socket: Socket) -> bool:
    """Whether an entry covers a socket; no addresses means any, and so does no process."""
    addresses = cast("tuple[str, ...]", entry.get("addresses") or ())
    process = cast(str, entry.get("process") or "")
    return (
        entry["protocol"] == socket.protocol
        and cast(int, entry["first"]) <= socket.port <= cast(int, entry["last"])
        and (not addresses or socket.address in addresses)
        and (not process or process in socket.processes)
    )
