"""The keys that a cluster's own daemons need on their nodes."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Secret
from generator.components.ceph.daemons import daemons
from generator.components.ceph.layout import Layout
from generator.components.ceph.ports import SPEC
from generator.planning.site import Node

SECRETS = "/etc/stook/secrets"
PURPOSES = {
    "ceph-mon": "the monitors' own key",
    "ceph-admin": "key of client.admin",
    "ceph-bootstrap-mgr": "what lets a manager get its key",
    "ceph-bootstrap-osd": "what lets an OSD join",
    "ceph-bootstrap-mds": "what lets a metadata server get its key",
    "ceph-bootstrap-rgw": "what lets an object gateway get its key",
}


def bootstrap(cluster: Layout) -> tuple[str, ...]:
    """The roles whose daemons get their keys from the monitors."""
    some = {"mds": cluster.mdss, "rgw": cluster.rgws}
    return ("mgr", "osd", *(role for role, nodes in some.items() if nodes))


def keys(node: Node, cluster: Layout, role: str) -> tuple[str, ...]:
    """The secrets that a role needs on its node."""
    if role == "mon":
        return ("ceph-mon", "ceph-admin")
    if role != "admin":
        return (f"ceph-bootstrap-{role}",)
    roles = bootstrap(cluster) if node.name == cluster.bootstrap_node else ()
    return ("ceph-admin", *(f"ceph-bootstrap-{name}" for name in roles))


def secrets(node: Node, cluster: Layout) -> Iterator[Secret]:
    roles = [*daemons(node, cluster), *(("admin",) if node.name in cluster.admins else ())]
    for name in dict.fromkeys(key for role in roles for key in keys(node, cluster, role)):
        yield Secret(
            node=node.name,
            spec=SPEC,
            role="ceph/common",
            name=name,
            path=f"{SECRETS}/{name}",
            owner="root",
            group="root",
            mode="0600",
            purpose=PURPOSES[name],
            form="cephx",
        )
