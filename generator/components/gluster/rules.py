"""What can be wrong with a `gluster:` part. Facts: GlusterFS 10 and 11, code and guides."""

from __future__ import annotations

from generator.language.findings import Rule, Severity

_GUIDE = "GlusterFS Administrator Guide, arbiter volumes and quorum"
_PARSER = "glusterfs cli/src/cli-cmd-parser.c, v11.1"

BARE_MOUNT = Rule(
    "G04",
    "a brick that is its disk's mount point",
    "Gluster refuses a mount point as a brick, and rightly: when the disk is absent, a "
    "directory below it is missing, while the bare mount point would fill the root disk.",
    "name a directory on the disk, such as `brick1/gv`",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-utils.c, v11.1",
)
MOUNT_OPTION = Rule(
    "G05",
    "a mount option that mount.glusterfs refuses",
    "mount.glusterfs exits 1 on any option that it does not know, and the client on a value that "
    "it cannot read or that is out of its range, so the mount never comes.",
    "use options of mount.glusterfs(8) only, each with a value that it takes, or without where it "
    "has none",
    source="glusterfs xlators/mount/fuse/utils/mount.glusterfs.in, v11.1; glusterfs#3856",
)
PORT_RANGE = Rule(
    "G07",
    "a brick port range that does not hold",
    "From release 10 on, bricks take random ports from base-port to max-port; glusterd and "
    "the firewall must mean the same ports, and other daemons' ports must not be among them.",
    "use first 49152 and leave `last` out, or give a range above 1024 without 24007",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-pmap.c, v10.0; glusterfs#2604",
)
PORT_SLACK = Rule(
    "G08",
    "a brick port range without slack",
    "A restarted brick takes a new port before its old one is free; when the range is used "
    "up, the brick stays down.",
    "allow at least two ports per brick",
    Severity.WARNING,
    source="glusterfs#4505, glusterfs#1101",
)
REPLICA_2 = Rule(
    "G10",
    "two copies without an arbiter",
    "With two copies and no third vote, each half goes on alone when they lose sight of each "
    "other, and the files that both have changed cannot be merged.",
    "add `arbiter: 1` and a third node, or use `replica: 3`",
    source=_GUIDE,
)
INCOMPLETE = Rule(
    "G101",
    "bricks that do not fill their sets",
    "Every replica or dispersed set needs all its bricks; gluster refuses to create others.",
    "use as many nodes, or bricks, as a multiple of the set's size",
    source=_PARSER,
)
SAME_NODE = Rule(
    "G102",
    "two bricks of one set on one node",
    "When that node goes, both copies go.",
    "list as many nodes as a set has bricks",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-utils.c, v11.1",
)
NO_DISK = Rule(
    "G103",
    "a brick on a disk that the node does not have",
    "Without a disk of its own the brick would land on the root disk.",
    "add the node to the disk's `nodes`, or name another disk",
)
ARBITER = Rule(
    "G104",
    "an arbiter beside other than two copies",
    "Gluster has one arbiter layout: two copies of the data and one brick that votes. Its own "
    "command also calls that `replica 3 arbiter 1`; here `replica` counts whole copies, so that 3 "
    "are never 2.",
    "write `replica: 2` with `arbiter: 1`, or leave `arbiter` out for three copies",
    source=f"{_GUIDE}; glusterfs#4209",
)
DISPERSE = Rule(
    "G105",
    "a dispersed set that cannot be",
    "A dispersed set needs at least three bricks, and must keep more than half of them as "
    "data; gluster refuses others.",
    "use disperse 3 with redundancy 1, 6 with 2, or 11 with 3",
    source=_PARSER,
)
NO_REDUNDANCY = Rule(
    "G106",
    "a volume without redundancy",
    "One lost node loses a part of all files.",
    "give `replica: 3`, `replica: 2` with `arbiter: 1`, or `disperse` with `redundancy`",
)
BAD_MOUNT = Rule(
    "G107",
    "a mount point that cannot be used",
    "A mount over a brick, its disk, another mount or the system hides what is beneath it; "
    "mount.glusterfs refuses some of these, and the others lose data. It also takes a path "
    "with a blank apart (seen on 10.3).",
    "mount the volume in a directory of its own",
    source="mount.glusterfs(8)",
)
FETCH = Rule(
    "G108",
    "a volfile server that is not in the pool",
    "Only a member of the pool can serve the volume's description.",
    "use `next`, `local`, or a node of `gluster.nodes`",
)
SAME_BRICK = Rule(
    "G109",
    "one directory for two bricks",
    "Gluster marks a brick's directory with its volume; a second volume is refused there.",
    "give each brick a directory of its own",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-utils.c, v11.1",
)
NO_QUORUM = Rule(
    "G110",
    "a quorum that two halves can have at once",
    "Without quorum, or with one that both sides of a split reach, copies that lose sight of each "
    "other are both written, and cannot be merged.",
    "leave `cluster.quorum-type` at auto",
    Severity.WARNING,
    source=_GUIDE,
)
NOT_MEMBER = Rule(
    "G111",
    "a volume outside the pool",
    "Bricks need nodes of the trusted pool; who only mounts need not be of it.",
    "add the node to `gluster.nodes`",
)
ONE_ZONE = Rule(
    "G112",
    "one zone can take the volume down",
    "When most bricks of a set are in one zone, an outage of that zone stops the volume.",
    "spread each set over as many zones as it has bricks, where the provider has them",
    Severity.INFO,
)
FAMILIES = Rule(
    "G113",
    "addresses of two families in one pool",
    "glusterd listens on one family; members of the other are never reached.",
    "give all nodes of the pool addresses of one family in the first network",
    source="glusterd.vol, transport.address-family",
)
BRICK_PATH = Rule(
    "G114",
    "a brick path with unusual characters",
    "A brick's path becomes part of file names, of process arguments and of `HOST:/PATH` "
    "texts that gluster's own tools split; nobody tests it with blanks or colons in it.",
    "mount the brick's disk below a path of letters, digits, `.`, `_` and `-`",
)
VOLUME_OPTION = Rule(
    "G115",
    "a volume option that GlusterFS does not have",
    "`volume set` refuses it each time, so the node never comes to an end of forming.",
    "use a name that `gluster volume get VOLUME all` lists, or one that begins with `user.`",
    source="gluster volume get VOLUME all, and volume set help, of 10.3 and 11.1",
)
OPTION_VALUE = Rule(
    "G121",
    "a volume option's value that GlusterFS refuses",
    "`volume set` refuses it each time, so the node never comes to an end of forming.",
    "write what the option takes: on or off, a number with its unit (42, 64MB, 80%, 10min), a word",
    source="glusterfs libglusterfs/src/options.c, v10.3 and v11.1; each option of both was tried",
)
OPTION_SCOPE = Rule(
    "G122",
    "an option that is not one volume's",
    "glusterd has it once for all volumes, and refuses it for one.",
    "leave it out, and set it once by hand: `gluster volume set all OPTION VALUE`",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-utils.c, v11.1; seen on 10.3 and 11.1",
)
OPTION_KIND = Rule(
    "G127",
    "an option of another kind of volume",
    "`volume set` refuses it for a volume that has no copies, or no coded parts, so the node never "
    "comes to an end of forming.",
    "leave it out, or use the option of this kind: `cluster.disperse-self-heal-daemon` in place of "
    "`cluster.self-heal-daemon`",
    source="glusterfs glusterd-volume-set.c, v11.1; each was tried on 10.3 and 11.1",
)
OPTION_VERB = Rule(
    "G123",
    "an option that a command of its own sets",
    "`volume set` refuses it, or does half of what the command does: that also starts the daemons "
    "or undoes itself.",
    "leave it out, and use the command by hand when the volume is there",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-op-sm.c, v11.1; seen on 10.3 and 11.1",
)
NEVER_MISSED = Rule(
    "G128",
    "a server that is never missed",
    "With 0 clients do not ask whether a server still answers: after a power cut they wait until "
    "the kernel gives the connection up, a quarter of an hour or so.",
    "leave `network.ping-timeout` out (42 s), or give it some seconds",
    Severity.WARNING,
    source="glusterfs rpc/rpc-lib/src/rpc-clnt-ping.c, v11.1; tcp(7), tcp_retries2",
)
RESERVED = Rule(
    "G124",
    "a name that a volume cannot have",
    "In gluster's own commands it is a word, so no volume of that name is ever made.",
    "give the volume another name",
    source="glusterfs cli/src/cli-cmd-parser.c, v11.1; seen on 10.3 and 11.1",
)
NESTED = Rule(
    "G125",
    "a brick inside another brick",
    "What is written to the outer one as a file appears as the inner one's data; glusterd refuses "
    "the second, in either order.",
    "give each brick a directory of its own, none within another",
    source="glusterfs xlators/mgmt/glusterd/src/glusterd-utils.c, v11.1; seen on 10.3 and 11.1",
)
UNEQUAL = Rule(
    "G129",
    "nodes with unequal numbers of bricks",
    "Bricks form sets in the order in which each node gives its first, then each its second; where "
    "one gives fewer, the sets after it hold other nodes' bricks than anybody meant.",
    "give each node of the volume as many bricks as the others; on one disk, in directories of "
    "their own",
)
NO_BRICK = Rule(
    "G130",
    "a node of a volume without a brick",
    "Where each node has a brick of its own there is none for all, and a set with a gap is none.",
    "add the node, or a range that it is in, to `brick`; or take it out of the volume's `nodes`",
)
READ_OTHERWISE = Rule(
    "G131",
    "a mount option's value that means nothing",
    "mount.glusterfs or the client takes it without a word, and does something else.",
    "leave it out, or write a value that mount.glusterfs(8) has",
    Severity.WARNING,
    source="glusterfs glusterfsd/src/glusterfsd.c and mount.glusterfs.in; seen on 10.3 and 11.1",
)
RULES = (
    BARE_MOUNT,
    MOUNT_OPTION,
    PORT_RANGE,
    PORT_SLACK,
    REPLICA_2,
    INCOMPLETE,
    SAME_NODE,
    NO_DISK,
    ARBITER,
    DISPERSE,
    NO_REDUNDANCY,
    BAD_MOUNT,
    FETCH,
    SAME_BRICK,
    NO_QUORUM,
    NOT_MEMBER,
    ONE_ZONE,
    FAMILIES,
    BRICK_PATH,
    VOLUME_OPTION,
    OPTION_VALUE,
    OPTION_SCOPE,
    OPTION_KIND,
    OPTION_VERB,
    NEVER_MISSED,
    RESERVED,
    NESTED,
    UNEQUAL,
    NO_BRICK,
    READ_OTHERWISE,
)
