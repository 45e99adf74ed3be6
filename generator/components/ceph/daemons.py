"""Which daemons a node runs, and what Ceph and systemd call each."""

from __future__ import annotations

from generator.components.ceph.layout import Layout
from generator.planning.site import Node


def daemons(node: Node, cluster: Layout) -> dict[str, list[str]]:
    """The daemons of a node by role, each by the name that its unit is called by."""
    roles = {"mon": cluster.mons, "mgr": cluster.mgrs, "mds": cluster.mdss}
    named = {role: [node.name] for role, nodes in roles.items() if node.name in nodes}
    osds = [str(osd.id) for osd in cluster.osds_of(node.name)]
    gateway = {"rgw": [f"rgw.{node.name}"]} if node.name in cluster.rgws else {}
    return named | ({"osd": osds} if osds else {}) | gateway


def entity(role: str, instance: str) -> str:
    """What a daemon calls itself among Ceph's; a gateway is a client to it."""
    return f"client.{instance}" if role == "rgw" else f"{role}.{instance}"


def unit(node: Node, role: str, instance: str) -> str:
    """The unit of one daemon."""
    return node.platform.units[f"ceph-{role}"].replace("@", f"@{instance}")
