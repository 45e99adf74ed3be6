"""A port that the spec does not open stays shut while something listens on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify import probes
from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Address, PortNumber
from verify.readers import probe
from verify.readers.answers import text


@dataclass(frozen=True, slots=True)
class Want:
    """A port that no one claims, at the node's address; probed from outside."""

    address: Address
    port: PortNumber


LISTEN, PROBE, STOP = 1, 2, 3
LIFE = 120


@dataclass(frozen=True, slots=True)
class Seen:
    """How the port looks from the node itself while the listener stands, and from outside."""

    inside: str
    outside: str


def commands(want: Want) -> Mapping[str, Command]:
    """A listener that ends by itself, the probe from outside, and the end of the listener.

    The node probes the port too: only a port that is open there can be filtered on the way.
    """
    note = f"/run/stook-verify-{want.port}.pid"
    listener = probes.run("listen", want.port, note, LIFE)
    start = (
        f"setsid {listener} </dev/null >/dev/null 2>&1 &\n"
        f"for i in 1 2 3 4 5 6 7 8 9 10; do [ -s {note} ] && break; sleep 0.2; done\n"
    )
    inside = probe.command(want.address, want.port, "tcp", "node")
    stop = f"[ ! -s {note} ] || kill $(cat {note}); rm -f {note}"
    return {
        "inside": Command(start + inside.text, "node", inside.timeout + 5, LISTEN),
        "outside": probe.command(want.address, want.port, "tcp", "outside", PROBE),
        "stop": Command(stop, "node", step=STOP),
    }


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Without an open port on the node itself the probe from outside proves nothing."""
    inside, outside = probe.read(outputs["inside"]), probe.read(outputs["outside"])
    if inside.word != probe.OPEN:
        raise Unreadable(f"port {want.port}: no listener could be put there ({inside})")
    text(outputs["stop"], f"end of the listener on port {want.port}")
    return Seen(str(inside), str(outside))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Open means that anybody may reach what listens; refused that nothing filters."""
    filtered = seen.outside.startswith(probe.FILTERED)
    return () if filtered else (Difference("from outside", probe.FILTERED, seen.outside),)
