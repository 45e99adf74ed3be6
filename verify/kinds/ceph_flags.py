"""Nothing in the cluster is paused or overruled by hand: flags, and the monitors' own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.readers import ceph
from verify.readers.compare import extra


@dataclass(frozen=True, slots=True)
class Want:
    """`admin` is the node that is asked."""

    admin: str


# What every cluster of this age has, and no hand has set (OSDMap.h).
USUAL = frozenset(["sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit"])


@dataclass(frozen=True, slots=True)
class Seen:
    """Flags of the cluster, of its hosts and OSDs, and options in the monitors' database."""

    flags: tuple[str, ...]
    settings: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """What is in the database overrules every file."""
    return {
        "osds": ceph.ask(want.admin, "osd dump"),
        "settings": ceph.ask(want.admin, "config dump"),
    }


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """Flags of one host or device class are named with it."""
    dump = ceph.read(outputs["osds"], "ceph osd dump")
    parts = {**dump["crush_node_flags"], **dump["device_class_flags"]}
    flags = (
        *map(str, dump["flags_set"]),
        *(f"{flag} on {name}" for name, flags in parts.items() for flag in flags),
        *(
            f"{state} on osd.{osd['osd']}"
            for osd in dump["osds"]
            for state in osd["state"]
            if str(state).startswith("no")
        ),
    )
    settings = ceph.read(outputs["settings"], "ceph config dump")
    set_since = (
        f"{one['section']} {one['name']}={one['value']}"
        for one in settings
        if not str(one["name"]).startswith(ceph.MEASURED)
    )
    return Seen(flags, tuple(set_since))


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Either hides trouble, or makes some."""
    return (
        *extra("flag", set(seen.flags) - USUAL),
        *extra("setting in the monitors' database", seen.settings),
    )
