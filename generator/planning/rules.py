"""What can be wrong with how the nodes, disks and people of a site fit together."""

from __future__ import annotations

from generator.language.findings import Rule, Severity

NODE_NAME = Rule(
    "N101",
    "not a node name",
    "Node names become host names, unit names and file names; single lower-case labels are "
    "what all of them take.",
    "use one label: a letter, then letters, digits and hyphens, 63 at the most; and none that "
    "means something already, as localhost and outside do",
    source="hostname(7), RFC 1123 section 2.1",
)
BAD_RANGE = Rule(
    "N102",
    "a range that does not fit",
    "The n-th name takes the n-th value, so a range of names and the ranges beside it need "
    "the same length.",
    "write every range with the same number of values, such as [1:3] and [11:13]",
)
SAME_NAME = Rule(
    "N103",
    "a name is given twice",
    "Two machines under one name answer for each other; and every machine is localhost itself.",
    "give each node and each alias a name of its own",
)
BAD_ADDRESS = Rule(
    "N104",
    "not an address of its network",
    "A node outside its network is not reached where the firewall and the daemons expect it.",
    "use an address of the network's blocks, not its first (network) or last (broadcast) one",
)
SAME_ADDRESS = Rule(
    "N105",
    "an address is given twice",
    "Two machines with one address take turns in answering.",
    "give every node its own address",
)
NO_NODE = Rule(
    "N106",
    "a selector that names no node",
    "What is meant for that node would silently not happen.",
    "use a node's name or a range of names, such as node-gfs[1:3]",
)
NO_NETWORK = Rule(
    "N107",
    "an unknown network",
    "Ports and addresses are tied to networks by name.",
    "use a name from `networks`",
)
BAD_BLOCK = Rule(
    "N108",
    "not a network block",
    "A block that cannot be read, or has host bits set, filters something else than it shows; and "
    "one that nothing comes from (multicast, IPv4 written as IPv6, a zone id) is no filter's.",
    "write it as ADDRESS/LENGTH with all host bits zero, such as 10.77.0.0/24",
)
NO_ADDRESS = Rule(
    "N109",
    "a node without an address",
    "The address of the first network is what peers and hosts files use.",
    "give `address`, or `addresses` with the first network",
)
SAME_PLACE = Rule(
    "N110",
    "two file systems in one place",
    "The second mount hides the first, or the second format destroys it.",
    "give every disk of a node its own device, mount point and UUID",
)
SYSTEM_PLACE = Rule(
    "N111",
    "a disk over a system directory",
    "Mounting there, or anywhere below, hides what the system or a daemon needs to run: programs, "
    "settings, and what the daemon keeps.",
    "mount it below a directory of its own, such as /srv or /glusterfs",
)
SAME_UUID = Rule(
    "N112",
    "one UUID for several disks",
    "fstab finds file systems by UUID; two with the same one cannot be told apart. On two nodes "
    "they can, until one node's disk is put into the other: a UUID is one file system's.",
    "leave `uuid` out (it is derived), or give each node its own: `uuid: {NODE: ..., NODE: ...}`",
)
NO_ENTRY = Rule(
    "N151",
    "a node without an entry of its own",
    "Where each node has a value of its own there is none for all, and no node's is taken for "
    "another's: it would be another machine's device.",
    "add the node, or a range that it is in, to the mapping",
)
NOT_ITS = Rule(
    "N152",
    "an entry for a node that it is not for",
    "Nothing reads it: whoever wrote it meant something that silently does not happen.",
    "remove the entry, or add the node to the `nodes` beside it",
)
TWO_ENTRIES = Rule(
    "N153",
    "a node with two entries",
    "A node has one value; which of the two is meant nobody can know.",
    "name each node once, alone or in a range",
)
UUID_DERIVED = Rule(
    "N154",
    "a UUID that is derived beside some that are given",
    "A disk that was formatted before and has no entry keeps a UUID that nothing looks for, and "
    "`apply` refuses it; on an empty disk a derived one is right.",
    "give the UUID that `blkid` shows, where the node's disk has a file system already",
    Severity.INFO,
    source="blkid(8)",
)
NESTED = Rule(
    "N142",
    "a disk inside another one",
    "A bare mount point is made immutable, so that nothing is written beneath an absent disk; so "
    "there is no mount point of another disk in it, and `apply` ends there. And with the outer "
    "disk the inner one is gone, too.",
    "mount each disk in a directory of its own, beside the others",
    source="chattr(1), attribute i; generator/rendering/node/apply/mounts.sh",
)
NO_DEVICE = Rule(
    "N143",
    "a device that is no disk",
    "A node waits for it for ever, or something else than a disk is overwritten: what is named "
    "here is formatted when it shows no signature.",
    "name a disk, best by its lasting name below /dev/disk/by-id",
    source="devices.txt of the Linux kernel's documentation; udev(7)",
)
PARTITION = Rule(
    "N144",
    "a whole disk and a part of it",
    "A disk that has partitions shows their table as its signature and is refused; one that is "
    "formatted as a whole has no partitions any more.",
    "use the whole disk, or its partitions, and not both",
    source="blkid(8), wipefs(8)",
)
NO_ADMIN = Rule(
    "N113",
    "nobody may log in, or nobody is root then",
    "When something breaks at night there is no way in but the console; so `apply` refuses a "
    "bundle without a key unless it is given `--allow-cutoff`. Who is not root mends nothing.",
    "add `admins: {ops: {ssh_keys: [...], from: [...], sudo: true}}`",
    Severity.WARNING,
)
OVERLAP = Rule(
    "N146",
    "networks that overlap",
    "What is open to a network is open to all addresses of its blocks; an address in two of them "
    "belongs to both, and what was kept to one of them is open to the other.",
    "give each network blocks of its own, each block once",
)
NOBODY_THERE = Rule(
    "N147",
    "a source that nobody comes from",
    "No ssh connection to a node comes from there, so the person does not get in by it: a "
    "loopback address is each machine itself, and a node without an address of IPv4 is not "
    "reached from one, nor one of IPv6.",
    "name the networks that the person's connections come from",
    Severity.WARNING,
    source="sshd(8), from=; RFC 6890",
)
NO_TIME = Rule(
    "N114",
    "no time sources",
    "Clocks that drift apart break self-heal decisions, logs and bans, and nothing says so.",
    "add `time: {servers: [...]}` with servers that all nodes reach",
    Severity.WARNING,
    source="TRAPS C05; chrony.conf(5)",
)
SYSTEM_USER = Rule(
    "N115",
    "an account of the system's own",
    "The spec makes people's accounts; changing one of the system's breaks daemons. With the name "
    "of a group no account can be made. What is not known here `apply` refuses on the node.",
    "use another name, such as `ops`",
)
UNKNOWN_PLATFORM = Rule(
    "P101",
    "an unknown platform",
    "Package names, paths and units differ between systems; there is no data for this one.",
    "use one of the platforms that `stook plan` and the reference list",
)
UNUSABLE = Rule(
    "P103",
    "a platform whose data cannot be used",
    "The file that describes it, or what a component adds to it, is not as files of platforms are: "
    "a field is missing or of another type, or two files say the same thing.",
    "mend that file, or use another platform for these nodes",
)
INCOMPLETE = Rule(
    "P102",
    "a platform that a component cannot live on",
    "The platform's data does not say what the component's packages, units or files are called "
    "there; a guess would end in a node that never comes up.",
    "use another platform for these nodes, or add what is missing to the platform's file",
)
REORDERS = Rule(
    "H07",
    "a device name that reorders",
    "/dev/sdX, /dev/vdX and /dev/nvmeXnY follow the order of discovery and can change at any "
    "boot, and then the wrong disk is formatted: a blank one of the instance, for example.",
    "name the device by /dev/disk/by-id/..., or by the provider's fixed name",
    Severity.WARNING,
    source="systemd/udev persistent naming; Start9Labs/start-technologies#3923",
)
RENAMED = Rule(
    "N150",
    "a node under another name",
    "What Stook derives of a node's name is another one then, the UUIDs of its disks' file systems "
    "first of all: what is there is not looked for any more, and the node waits for empty disks. "
    "`apply` refuses such a bundle.",
    "keep the name; or give its disks the UUIDs that they have, by the new name: "
    "`uuid: {NODE: ...}`",
    Severity.WARNING,
    source="the bundles beside the spec, as they were built last",
)
RULES = (
    NODE_NAME,
    BAD_RANGE,
    SAME_NAME,
    BAD_ADDRESS,
    SAME_ADDRESS,
    NO_NODE,
    NO_NETWORK,
    BAD_BLOCK,
    NO_ADDRESS,
    SAME_PLACE,
    SYSTEM_PLACE,
    SAME_UUID,
    NO_ENTRY,
    NOT_ITS,
    TWO_ENTRIES,
    UUID_DERIVED,
    NESTED,
    NO_DEVICE,
    PARTITION,
    OVERLAP,
    NO_ADMIN,
    NOBODY_THERE,
    NO_TIME,
    SYSTEM_USER,
    UNKNOWN_PLATFORM,
    UNUSABLE,
    INCOMPLETE,
    REORDERS,
    RENAMED,
)
