"""What can be wrong with a `ceph:` part. Facts: Ceph 16.2, its documentation and its daemons."""

from __future__ import annotations

from generator.components.ceph import settings
from generator.language.findings import Rule, Severity

_STATES = "docs.ceph.com, PG states; pools, min_size"

FEW_PLACES = Rule(
    "C01",
    "more copies than places for them",
    "A copy has a failure domain of its own or does not exist: the pool works and stays "
    "undersized, with HEALTH_WARN, until there are as many places as copies.",
    "add OSDs in further failure domains, or accept this finding with the day they come",
    Severity.WARNING,
    source=f"{_STATES}; rook#11987, rook#10672",
)
NO_ADDRESS = Rule(
    "C02",
    "a daemon without an address in its network",
    "Monitors listen on their address in the public network, OSDs also on one in the cluster "
    "network; without one they take any other, or do not start.",
    "give the node an address in that network (`addresses`)",
    source="ceph-ansible#6342; docs.ceph.com, network configuration",
)
MIN_SIZE_1 = Rule(
    "C03",
    "a pool that is written with one copy left",
    "With `min_size: 1`, which is also the default of `size: 2`, what is written while one copy is "
    "left is lost with that OSD, and two OSDs that fail one after the other leave contradictory "
    "copies.",
    "use `size: 3` with `min_size: 2`, its default",
    source="ceph/ceph#17912, ceph-medic#11",
)
SIZE_1 = Rule(
    "C04",
    "a pool with one copy",
    "One lost OSD loses a part of everything in it; Ceph refuses such a pool unless it is "
    "told to allow it.",
    "use `size: 3`",
    source="ceph/ceph#33281; mon_allow_pool_size_one",
)
NOT_POWER = Rule(
    "C06",
    "a pg_num that is not a power of two",
    "Placement groups would differ in size by a factor of two, and Ceph says so for ever "
    "(POOL_PG_NUM_NOT_POWER_OF_TWO).",
    "use the next power of two, or `auto`",
    Severity.WARNING,
    source=settings.HEALTH,
)
NO_DISK = Rule(
    "C09",
    "an OSD on a disk that the node does not have",
    "OSDs live on disks that the spec names, never on whatever is free.",
    "add the node to the disk's `nodes`, or name another disk",
    source="ceph/ceph#35744",
)
NEVER_SERVES = Rule(
    "C101",
    "a pool that never serves",
    "There are fewer failure domains than `min_size`: its placement groups are peered and "
    "inactive, and whoever reads or writes waits for ever.",
    "use `failure_domain: osd`, or add OSDs in further failure domains",
    source=_STATES,
)
EVEN = Rule(
    "C104",
    "an even number of monitors",
    "A quorum is more than half: with two monitors none may fail, with four as many as with three.",
    "use one, three or five",
    Severity.WARNING,
    source="docs.ceph.com, adding and removing monitors",
)
ONE_MON = Rule(
    "C105",
    "one monitor",
    "While it is down nobody new is served and no failure is handled; whoever is connected "
    "goes on for a while. Its store is the only copy of what the cluster knows about itself.",
    "use three, on machines that do not fail together",
    Severity.INFO,
    source="docs.ceph.com, monitor configuration",
)
TWICE = Rule(
    "C106",
    "one disk or one number for two OSDs",
    "An OSD has its disk and its number for itself.",
    "name each disk of a node once, and give ids that differ",
)
TOO_MANY = Rule(
    "C107",
    "more placement groups than the monitors allow",
    "Above mon_max_pg_per_osd the monitors refuse to make the pool. Gateways make theirs when "
    "they first start and when something is first kept: then an upload fails, and no check of "
    "health says why.",
    "use fewer `pg_num`, about 100 copies of placement groups for each OSD; for pools that are "
    "not in the spec, `osd_pool_default_pg_num: 8` in `settings`, and "
    '`osd_pool_default_pg_autoscale_mode: "off"`, or the autoscaler brings each to 32',
    source="OSDMonitor.cc, check_pg_num; mon_max_pg_per_osd",
)
OTHER_RELEASE = Rule(
    "C108",
    "a release that is not the platform's",
    "What a release knows, how it stores keys and which ports it takes is not the same in "
    "the next one.",
    "leave `release` out, or use a platform that has it",
)
NO_NETWORK = Rule(
    "C109",
    "a network that does not exist",
    "Daemons take their addresses from it.",
    "use a name of `networks`",
)
NOT_MEMBER = Rule(
    "C110",
    "a role outside of the cluster's nodes",
    "A daemon needs the configuration that only `ceph.nodes` get.",
    "add the node to `ceph.nodes`, or leave that out",
)
ABOVE_SIZE = Rule(
    "C111",
    "more copies to wait for than there are",
    "`min_size` counts copies out of `size`; Ceph refuses more.",
    "use a `min_size` of at most `size`",
    source="OSDMonitor.cc, osd pool set min_size",
)
ROOT = Rule(
    "C112",
    "the daemons' account is root",
    "Whoever gets at a daemon of Ceph has the machine. Only ceph-deploy, which is not "
    "maintained since 2020, needed it.",
    "leave `sudo` out once nothing uses it",
    Severity.INFO,
    source="github.com/ceph/ceph-deploy, README",
)
FAMILIES = Rule(
    "C114",
    "addresses of two families in one cluster",
    "Daemons bind to one family unless they are told otherwise; those of the other are not "
    "reached. An OSD of 16.2 that is told to bind to both gives everybody the address 0.0.0.0 as "
    "well, and is never up.",
    "give all nodes of the cluster addresses of one family, in both of its networks",
    source="docs.ceph.com, network configuration (ms_bind_ipv6)",
)
NO_FILES = Rule(
    "C115",
    "a file system without its pools or its metadata server",
    "CephFS keeps names and contents in pools of its own, at least two, and each file system needs "
    "a metadata server that is active for it alone.",
    "add the pools with `application: cephfs`, and a node to `mds`",
    source="docs.ceph.com, cephfs/createfs; cephfs/add-remove-mds",
)
NO_GATEWAY = Rule(
    "C116",
    "a gateway that never starts",
    "An object gateway makes pools of `osd_pool_default_size` copies before it answers. Where "
    "those never serve it waits, and ends after rgw_init_timeout, again and again.",
    "use `failure_domain: osd`, or add OSDs in further failure domains",
    source="docs.ceph.com, radosgw, pools",
)
TAKEN = Rule(
    "C117",
    "a gateway's port that other daemons take",
    "Monitors have 3300 and 6789, and the others take the first that are free from 6800 on: "
    "whoever starts last does not get it.",
    "leave `rgw_port` out, or use 80 or 8080",
    source="ms_bind_port_min, ms_bind_port_max",
)
ONE_OF_TWO = Rule(
    "C119",
    "an OSD on a disk and a device, or on neither",
    "An OSD is a file on a disk's file system, or has a device for itself: one of the two. Only "
    "the latter has its metadata elsewhere.",
    "name a disk of `disks` by `disk`, or a whole, empty device by `device`, with `db` or without",
)
NOT_WHOLE = Rule(
    "C120",
    "a device that is not a whole one under a lasting name",
    "`ceph-volume` takes whole devices. A partition is a part of what somebody else has, and "
    "/dev/sda, /dev/vdb or /dev/nvme1n1 may be another disk after the next boot.",
    "name the device by /dev/disk/by-id/..., or by the provider's fixed name",
    source="docs.ceph.com, ceph-volume/lvm/prepare; udev(7), persistent names",
)
OWNED = Rule(
    "C121",
    "a device with two owners",
    "An OSD has its device for itself, and one for metadata is only shared by metadata: a file "
    "system or another OSD on it would be refused on the node, after everything else was made.",
    "give each OSD and each of `disks` its own device",
    source="docs.ceph.com, ceph-volume/lvm/prepare",
)
SHARED = Rule(
    "C122",
    "an OSD on a disk that others fill",
    "An OSD takes nearly all of its disk's file system at once. Whoever else keeps something "
    "there is out of space from then on, or the OSD is never made.",
    "give the OSD a disk of its own",
)
ONE_ZONE = Rule(
    "C123",
    "one zone can stop the cluster",
    "More than half of the monitors must see each other; when one zone has half of them or more, "
    "its outage stops all that the cluster does, whatever is left of the OSDs.",
    "spread the monitors over three zones, so that each has less than half of them",
    Severity.INFO,
    source="docs.ceph.com, monitor config reference, monitor quorum",
)
NO_CLASS = Rule(
    "C133",
    "an OSD without a class beside a pool that wants one",
    "An OSD takes its own disk for ssd, hdd or nvme when it first starts, often wrongly behind a "
    "controller or in a virtual machine: which pools lie on it nobody has said.",
    "give every OSD its class, such as `{disk: NAME, class: ssd}`",
    source="docs.ceph.com, crush-map, device classes",
)
ONE_DB = Rule(
    "C142",
    "copies that one device for metadata takes along",
    "An OSD is lost with the device that has its metadata. Where several have a part of one, all "
    "are lost at once, and copies that are on no others with them.",
    "use `failure_domain: host`, or give each of these OSDs another device for `db`",
    Severity.WARNING,
    source="docs.ceph.com, bluestore config reference, block.db",
)
UNSCALED = Rule(
    "C134",
    "a pool that the autoscaler leaves alone",
    "The autoscaler passes over pools of a class whose OSDs also have pools without one, and over "
    "these: each stays with the placement groups that it was made with.",
    "give the pool its `pg_num`, about 100 copies of groups for each of its OSDs",
    Severity.WARNING,
    source="docs.ceph.com, placement-groups, overlapping roots; pg_autoscaler/module.py",
)
RULES = (
    FEW_PLACES,
    NO_ADDRESS,
    MIN_SIZE_1,
    SIZE_1,
    NOT_POWER,
    NO_DISK,
    NEVER_SERVES,
    EVEN,
    ONE_MON,
    TWICE,
    TOO_MANY,
    OTHER_RELEASE,
    NO_NETWORK,
    NOT_MEMBER,
    ABOVE_SIZE,
    ROOT,
    FAMILIES,
    NO_FILES,
    NO_GATEWAY,
    TAKEN,
    ONE_OF_TWO,
    NOT_WHOLE,
    OWNED,
    SHARED,
    ONE_ZONE,
    NO_CLASS,
    ONE_DB,
    UNSCALED,
)
