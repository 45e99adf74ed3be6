"""The `ceph:` part of a spec, in Ceph's own terms."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from generator.language.spec import (
    MANY,
    ONE_IN_SCHEMA,
    Label,
    Names,
    OneLine,
    Part,
    Port,
    SafePath,
    Text,
    UserName,
    Uuid,
    beside,
    like,
    one_or_many,
)

PoolName = Annotated[
    str,
    like(
        r"^[a-z][a-z0-9_.-]{0,62}$",
        "a pool's name: lower-case letters, digits, `_`, `.` and `-`, a letter first, "
        "63 at the most",
    ),
]
SettingName = Annotated[
    str,
    like(
        r"^[a-z][a-z0-9_]{0,99}$",
        "an option of Ceph by its name, with `_`, such as `osd_memory_target`",
    ),
]


DbSize = Annotated[Text, like(r"^[1-9][0-9]{0,5}[MGT]$", "a size in M, G or T, such as `60G`")]
DeviceClass = Literal["hdd", "nvme", "ssd"]
CLASSES = get_args(DeviceClass)


class Db(Part):
    """A part of a faster device for what an OSD knows of its objects (RocksDB, `block.db`)."""

    device: SafePath
    """Whole device, empty at first; several OSDs of its node may have a part of it each."""
    size: DbSize
    """What is cut off it for this OSD; it stays as it was made."""


class Osd(Part):
    """One OSD: on a disk, or with a device for itself, and with a number of its own."""

    disk: Label | None = None
    """Disk of `disks` that it lives on, as a file."""
    device: SafePath | None = None
    """Whole, empty device that it has for itself, through `ceph-volume`; instead of `disk`."""
    db: Db | None = None
    """Another device for its metadata, beside `device`; without it, they are on the same."""
    id: Annotated[int, Field(ge=0, le=9999)] | None = None
    """Number; without it, the next free one in the order of the spec."""
    class_: Annotated[DeviceClass | None, Field(alias="class")] = None
    """Class of its device, for pools that want one; without it, what the OSD takes it for."""


def _osd(value: object) -> object:
    return {"disk": value} if isinstance(value, str) else value


OsdOrDisk = Annotated[Osd, BeforeValidator(_osd), beside({"type": "string"})]
Osds = Annotated[list[OsdOrDisk], Field(min_length=1)]


class Erasure(Part):
    """How an object is taken apart: any `data` of its chunks make it whole again."""

    data: Annotated[int, Field(ge=2, le=20)]
    """Chunks that an object is split into."""
    coding: Annotated[int, Field(ge=1, le=10)]
    """Chunks beside them, which are how many may be lost."""


class Pool(Part):
    """A pool, replicated or erasure-coded."""

    size: Annotated[int, Field(ge=1, le=10)] = 3
    """Copies of each object; of none that is erasure-coded."""
    erasure: Erasure | None = None
    """Chunks in place of copies, each in a failure domain of its own; it cannot be changed."""
    min_size: Annotated[int, Field(ge=1, le=30)] | None = None
    """Copies or chunks that must be there for reads and writes; without it, `size` less half of it,
    or one chunk more than `data`."""
    pg_num: Annotated[int, Field(ge=1, le=32768)] | Literal["auto"] = "auto"
    """Placement groups, or `auto` to leave them to the autoscaler."""
    class_: Annotated[DeviceClass | None, Field(alias="class")] = None
    """Class of the devices that it lies on; without it, on all OSDs."""
    application: Label
    """What uses it: `rbd`, `cephfs`, `rgw` or a name of your own."""


DataPools = Annotated[
    list[PoolName],
    Field(min_length=1, max_length=20),
    BeforeValidator(one_or_many),
    ONE_IN_SCHEMA,
]


class Filesystem(Part):
    """A file system of CephFS."""

    metadata: PoolName
    """Pool of `pools` for names, folders and rights."""
    data: DataPools
    """Pools of `pools` for what is in the files: one, or several, of which the first takes what no
    folder's layout gives to another (`ceph.dir.layout.pool`)."""


class Caps(Part):
    """What a client may do, by the daemons that hold it to that; in Ceph's own grammar."""

    mon: OneLine
    """Rights in the monitors, such as `profile rbd` or `allow r`; with none, nobody connects."""
    mgr: OneLine | None = None
    """Rights in the managers, such as `profile rbd pool=NAME`."""
    osd: OneLine | None = None
    """Rights in pools, such as `profile rbd pool=NAME` or `allow rw tag cephfs data=NAME`."""
    mds: OneLine | None = None
    """Rights in file systems, such as `allow rw fsname=NAME path=/backup`."""


class Client(Part):
    """A user of the cluster who is none of its daemons, `client.NAME` to Ceph."""

    caps: Caps
    """What it may do."""
    nodes: Names = Field(default_factory=list)
    """Nodes with its key, in /etc/ceph/ceph.client.NAME.key; without it, `secrets.yaml` has it."""
    owner: UserName | None = None
    """Account whose file the key is there; without it, root."""
    group: UserName | None = None
    """Group of that file; without it, the one with the owner's name."""
    mode: Literal["0400", "0440", "0600", "0640"] = "0600"
    """Mode of that file."""


class Ceph(Part):
    """A Ceph cluster on the nodes that its roles name."""

    nodes: Names = Field(default_factory=list)
    """Nodes with Ceph's configuration; without it, all that have a role."""
    release: Label | None = None
    """Release of Ceph, to be sure of it; without it, the platform's."""
    fsid: Uuid | None = None
    """The cluster's identity; derived from `identity` when it is not given."""
    public_network: Label | None = None
    """Network of clients and monitors; without it, the first of `networks`."""
    cluster_network: Label | None = None
    """Network of replication between OSDs; without it, the public one."""
    mon: Annotated[Names, Field(min_length=1)]
    """Nodes with a monitor."""
    mgr: Annotated[Names, Field(min_length=1)]
    """Nodes with a manager."""
    mds: Names = Field(default_factory=list)
    """Nodes with a metadata server of CephFS."""
    rgw: Names = Field(default_factory=list)
    """Nodes with an object gateway, which speaks S3 and Swift."""
    rgw_port: Port = 7480
    """Port of the gateways, on their addresses in the public network."""
    admin: Names = Field(default_factory=list)
    """Nodes with the keyring of `client.admin`; without it, those of `mon`."""
    osd: Annotated[dict[Text, Osds], Field(min_length=1)]
    """Disks or devices of each storage node: an OSD for each, numbered in this order."""
    failure_domain: Literal["osd", "host"] = "host"
    """What holds at most one copy of an object. It cannot be changed by a later build."""
    pools: Annotated[dict[PoolName, Pool], Field(max_length=MANY)] = Field(default_factory=dict)
    """Pools by name."""
    filesystems: dict[Label, Filesystem] = Field(default_factory=dict)
    """File systems by name; each takes a metadata server for itself, the others stand by."""
    clients: Annotated[dict[Label, Client], Field(max_length=MANY)] = Field(default_factory=dict)
    """Users who are none of the cluster's daemons, by name, without `client.`."""
    settings: dict[SettingName, OneLine] = Field(default_factory=dict)
    """Further options for all daemons, by the names that the release knows."""
    sudo: bool = False
    """Whether the account `ceph` may do everything as root, as ceph-deploy wanted it."""
