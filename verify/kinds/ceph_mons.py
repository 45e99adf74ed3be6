"""The monitors are the spec's, at its addresses, and all of them are in the quorum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import ceph
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """The address of each monitor, by name; `admin` is the node that is asked."""

    mons: dict[str, str]
    admin: str


# Both versions of the protocol, on their own ports.
PORTS = {"v2": 3300, "v1": 6789}


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is in the quorum, and the addresses of every monitor that is known, as `v2:IP:PORT`.

    `silent` where no quorum has answered.
    """

    silent: bool
    quorum: tuple[str, ...] = ()
    mons: dict[str, tuple[str, ...]] | None = None


def commands(want: Want) -> Mapping[str, Command]:
    """The monitors' own view."""
    return {"quorum": ceph.ask(want.admin, "quorum_status")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """No quorum is an answer; a command that cannot ask is none."""
    if ceph.silent(outputs["quorum"]):
        return Seen(silent=True)
    status = ceph.read(outputs["quorum"], "ceph quorum_status")
    mons = {
        str(mon["name"]): tuple(
            sorted(f"{one['type']}:{one['addr']}" for one in mon["public_addrs"]["addrvec"])
        )
        for mon in status["monmap"]["mons"]
    }
    return Seen(False, tuple(map(str, status["quorum_names"])), mons)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A monitor without version 2 of the protocol differs in its addresses."""
    if seen.silent:
        return same("quorum", tuple(want.mons), "none: no monitor answers")
    mons = seen.mons or {}
    known = (
        same(f"addresses of {name}", _addresses(want.mons[name]), mons[name])
        for name in want.mons
        if name in mons
    )
    return (
        *sets("monitor", want.mons, mons),
        *sets("in the quorum", want.mons, seen.quorum),
        *(difference for differences in known for difference in differences),
    )


def _addresses(host: str) -> tuple[str, ...]:
    address = f"[{host}]" if ":" in host else host
    return tuple(sorted(f"{version}:{address}:{port}" for version, port in PORTS.items()))
