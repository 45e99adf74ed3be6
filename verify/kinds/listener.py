"""A daemon listens on a port at exactly the addresses that the spec means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import PortNumber
from verify.readers import sockets
from verify.readers.compare import same, sets
from verify.readers.shell import SOCKETS
from verify.readers.sockets import Socket


@dataclass(frozen=True, slots=True)
class Want:
    """Addresses as `ss` writes them ("0.0.0.0", "*", "[::]", "127.0.0.1").

    `first` and `last` bound the port (equal for a single one); `count` is how many sockets the
    process must have there in all.
    """

    protocol: str
    first: PortNumber
    last: PortNumber
    addresses: tuple[str, ...]
    process: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """The sockets of the protocol in the range of ports: the process's own, and of others."""

    own: tuple[Socket, ...]
    others: tuple[Socket, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """All listening sockets of the node; every listener shares the command."""
    return {"sockets": Command(SOCKETS)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Keeps what listens in the range."""
    candidates = [s for s in sockets.read(outputs["sockets"]) if s.protocol == want.protocol]
    listening = [s for s in candidates if want.first <= s.port <= want.last]
    own = tuple(s for s in listening if want.process in s.processes)
    return Seen(own, tuple(s for s in listening if s not in own))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """`*` and `[::]` are not `0.0.0.0`: addresses compare as ss writes them."""
    if not seen.own:
        taken = ", ".join(map(str, seen.others)) or "nothing"
        return (Difference("listens", want.process, taken),)
    return (
        *sets("address", want.addresses, {s.address for s in seen.own}),
        *same("sockets", want.count, len(seen.own)),
    )
