"""A pool has the planned copies, placement groups, failure domain and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output, Unreadable
from verify.forms import Word
from verify.readers import ceph
from verify.readers.compare import same, sets

PROFILE = "osd erasure-code-profile get"


@dataclass(frozen=True, slots=True)
class Want:
    """`pg_num` is 0 where the autoscaler decides; `domain` is what holds one copy at most.

    `device_class` is that of its OSDs; empty where it is on all. Of an erasure-coded pool `data` is
    how many of its chunks make an object, and `overwritten` whether what is there may be changed.
    """

    name: Word
    size: int
    min_size: int
    pg_num: int
    application: str
    domain: str
    admin: str
    device_class: str = ""
    data: int = 0
    overwritten: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The pool as the monitors have it."""

    exists: bool
    size: int = 0
    min_size: int = 0
    pg_num: int = 0
    autoscale: str = ""
    applications: tuple[str, ...] = ()
    domain: str = ""
    rule: str = ""
    overwritten: bool = False
    code: str = "none"


def commands(want: Want) -> Mapping[str, Command]:
    """The pools, and the rules that place their copies."""
    profile = {"profile": ceph.ask(want.admin, PROFILE, name=want.name)} if want.data else {}
    return profile | {
        "pools": ceph.ask(want.admin, "osd pool ls", detail="detail"),
        "rules": ceph.ask(want.admin, "osd crush rule dump"),
    }


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """`pg_num_target` is where a change that is under way will end."""
    pools = ceph.read(outputs["pools"], "ceph osd pool ls detail")
    rules = ceph.read(outputs["rules"], "ceph osd crush rule dump")
    pool = next((one for one in pools if one["pool_name"] == want.name), None)
    if pool is None:
        return Seen(exists=False)
    rule = next((one for one in rules if one["rule_id"] == pool["crush_rule"]), None)
    if rule is None:
        raise Unreadable(f"ceph osd crush rule dump: no rule {pool['crush_rule']}")
    types = [str(step["type"]) for step in rule["steps"] if step["op"].startswith("choose")]
    return Seen(
        True,
        int(pool["size"]),
        int(pool["min_size"]),
        int(pool["pg_num_target"]),
        str(pool["pg_autoscale_mode"]),
        tuple(pool["application_metadata"]),
        ", ".join(types),
        f"{rule['rule_name']}: {ceph.steps(rule)}",
        "ec_overwrites" in str(pool["flags_names"]).split(","),
        _code(outputs) if want.data and pool["erasure_code_profile"] else "none",
    )


def _code(outputs: Mapping[str, Output]) -> str:
    profile = ceph.read(outputs["profile"], f"ceph {PROFILE}")
    return f"{profile['k']}+{profile['m']}"


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Under the autoscaler the number of placement groups is nobody's promise."""
    if not seen.exists:
        return same("pool", want.name, "absent")
    return (
        *same("size", want.size, seen.size),
        *same("min_size", want.min_size, seen.min_size),
        *(same("pg_num", want.pg_num, seen.pg_num) if want.pg_num else ()),
        *same("autoscaler", "off" if want.pg_num else "on", seen.autoscale),
        *same("failure domain", want.domain, seen.domain),
        *same("CRUSH rule", _rule(want), seen.rule),
        *(_coded(want, seen) if want.data else ()),
        *sets("application", (want.application,), seen.applications),
    )


def _rule(want: Want) -> str:
    if want.data:
        return ceph.coded_rule(want.name, want.domain, want.device_class)
    return ceph.planned_rule(want.domain, want.device_class)


def _coded(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A pool keeps the profile that it was made with, whatever becomes of that."""
    return (
        *same("code", f"{want.data}+{want.size - want.data}", seen.code),
        *same("overwrites", want.overwritten, seen.overwritten),
    )
