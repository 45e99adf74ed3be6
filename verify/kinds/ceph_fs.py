"""The file systems are the spec's, each has an active metadata server, and the others stand by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Word
from verify.readers import ceph
from verify.readers.compare import sets


@dataclass(frozen=True, slots=True)
class Want:
    """Pools by file system and the names of all metadata servers.

    The first pool is that of metadata, the second the one that files go to by themselves.
    """

    filesystems: dict[str, tuple[str, ...]]
    names: tuple[Word, ...]
    admin: str


ACTIVE = "up:active"


@dataclass(frozen=True, slots=True)
class Seen:
    """Pools and states of the metadata servers by file system, and who stands by."""

    pools: dict[str, tuple[str, ...]]
    servers: dict[str, dict[str, str]]
    standbys: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The one names the pools, the other the servers."""
    return {"list": ceph.ask(want.admin, "fs ls"), "map": ceph.ask(want.admin, "fs dump")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """The first pool is that of metadata."""
    listed = ceph.read(outputs["list"], "ceph fs ls")
    dump = ceph.read(outputs["map"], "ceph fs dump")
    maps = [one["mdsmap"] for one in dump["filesystems"]]
    return Seen(
        {
            str(one["name"]): tuple(map(str, (one["metadata_pool"], *one["data_pools"])))
            for one in listed
        },
        {
            str(one["fs_name"]): {str(i["name"]): str(i["state"]) for i in one["info"].values()}
            for one in maps
        },
        tuple(sorted(str(one["name"]) for one in dump["standbys"])),
    )


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Which of them is active is not ours to say."""
    servers = (*(name for names in seen.servers.values() for name in names), *seen.standbys)
    wrong = [*sets("file system", want.filesystems, seen.pools)]
    wrong += sets("metadata server", want.names, servers)
    for name, pools in want.filesystems.items():
        if name not in seen.pools:
            continue
        if _ranked(pools) != _ranked(seen.pools[name]):
            wrong.append(
                Difference(f"pools of {name}", ", ".join(pools), ", ".join(seen.pools[name]))
            )
        states = sorted(seen.servers.get(name, {}).values())
        if states != [ACTIVE]:
            wrong.append(Difference(f"{name} is served", ACTIVE, ", ".join(states) or "by nobody"))
    return tuple(wrong)


def _ranked(pools: tuple[str, ...]) -> tuple[str, ...]:
    """Further pools have no order that means something."""
    return (*pools[:2], *sorted(pools[2:]))
