"""A volume has the planned type, replica count, bricks and options, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Word
from verify.readers import gluster
from verify.readers.compare import extra, missing, same
from verify.readers.shell import gluster as ask


@dataclass(frozen=True, slots=True)
class Want:
    """`type` as gluster writes it (Replicate, Distributed-Replicate, Disperse, …).

    `bricks` are `node:/path` in the order of creation; `options` every option that must be set.
    """

    name: Word
    type: str
    replica: int
    arbiter: int
    disperse: int
    redundancy: int
    bricks: tuple[str, ...]
    options: dict[str, str]


TRUE, FALSE = ("on", "yes", "true", "enable"), ("off", "no", "false", "disable")


@dataclass(frozen=True, slots=True)
class Seen:
    """The volume as `gluster volume info` has it; `state` is "absent" when there is none."""

    state: str
    type: str = ""
    replica: int = 0
    arbiter: int = 0
    disperse: int = 0
    redundancy: int = 0
    bricks: tuple[str, ...] = ()
    arbiters: tuple[str, ...] = ()
    options: dict[str, str] | None = None


def commands(want: Want) -> Mapping[str, Command]:
    """This node's copy of the volume's definition; it takes no lock."""
    return {"volume": Command(ask("volume", "info", want.name), timeout=20)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """`distCount` changed its meaning between releases and is not read."""
    command = f"gluster volume info {want.name}"
    try:
        volume = gluster.read(outputs["volume"], command).find(".//volume")
    except gluster.Refused as refusal:
        if refusal.number != gluster.NO_VOLUME:
            raise Unreadable(f"{command}: {refusal}") from None
        return Seen("absent")
    if volume is None:
        raise Unreadable(f"{command}: it names no volume")
    bricks = {gluster.field(b, "name"): gluster.field(b, "isArbiter") for b in volume.iter("brick")}
    names = ("replicaCount", "arbiterCount", "disperseCount", "redundancyCount")
    replica, arbiter, disperse, redundancy = (gluster.number(volume, name) for name in names)
    return Seen(
        gluster.field(volume, "statusStr"),
        gluster.field(volume, "typeStr"),
        replica,
        arbiter,
        disperse,
        redundancy,
        tuple(bricks),
        tuple(name for name, flag in bricks.items() if flag == "1"),
        {gluster.field(o, "name"): gluster.field(o, "value") for o in volume.iter("option")},
    )


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Order of bricks decides which ones form a set, so it counts."""
    if seen.state == "absent":
        return same("volume", want.name, "absent")
    return (
        *same("state", "Started", seen.state),
        *same("type", want.type, seen.type),
        *same("replica", max(want.replica, 1), max(seen.replica, 1)),
        *same("arbiter", want.arbiter, seen.arbiter),
        *same("disperse", want.disperse, seen.disperse),
        *same("redundancy", want.redundancy, seen.redundancy),
        *same("bricks, in order", want.bricks, seen.bricks),
        *same("arbiter bricks", _arbiters(want), seen.arbiters),
        *_options(want.options, seen.options or {}),
    )


def _arbiters(want: Want) -> tuple[str, ...]:
    """The last brick of each replica set."""
    return want.bricks[want.replica - 1 :: want.replica] if want.arbiter else ()


def _options(wanted: Mapping[str, str], actual: Mapping[str, str]) -> tuple[Difference, ...]:
    both = sorted(set(wanted) & set(actual))
    changed = (same(f"option {n}", _plain(wanted[n]), _plain(actual[n])) for n in both)
    return (
        *missing("option", (f"{name} {wanted[name]}" for name in set(wanted) - set(actual))),
        *extra("option", (f"{name} {actual[name]}" for name in set(actual) - set(wanted))),
        *(difference for differences in changed for difference in differences),
    )


def _plain(value: str) -> str:
    """Gluster's several words for yes and no as one; any other value as it is."""
    if value.lower() in TRUE:
        return "on"
    return "off" if value.lower() in FALSE else value
