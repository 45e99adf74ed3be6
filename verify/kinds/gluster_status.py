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
    """`shd` names the nodes that must run a self-heal daemon (empty where the type has none)."""

    volume: Word
    bricks: tuple[str, ...]
    shd: tuple[Label, ...]
    first_port: PortNumber
    last_port: PortNumber


HEALER = "Self-heal Daemon"
DAEMONS = frozenset({HEALER, "NFS Server", "Quota Daemon", "Bitrot Daemon", "Scrubber Daemon"})


@dataclass(frozen=True, slots=True)
class Seen:
    """Bricks with their port ("offline" when down), and healers by node with their state."""

    started: bool
    bricks: dict[str, str]
    healers: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """Takes the cluster's lock, so it is asked on one node only."""
    return {"status": gluster.locked("volume", "status", want.volume, timeout=30)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The node that answers calls its own healer `localhost`: its bricks tell its name."""
    command = f"gluster volume status {want.volume}"
    try:
        root = gluster.read(outputs["status"], command)
    except gluster.Refused as refusal:
        if refusal.number != gluster.NOT_STARTED or "is not started" not in str(refusal):
            raise Unreadable(f"{command}: {refusal}") from None
        return Seen(False, {}, {})
    rows = [_row(node) for node in root.iter("node") if node.find("hostname") is not None]
    names = {peer: host for host, _, peer, _ in rows if host not in DAEMONS}
    return Seen(
        True,
        {f"{host}:{path}": port for host, path, _, port in rows if host not in DAEMONS},
        {names.get(peer, path): port for host, path, peer, port in rows if host == HEALER},
    )


def _row(node: Element) -> tuple[str, str, str, str]:
    online = gluster.field(node, "status") == "1"
    port = gluster.field(node, "port") if online else "offline"
    host, path = gluster.field(node, "hostname"), gluster.field(node, "path")
    return host, path, gluster.field(node, "peerid"), port


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A node whose glusterd is dead is not in the answer at all, so its brick is missing."""
    if not seen.started:
        return same("volume", "started", "not started")
    healing = {node for node, state in seen.healers.items() if state != "offline"}
    return (
        *sets("brick", want.bricks, seen.bricks),
        *(d for brick in want.bricks if brick in seen.bricks for d in _port(want, seen, brick)),
        *sets("self-heal daemon", want.shd, healing),
    )


def _port(want: Want, seen: Seen, brick: str) -> tuple[Difference, ...]:
    port = seen.bricks[brick]
    inside = port.isdigit() and want.first_port <= int(port) <= want.last_port
    wanted = f"online, port {want.first_port}-{want.last_port}"
    return () if inside else (Difference(brick, wanted, port),)
