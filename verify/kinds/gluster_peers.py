"""The trusted pool has exactly the spec's members, by name and connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from verify.contract import Command, Difference, Output
from verify.forms import Label
from verify.readers import gluster
from verify.readers.compare import same, sets
from verify.readers.shell import gluster as ask


@dataclass(frozen=True, slots=True)
class Want:
    """All members' names, and which of them this node is."""

    members: tuple[Label, ...]
    me: Label


GOOD = "Peer in Cluster (connected)"


@dataclass(frozen=True, slots=True)
class Seen:
    """Each other member under the name that gluster uses first, with its state."""

    peers: dict[str, str]


def commands(want: Want) -> Mapping[str, Command]:
    """This node's own view; it takes no lock."""
    return {"peers": Command(ask("peer", "status"), timeout=20)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The first of a peer's names is the one that bricks and heals are called by."""
    root = gluster.answer(outputs["peers"], "gluster peer status")
    return Seen({gluster.field(p, "hostname"): _state(p) for p in root.iter("peer")})


def _state(peer: Element) -> str:
    connected = gluster.field(peer, "connected") == "1"
    return f"{gluster.field(peer, 'stateStr')} ({'connected' if connected else 'disconnected'})"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A peer known by its address, or by another name, is missing under its own."""
    others = set(want.members) - {want.me}
    states = (same(name, GOOD, seen.peers[name]) for name in want.members if name in seen.peers)
    return (
        *sets("member", others, seen.peers),
        *(d for differences in states for d in differences),
    )
