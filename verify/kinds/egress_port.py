"""A port of this node that root can connect to, and an account without rights cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output
from verify.forms import Address, PortNumber
from verify.readers import probe
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """The node's own address, and a TCP port on it."""

    address: Address
    port: PortNumber


# nobody, and nogroup: an account that every Linux has and that nothing is granted to
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Seen:
    """How a connection ends, for root and for nobody."""

    root: str
    nobody: str


def commands(want: Want) -> Mapping[str, Command]:
    """One connection each, closed at once. Nothing is sent."""
    words = ("reach", want.address, want.port, "tcp", probe.WAIT)
    drop = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs"
    limit = probe.WAIT + 6
    return {
        "root": probes.ask(*words, timeout=limit),
        "nobody": Command(f"{drop} {probes.run(*words)}", timeout=limit),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` where a connection could not be tried."""
    return Seen(probe.read(outputs["root"]).word, probe.read(outputs["nobody"]).word)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What is refused to root as well proves nothing about anybody else."""
    return (
        *same("for root", probe.OPEN, seen.root),
        *same("for other accounts", probe.REFUSED, seen.nobody),
    )
