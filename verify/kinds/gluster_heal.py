"""Nothing of a volume waits to be healed and nothing is in split brain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import gluster
from verify.readers.compare import same, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Bricks as `node:/path`; each must be connected with 0 entries."""

    volume: Word
    bricks: tuple[str, ...]


CONNECTED = "Connected"


@dataclass(frozen=True, slots=True)
class Brick:
    """`pending` and `split` as printed, empty for a brick that is down.

    There 10.3 runs the text of the next element into the status and leaves the counts out.
    """

    status: str
    pending: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Every brick of the volume."""

    bricks: dict[str, Brick]


def commands(want: Want) -> Mapping[str, Command]:
    """Asked once for the site: with a node down one answer takes 10 s and more."""
    words = ("volume", "heal", want.volume, "info", "summary")
    return {"heal": gluster.locked(*words, timeout=45)}


def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The summary is the form that counts split brain apart."""
    root = gluster.answer(outputs["heal"], f"gluster volume heal {want.volume} info summary")
    return Seen({gluster.field(brick, "name"): _brick(brick) for brick in root.iter("brick")})


def _brick(brick: Element) -> Brick:
    status = gluster.field(brick, "status")
    if status != CONNECTED:
        return Brick(status.partition("totalNumberOfEntries")[0])
    counts = ("totalNumberOfEntries", "numberOfEntriesInSplitBrain")
    return Brick(status, *(gluster.field(brick, name) for name in counts))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A brick that is not connected counts nothing, so it is not clean."""
    each = (_differences(name, brick) for name, brick in seen.bricks.items())
    return (
        *sets("brick", want.bricks, seen.bricks),
        *(d for differences in each for d in differences),
    )


def _differences(name: str, brick: Brick) -> tuple[Difference, ...]:
    return same(f"{name} status", CONNECTED, brick.status) or (
        *same(f"{name} entries to heal", "0", brick.pending),
        *same(f"{name} entries in split brain", "0", brick.split),
    )
