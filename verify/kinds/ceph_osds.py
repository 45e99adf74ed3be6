"""The cluster has no OSD, no pool, no CRUSH rule and no quota but the spec's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import ceph
from verify.readers.compare import extra, sets


@dataclass(frozen=True, slots=True)
class Want:
    """Numbers of all OSDs; all pools, with those that the release may make for itself.

    `domain` is what rules set copies apart by; where it is empty, rules are not compared. `classes`
    of devices have a rule each, beside the one for all, and each erasure-coded pool its own:
    `coded` are their classes by name.
    """

    osds: tuple[int, ...]
    pools: tuple[Word, ...]
    admin: str
    domain: str = ""
    classes: tuple[str, ...] = ()
    coded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that there is; a rule by its name and its steps."""

    osds: tuple[int, ...]
    pools: tuple[str, ...]
    rules: tuple[str, ...] = ()
    quotas: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """The map of OSDs names all but the rules."""
    return {
        "osds": ceph.ask(want.admin, "osd dump"),
        "rules": ceph.ask(want.admin, "osd crush rule dump"),
    }


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Numbers and names, and the steps of each rule."""
    dump = ceph.read(outputs["osds"], "ceph osd dump")
    rules = ceph.read(outputs["rules"], "ceph osd crush rule dump")
    return Seen(
        tuple(int(osd["osd"]) for osd in dump["osds"]),
        tuple(str(pool["pool_name"]) for pool in dump["pools"]),
        tuple(f"{rule['rule_name']}: {ceph.steps(rule)}" for rule in rules),
        tuple(quota for pool in dump["pools"] for quota in _quotas(pool)),
    )


def _quotas(pool: Mapping[str, Any]) -> Iterator[str]:
    """Zero is no limit, and no pool is made with another one."""
    for key in ("quota_max_bytes", "quota_max_objects"):
        if int(pool[key]):
            yield f"{pool['pool_name']} {key.removeprefix('quota_')} {pool[key]}"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """What is missing has a check of its own, but for the rules, which pools follow."""
    rules = [ceph.planned_rule(want.domain, one) for one in ("", *want.classes)]
    rules += [ceph.coded_rule(name, want.domain, own) for name, own in want.coded.items()]
    return (
        *(sets("CRUSH rule", rules, seen.rules) if want.domain else ()),
        *extra("quota", seen.quotas),
        *extra("OSD", (f"osd.{number}" for number in set(seen.osds) - set(want.osds))),
        *extra("pool", set(seen.pools) - set(want.pools)),
    )
