"""What a new bundle takes away from a node that has an older one: a plan's lines and no more.

`apply` does it (`rendering/node/apply/leave*.sh`); here it is told before there is a node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.claims.claim import Inverse

PLAN = "plan.tsv"
# The verbs whose things leave, each with its noun; a file is one thing, whatever puts it there.
FILE = "file"
NOUNS = {
    "repository": FILE,
    "file": FILE,
    "secret": FILE,
    "block": "block",
    "unit": "unit",
    "user": "account",
    "claim-mount": "mount",
}
INVERSES = {
    FILE: Inverse.REMOVE,
    "block": Inverse.REMOVE,
    "unit": Inverse.STOP,
    "account": Inverse.LOCK,
    "mount": Inverse.UNMOUNT,
}
# What becomes of each, as people are told.
WORDS = {
    Inverse.REMOVE: "removed",
    Inverse.STOP: "stopped and disabled",
    Inverse.LOCK: "closed, if it was made for a bundle",
    Inverse.UNMOUNT: "unmounted, unless it is in use",
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """A thing that is in a node's old plan and not in the new one."""

    noun: str
    name: str

    @property
    def becomes(self) -> str:
        """What happens to it."""
        return WORDS[INVERSES[self.noun]]


def leaving(old: bytes, new: bytes) -> tuple[Leaving, ...]:
    """What leaves a node that comes from one plan to another, in the order of the old one."""
    stays = set(_things(new))
    return tuple(thing for thing in dict.fromkeys(_things(old)) if thing not in stays)


def _things(plan: bytes) -> Iterator[Leaving]:
    for line in plan.decode("utf-8", "replace").splitlines():
        verb, name, *_ = [*line.split("\t"), ""]
        if verb in NOUNS:
            yield Leaving(NOUNS[verb], name)
        elif verb == "absent":
            yield Leaving(FILE, name)


def by_node(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, tuple[Leaving, ...]]:
    """What leaves the nodes that both sets of files have, for those that something leaves."""
    plans = sorted({path for path in old if path.endswith(f"/{PLAN}")} & set(new))
    found = {path.split("/")[0]: leaving(old[path], new[path]) for path in plans}
    return {node: things for node, things in found.items() if things}
