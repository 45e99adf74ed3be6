"""A running daemon has the settings of the spec, and none that somebody gave it since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers import ceph
from verify.readers.compare import extra, missing, same


@dataclass(frozen=True, slots=True)
class Want:
    """What the file sets for a daemon (`osd.0`), as text."""

    daemon: str
    settings: dict[str, str]


# What a daemon sets for itself when it starts; a manager also the address that it has found.
ITSELF = frozenset(["daemonize", "fsid", "host", "no_config_file", "public_addr"])
# What its module `volumes` sets in a manager that has opened a file system (seen on 16.2).
VOLUMES = frozenset(
    ["client_check_pool_perm", "client_mount_gid", "client_mount_uid", "client_quota"]
)
# From 17.2 on, OSDs with the mclock scheduler also switch off what it makes needless, and no other
# value of these counts (OSD.cc, maybe_override_sleep_options_for_qos).
NEEDLESS = re.compile(r"osd_(delete|recovery|scrub|snap_trim)_sleep(_hdd|_ssd|_hybrid)?=0(\.0+)?")
TRUTH = {"true": "1", "false": "0"}
SUFFIXED = re.compile(r"(\d+)([KMGTPE])i?B?")
# Where a value can come from beside the file: the monitors' database, and orders over the socket.
LATER = ("mon", "override")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the daemon has from its file, and what it has from elsewhere (`KEY=VALUE (SOURCE)`)."""

    file: dict[str, str]
    later: tuple[str, ...]


def commands(want: Want) -> Mapping[str, Command]:
    """The daemon itself is asked, not the file: it may have been started before that changed."""
    return {"config": ceph.daemon(want.daemon, "config", "diff")}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """A value that is also the default is in no difference, but its source is."""
    diff = ceph.read(outputs["config"], f"ceph daemon {want.daemon} config diff").get("diff")
    if not isinstance(diff, dict):
        raise Unreadable(f"ceph daemon {want.daemon} config diff: no differences in it")
    later = (
        f"{key}={_text(values[source])} ({source})"
        for key, values in diff.items()
        for source in LATER
        if source in values and not _itself(want.daemon, key, _text(values[source]), source)
    )
    file = {key: _text(values["file"]) for key, values in diff.items() if "file" in values}
    return Seen(file, tuple(later))


def _itself(daemon: str, key: str, value: str, source: str) -> bool:
    if key in ITSELF:
        return True
    if source != "override":
        return key.startswith(ceph.MEASURED)
    if NEEDLESS.fullmatch(f"{key}={value}"):
        return True
    return key in VOLUMES and daemon.startswith("mgr.")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """Values compare by what they mean: Ceph shows 5 as 5.000000, 1 as true and 2G as its bytes."""
    both = sorted(set(want.settings) & set(seen.file))
    changed = (
        same(key, _plain(want.settings[key]), _plain(seen.file[key]))
        for key in both
        if not _as_bytes(want.settings[key], seen.file[key])
    )
    return (
        *missing("setting", set(want.settings) - set(seen.file)),
        *extra("setting", set(seen.file) - set(want.settings)),
        *(difference for differences in changed for difference in differences),
        *extra("set since", seen.later),
    )


def _plain(value: str) -> str:
    """Also an address as Ceph completes it, `v2:10.79.0.21:0/0`."""
    word = TRUTH.get(value.lower(), value).removeprefix("v2:").removesuffix(":0/0").strip("[]")
    try:
        return f"{float(word):.15g}"
    except ValueError:
        return word


def _as_bytes(wanted: str, actual: str) -> bool:
    """Whether a number with a suffix is what it is shown as: of 1024 for sizes, of 1000 else."""
    parts = SUFFIXED.fullmatch(wanted)
    if parts is None or not actual.isdigit():
        return False
    power = "KMGTPE".index(parts[2]) + 1
    return int(actual) in {int(parts[1]) * unit**power for unit in (1000, 1024)}
