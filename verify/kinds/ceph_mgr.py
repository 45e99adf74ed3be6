"""One of the spec's managers is active and available, and the others stand by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import ceph
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """The managers' names; `admin` is the node that is asked."""

    names: tuple[str, ...]
    admin: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The active manager ("" when there is none) and the others."""

    active: str
    available: bool
    standbys: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The monitors know the managers."""
    return {"mgr": ceph.ask(want.admin, "mgr dump")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Names only."""
    dump = ceph.read(outputs["mgr"], "ceph mgr dump")
    standbys = tuple(str(one["name"]) for one in dump["standbys"])
    return Seen(str(dump["active_name"]), bool(dump["available"]), standbys)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Which of them is active is not ours to say."""
    managers = (*((seen.active,) if seen.active else ()), *seen.standbys)
    wrong = sets("manager", want.names, managers)
    if seen.available:
        return wrong
    return (*wrong, Difference("available", "yes", f"no (active: {seen.active or 'none'})"))
