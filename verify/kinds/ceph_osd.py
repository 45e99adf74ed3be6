"""An OSD is up and in, on its host, with its identity and class, on the planned networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verify.contract import Command, Difference, Output
from verify.forms import Address, Label
from verify.readers import ceph
from verify.readers.compare import same


@dataclass(frozen=True, slots=True)
class Want:
    """`public` and `cluster` are its addresses; `admin` is the node that is asked.

    `device_class` is empty where the OSD's own opinion of its device counts.
    """

    id: int
    uuid: str
    host: Label
    public: Address
    cluster: Address
    admin: str
    device_class: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The OSD as the monitors have it. Addresses are those it had when it was last up."""

    exists: bool
    up: bool = False
    inside: bool = False
    uuid: str = ""
    host: str = ""
    public: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    device_class: str = ""


def commands(want: Want) -> Mapping[str, Command]:
    """The map of OSDs, and the tree that says which host each is on."""
    return {
        "osds": ceph.ask(want.admin, "osd dump"),
        "tree": ceph.ask(want.admin, "osd tree"),
    }


@ceph.shaped
def parse(want: Want, outputs: Mapping[str, Output]) -> Seen:
    """An OSD that is not in the map is an answer."""
    osds = ceph.read(outputs["osds"], "ceph osd dump")["osds"]
    tree = ceph.read(outputs["tree"], "ceph osd tree")["nodes"]
    entry = next((osd for osd in osds if osd["osd"] == want.id), None)
    if entry is None:
        return Seen(exists=False)
    own: dict[str, object] = next((n for n in tree if n["id"] == want.id), {})
    hosts = (n for n in tree if n["type"] == "host" and want.id in n.get("children", ()))
    return Seen(
        True,
        entry["up"] == 1,
        entry["in"] == 1,
        str(entry["uuid"]),
        next((str(host["name"]) for host in hosts), ""),
        ceph.hosts(entry["public_addrs"]),
        ceph.hosts(entry["cluster_addrs"]),
        str(own.get("device_class", "")),
    )


def judge(want: Want, seen: Seen) -> tuple[Difference, ...]:
    """One that is down has no addresses worth comparing."""
    if not seen.exists:
        return same(f"osd.{want.id}", "in the map", "absent")
    differences = (
        *same("up", "yes", "yes" if seen.up else "no"),
        *same("in", "yes", "yes" if seen.inside else "no"),
        *same("uuid", want.uuid, seen.uuid),
        *same("host", want.host, seen.host),
        *(same("class", want.device_class, seen.device_class) if want.device_class else ()),
    )
    if not seen.up:
        return differences
    return (
        *differences,
        *same("public address", (want.public,), seen.public),
        *same("cluster address", (want.cluster,), seen.cluster),
    )
