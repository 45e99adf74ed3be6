"""Every brick and every self-heal daemon of a volume is online, in the planned ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Label, PortNumber, Word
from verify.readers import gluster
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """`shd` and `snapd` name the nodes that must run such a daemon; `node` is who is asked.

    A bundle of an earlier release does not say who is asked: then a brick has to tell its name.
    """

    volume: Word
    bricks: tuple[str, ...]
    shd: tuple[Label, ...]
    first_port: PortNumber
    last_port: PortNumber
    snapd: tuple[Label, ...] = ()
    node: str = ""


HEALER, SNAPSHOTS = "Self-heal Daemon", "Snapshot Daemon"
DAEMONS = frozenset(
    {HEALER, SNAPSHOTS, "NFS Server", "Quota Daemon", "Bitrot Daemon", "Scrubber Daemon"}
)
SELF = "localhost"


@dataclass(frozen=True, slots=True)
class Seen:
    """Bricks with their port ("offline" when down), and daemons by node with their state."""

    started: bool
    bricks: dict[str, str]
    healers: dict[str, str]
    snapshots: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """Takes the cluster's lock, so it is asked on one node only."""
    return {"status": gluster.locked("volume", "status", want.volume, timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The node that answers calls itself `localhost` where a daemon is no brick."""
    command = f"gluster volume status {want.volume}"
    try:
        root = gluster.read(outputs["status"], command)
    except gluster.Refused as refusal:
        if refusal.number != gluster.NOT_STARTED or "is not started" not in str(refusal):
            raise Unreadable(f"{command}: {refusal}") from None
        return Seen(False, {}, {}, {})
    rows = [_row(node) for node in root.iter("node") if node.find("hostname") is not None]
    names = {peer: host for host, _, peer, _ in rows if host not in DAEMONS}

    def daemons(name: str) -> dict[str, str]:
        return {
            names.get(peer, want.node or path) if path == SELF else path: port
            for host, path, peer, port in rows
            if host == name
        }

    bricks = {f"{host}:{path}": port for host, path, _, port in rows if host not in DAEMONS}
    return Seen(True, bricks, daemons(HEALER), daemons(SNAPSHOTS))


def _row(node: Element) -> tuple[str, str, str, str]:
    online = gluster.field(node, "status") == "1"
    port = gluster.field(node, "port") if online else "offline"
    host, path = gluster.field(node, "hostname"), gluster.field(node, "path")
    return host, path, gluster.field(node, "peerid"), port


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A node whose glusterd is dead is not in the answer at all, so its brick is missing."""
    if not seen.started:
        return same("volume", "started", "not started")
    return (
        *sets("brick", want.bricks, seen.bricks),
        *(d for brick in want.bricks if brick in seen.bricks for d in _port(want, seen, brick)),
        *sets("self-heal daemon", want.shd, _online(seen.healers)),
        *sets("snapshot daemon", want.snapd, _online(seen.snapshots)),
    )


def _online(daemons: Mapping[str, str]) -> set[str]:
    return {node for node, state in daemons.items() if state != "offline"}


def _port(want: Want, seen: Seen, brick: str) -> tuple[Difference, ...]:
    port = seen.bricks[brick]
    inside = port.isdigit() and want.first_port <= int(port) <= want.last_port
    wanted = f"online, port {want.first_port}-{want.last_port}"
    return () if inside else (Difference(brick, wanted, port),)
