"""What is to be done while a part of the cluster is down."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.ceph.layout import Layout
from generator.planning.component import Task
from generator.planning.site import Site
from verify.contract import Prediction

# By how a case begins: what is started, and how.
DAEMONS = {
    "osd.": "ceph-osd@NUMBER",
    "mds ": "ceph-mds@NODE",
    "rgw ": "ceph-radosgw@rgw.NODE",
    "mgr ": "ceph-mgr@NODE",
}


def run_book(site: Site, cluster: Layout, case: Prediction) -> Iterator[Task]:
    """Look, start, wait; and a disk that is lost for good."""
    if case.down == "nothing":
        return
    monitors = case.down.endswith(" monitors")
    if not (monitors and not case.write):
        where = f"Look, on {cluster.bootstrap_node} or another node with the admin's key."
        yield Task(where, "ceph status\nceph health detail\nceph osd tree")
    else:
        yield Task(
            "Nobody answers without a quorum: ask a monitor on its own node.",
            "ceph daemon mon.NODE mon_status",
        )
    unit = "ceph-mon@NODE" if monitors else DAEMONS.get(case.down[:4], "")
    if unit:
        yield Task("Start it again, on its node.", f"systemctl start {unit}\njournalctl -u {unit}")
    elif case.down.startswith("db "):
        yield Task("All OSDs whose metadata is on the device are down with it.")
    else:
        yield Task("Start what is down again; its daemons start by themselves.")
    if case.down.startswith(("osd.", "node ", "shutdown ", "zone ")):
        yield Task("Wait until the groups are as the plan says.", "ceph pg stat")
    if case.down.startswith(("osd.", "db ")):
        yield Task(
            "A disk is lost: put in an empty one, have the cluster forget the OSD, and start its "
            "unit, which makes it anew.",
            "ceph osd purge NUMBER --yes-i-really-mean-it\nsystemctl restart ceph-osd@NUMBER",
        )
