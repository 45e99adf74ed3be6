"""Who Ceph's monitors believe, and with what rights: everybody whom a cluster of ours has."""

from __future__ import annotations

from generator.components.ceph.daemons import daemons, entity
from generator.components.ceph.layout import Layout
from generator.planning.site import Site

# Made by the monitors themselves when a cluster begins (MonCap.cc, the profiles of that name).
BOOTSTRAP = ("mds", "mgr", "osd", "rbd", "rbd-mirror", "rgw")
ADMIN = dict.fromkeys(("mds", "mgr", "mon", "osd"), "allow *")
# What `ceph-seed` asks for, and `osd new` gives (OSDMonitor.cc).
RIGHTS = {
    "mgr": {"mon": "allow profile mgr", "osd": "allow *", "mds": "allow *"},
    "mds": {"mon": "allow profile mds", "osd": "allow rwx", "mds": "allow"},
    "rgw": {"mon": "allow rw", "osd": "allow rwx"},
    "osd": {"mgr": "allow profile osd", "mon": "allow profile osd", "osd": "allow *"},
}


def users(site: Site, cluster: Layout) -> dict[str, dict[str, str]]:
    """Capabilities by user and service. A monitor's own key is in no list of users."""
    made = {
        f"client.bootstrap-{name}": {"mon": f"allow profile bootstrap-{name}"} for name in BOOTSTRAP
    }
    made["client.admin"] = ADMIN
    for name in cluster.nodes:
        for role, instances in daemons(site.nodes[name], cluster).items():
            if role in RIGHTS:
                made |= {entity(role, instance): RIGHTS[role] for instance in instances}
    made |= {client.entity: dict(client.caps) for client in cluster.clients}
    return dict(sorted(made.items()))
