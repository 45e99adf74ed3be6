"""An OSD is on the device that the spec gives it, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from verify.contract import Command, Difference, Output, Unreadable
from verify.readers import ceph
from verify.readers.answers import ABSENT, WRONG, first_line, text
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """`device` is the spec's name of it; `admin` is the node that is asked for the OSD."""

    id: int
    device: str
    admin: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The volume that the daemon keeps its data on, and those that the kernel has on the device.

    Each by the kernel's own name. `volumes` is None where there is no such device.
    """

    volume: str
    volumes: tuple[str, ...] | None


def commands(want: Want) -> Mapping[str, Command]:
    """The daemon's own word for where its data is, and what the kernel has on the device.

    Both are cheap; `ceph-volume lvm list` takes seconds for what the tags of a volume claim.
    """
    device = quote(want.device)
    tree = f"[ -b {device} ] || exit {ABSENT}; lsblk --json --output NAME,KNAME {device}"
    return {"osds": ceph.ask(want.admin, "osd metadata"), "device": Command(tree)}


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An OSD that has never been up has no volume, which is an answer."""
    osds = ceph.read(outputs["osds"], "ceph osd metadata")
    osd: dict[str, Any] = next((osd for osd in osds if osd["id"] == want.id), {})
    node = str(osd.get("bluestore_bdev_dev_node", ""))
    return Seen(node.removeprefix("/dev/"), _volumes(want.device, outputs["device"]))


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
    """A device holds the OSD's volume and nothing beside it."""
    if seen.volumes is None:
        return same(want.device, "a device", "absent")
    if not seen.volume:
        return same(f"osd.{want.id}", "on a device", "on none")
    return same(f"on {want.device}", (seen.volume,), seen.volumes)
