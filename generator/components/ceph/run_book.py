"""What is to be done while a part of the cluster is down."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.ceph.layout import Layout
from generator.planning.component import Task
from generator.planning.site import Site
from verify.contract import Prediction

# By how a case begins: what is started, and how.
DAEMONS = {
    "mds ": "ceph-mds@NODE",
    "rgw ": "ceph-radosgw@rgw.NODE",
    "mgr ": "ceph-mgr@NODE",
}

# An OSD that is merely down has its data, and comes back with it.
GONE = (
    "Only where its disk is lost for good: have the cluster forget the OSD. The first command says "
    "whether others have all that it had; where they have not, what it alone had is given up."
)
PURGE = (
    "ceph osd safe-to-destroy NUMBER\nceph osd purge NUMBER --yes-i-really-mean-it\n"
    "systemctl restart ceph-osd@NUMBER"
)


def run_book(site: Site, cluster: Layout, case: Prediction) -> Iterator[Task]:
    """Look, start, wait; and a disk that is lost for good."""
    if case.down == "nothing":
        return
    yield _look(cluster, case)
    monitors = case.down.endswith(" monitors")
    unit = "ceph-mon@NODE" if monitors else DAEMONS.get(case.down[:4], "")
    osds = any(osd.node in case.nodes for osd in cluster.osds)
    if osds and not case.down.startswith("db "):
        # the same words for an OSD and its node: their cases are often one
        yield Task(
            "Start what is down again. A node's daemons start with it; an OSD alone is started.",
            "systemctl start ceph-osd@NUMBER\njournalctl -u ceph-osd@NUMBER",
        )
    elif unit:
        yield Task("Start it again, on its node.", f"systemctl start {unit}\njournalctl -u {unit}")
    elif case.down.startswith("db "):
        yield Task("All OSDs whose metadata is on the device are down with it: bring it back.")
    else:
        yield Task("Start what is down again; its daemons start by themselves.")
    if case.down.startswith(("osd.", "node ", "shutdown ", "zone ")):
        yield Task("Wait until the groups are as the plan says.", "ceph pg stat")
    if case.down.startswith("osd."):
        yield Task(
            f"{GONE} Put in an empty disk and start its unit, which makes it anew.", PURGE, True
        )
    elif case.down.startswith("db "):
        yield Task(
            f"{GONE} All OSDs with metadata on the device are lost with it, each to be forgotten. "
            "Empty their disks yourself, as Stook empties none; then start their units.",
            PURGE,
            True,
        )


def _look(cluster: Layout, case: Prediction) -> Task:
    """On a node that is up, if a quorum is left that answers."""
    of_monitors = case.down.endswith(" monitors")
    if (of_monitors and not case.write) or (not of_monitors and _no_quorum(cluster, case)):
        return Task(
            "Nobody answers without a quorum: ask a monitor that is up, on its own node.",
            "ceph daemon mon.NODE mon_status",
        )
    keys = ", ".join(cluster.admins)
    return Task(
        f"Look, on a node that is up and has the key of client.admin ({keys}).",
        "ceph status\nceph health detail\nceph osd tree",
    )


def _no_quorum(cluster: Layout, case: Prediction) -> bool:
    left = sum(node not in case.nodes for node in cluster.mons)
    return case.down.startswith(("node ", "shutdown ", "zone ")) and 2 * left <= len(cluster.mons)
