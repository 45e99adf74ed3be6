"""An OSD is on the devices that the spec gives it, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers import ceph
from verify.readers.answers import ABSENT, WRONG, first_line, text
from verify.readers.compare import extra, same

# Volumes are made of whole extents, which have this size by themselves (lvm.conf, vgcreate(8)).
EXTENT = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Want:
    """`device` is the spec's name of it; `admin` is the node that is asked for the OSD.

    `db` is the device that has a part for its metadata, of so many bytes, and for those of all
    `sharers`; None where they are with its data.
    """

    id: int
    device: str
    admin: str
    db: str | None = None
    db_bytes: int = 0
    sharers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The volume that the daemon keeps its data on, and those that the kernel has on the device.

    Each by the kernel's own name. `volumes` is None where there is no such device. `db` is the
    volume of its metadata, empty where they are with its data, and `parts` what all sharers have,
    with an empty name for who has never been up.
    """

    volume: str
    volumes: tuple[str, ...] | None
    db: str = ""
    db_bytes: int = 0
    db_volumes: tuple[str, ...] | None = None
    parts: tuple[str, ...] = ()


def commands(want: Want) -> Mapping[str, Command]:
    """The daemon's own word for where its data is, and what the kernel has on the device.

    Both are cheap; `ceph-volume lvm list` takes seconds for what the tags of a volume claim.
    """
    asked = {"osds": ceph.ask(want.admin, "osd metadata"), "device": _tree(want.device)}
    return asked if want.db is None else asked | {"db": _tree(want.db)}


def _tree(device: str) -> Command:
    name = quote(device)
    return Command(f"[ -b {name} ] || exit {ABSENT}; lsblk --json --output NAME,KNAME {name}")


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An OSD that has never been up has no volume, which is an answer."""
    osds = {int(osd["id"]): osd for osd in ceph.read(outputs["osds"], "ceph osd metadata")}
    own: dict[str, Any] = osds.get(want.id, {})
    return Seen(
        _volume(own, "bluestore_bdev"),
        _volumes(want.device, outputs["device"]),
        _volume(own, "bluefs_db"),
        int(own.get("bluefs_db_size", 0)),
        _volumes(want.db, outputs["db"]) if want.db is not None else None,
        tuple(_volume(osds.get(number, {}), "bluefs_db") for number in want.sharers),
    )


def _volume(osd: Mapping[str, Any], what: str) -> str:
    return str(osd.get(f"{what}_dev_node", "")).removeprefix("/dev/")


def _volumes(device: str, output: Output) -> tuple[str, ...] | None:
    printed = text(output, f"lsblk {device}", codes=(0, ABSENT))
    if output.code == ABSENT:
        return None
    try:
        (tree,) = json.loads(printed)["blockdevices"]
        return tuple(_beneath(tree))
    except WRONG:
        raise Unreadable(
            f"lsblk {device}: not the JSON of one device ({first_line(output)})"
        ) from None


def _beneath(tree: Any) -> Iterator[str]:
    for child in tree.get("children", ()):
        yield str(child["kname"])
        yield from _beneath(child)


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """A device holds the OSD's volume and nothing beside it, one for metadata those of sharers."""
    if seen.volumes is None:
        return same(want.device, "a device", "absent")
    if not seen.volume:
        return same(f"osd.{want.id}", "on a device", "on none")
    data = same(f"on {want.device}", (seen.volume,), seen.volumes)
    return (*data, *_metadata(want, seen))


def _metadata(want: Want, seen: Seen) -> Iterator[Difference]:
    what = f"metadata of osd.{want.id}"
    if want.db is None:
        yield from same(what, "with its data", f"on {seen.db}" if seen.db else "with its data")
    elif seen.db_volumes is None:
        yield from same(want.db, "a device", "absent")
    elif seen.db not in seen.db_volumes:
        yield from same(what, f"on {want.db}", f"on {seen.db}" if seen.db else "with its data")
    else:
        if abs(seen.db_bytes - want.db_bytes) > EXTENT:
            yield from same(f"{what}, bytes", want.db_bytes, seen.db_bytes)
        if all(seen.parts):
            yield from extra(f"on {want.db}", set(seen.db_volumes) - set(seen.parts))
