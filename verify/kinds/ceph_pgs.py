"""Every placement group of a pool is in the predicted state: no better, and no worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Word
from verify.readers import ceph


@dataclass(frozen=True, slots=True)
class Want:
    """`states` are the words of the predicted state, without those that depend on objects.

    `moved` are those of a group that has been on other OSDs before; none where that is the same.
    """

    pool: Word
    states: tuple[str, ...]
    admin: str
    moved: tuple[str, ...] = ()


# A group with an object in it that lacks a copy is also degraded; scrubbing is housekeeping.
DEGRADED = "degraded"
HOUSEKEEPING = frozenset(["scrubbing", "deep", "snaptrim", "snaptrim_wait"])


@dataclass(frozen=True, slots=True)
class Seen:
    """How many placement groups of the pool are in each state, as Ceph writes it."""

    groups: dict[str, int]


def commands(want: Want) -> Mapping[str, Command]:
    """The groups are named by the number of their pool."""
    return {
        "groups": ceph.ask(want.admin, "pg dump", dumpcontents=("pgs_brief",)),
        "pools": ceph.ask(want.admin, "osd pool ls", detail="detail"),
    }


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Raises `Unreadable` where there is no such pool, or its groups are not reported yet."""
    pools = ceph.read(outputs["pools"], "ceph osd pool ls detail")
    dump = ceph.read(outputs["groups"], "ceph pg dump pgs_brief")
    number = next((one["pool_id"] for one in pools if one["pool_name"] == want.pool), None)
    if number is None:
        raise Unreadable(f"there is no pool {want.pool}")
    groups = [one for one in dump["pg_stats"] if one["pgid"].split(".")[0] == str(number)]
    if not groups:
        raise Unreadable(f"ceph pg dump: no placement group of {want.pool} is reported")
    return Seen(dict(sorted(Counter(str(group["state"]) for group in groups).items())))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Better than predicted differs too: the prediction is what the site was agreed with."""
    return tuple(
        Difference(f"{count} placement groups", "+".join(want.states), state)
        for state, count in seen.groups.items()
        if not any(_like(state, planned) for planned in (want.states, want.moved) if planned)
    )


def _like(state: str, planned: tuple[str, ...]) -> bool:
    words, least = frozenset(state.split("+")), frozenset(planned)
    allowed = HOUSEKEEPING | (frozenset() if "clean" in least else {DEGRADED})
    return least <= words <= least | allowed
