"""The same cluster as a service specification of cephadm: to be read beside it, not run here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.components.ceph.layout import Layout, OsdLayout, address
from generator.planning.site import Site
from generator.rendering.userdata import dump_yaml

NAME = "cephadm.yaml"
HEAD = """\
# Written by Stook: this cluster as a service specification of cephadm, as far as one can say it.
# Not run by Stook and not checked by it; the nodes' own bundles do not use it. A cluster is made by
# one of the two, never by both.
"""
# Form: docs.ceph.com, cephadm/services (placement, service types host, mon, mgr, mds, osd).


def files(site: Site, cluster: Layout) -> Mapping[str, str]:
    """`cephadm.yaml` of a site with a cluster."""
    limitations = "".join(f"#  - {line}\n" for line in _limitations(site, cluster))
    parts = [f"{HEAD}# What a service specification cannot say of it:\n{limitations}"]
    parts += [dump_yaml(one) for one in _services(site, cluster)]
    return {NAME: "---\n".join(parts)}


def _limitations(site: Site, cluster: Layout) -> Iterator[str]:
    """A sentence for everything of the spec that has no place in a service specification."""
    first = address(site.nodes[cluster.mons[0]], cluster.public_network)
    replication = ",".join(map(str, site.networks[cluster.cluster_network]))
    network = f" --cluster-network {replication}" if cluster.separate else ""
    yield (
        f"identity and networks: cephadm bootstrap --fsid {cluster.fsid} --mon-ip {first}{network} "
        "--config FILE --skip-firewalld"
    )
    if any(osd.disk for osd in cluster.osds):
        yield (
            "OSDs as files on a mounted XFS: cephadm takes whole, empty devices. The OSDs below "
            "are on the devices of those disks, and `unmanaged`: nothing is taken before you "
            "remove that"
        )
    else:
        yield (
            "that the devices of the OSDs below are empty: they are `unmanaged`, nothing is taken "
            "before you remove that"
        )
    yield "numbers and identities of OSDs: cephadm gives them"
    if cluster.spec.failure_domain != "host":
        yield (
            f"failure_domain {cluster.spec.failure_domain}: osd_crush_chooseleaf_type = 0 in "
            "bootstrap's --config FILE, before the first monitor makes its rule"
        )
    for key, value in sorted(cluster.spec.settings.items()):
        yield f"the setting {key} = {value}: in bootstrap's --config FILE"
    for osd in cluster.osds:
        if osd.device_class:
            yield f"osd.{osd.id} is of class {osd.device_class}: ceph osd crush set-device-class"
    for name in cluster.classes:
        yield f"pools of class {name}: ceph osd crush rule create-replicated, crush_rule of each"
    if cluster.pools:
        names = ", ".join(pool.name for pool in cluster.pools)
        yield f"pools ({names}): ceph osd pool create, and size, min_size and application for each"
    for pool in cluster.pools:
        if pool.data:
            code = f"k={pool.data} m={pool.size - pool.data}"
            yield f"pool {pool.name} is coded: ceph osd erasure-code-profile set {code}"
    for name, filesystem in cluster.spec.filesystems.items():
        yield f"file system {name}: ceph fs new {name} {filesystem.metadata} {filesystem.data[0]}"
        for further in filesystem.data[1:]:
            yield f"pool {further} of file system {name}: ceph fs add_data_pool {name} {further}"
    if cluster.mdss and not cluster.spec.filesystems:
        yield "metadata servers without a file system: a service of type mds is named after one"
    if cluster.spec.sudo:
        yield "the account ceph with its rights: cephadm comes as root, or as --ssh-user"


def _services(site: Site, cluster: Layout) -> Iterator[dict[str, Any]]:
    for name in cluster.nodes:
        node = site.nodes[name]
        # the orchestrator comes over ssh, from wherever the active manager is
        host = {"hostname": name, "addr": address(node, cluster.public_network)}
        labels = {"labels": ["_admin"]} if name in cluster.admins else {}
        yield {"service_type": "host", **host, **labels}
    for role, names in (("mon", cluster.mons), ("mgr", cluster.mgrs)):
        yield {"service_type": role, "placement": {"hosts": list(names)}}
    for filesystem in cluster.spec.filesystems:
        yield {
            "service_type": "mds",
            "service_id": filesystem,
            "placement": {"hosts": list(cluster.mdss)},
        }
    if cluster.rgws:
        yield {
            "service_type": "rgw",
            "service_id": "default",
            "placement": {"hosts": list(cluster.rgws)},
            "spec": {"rgw_frontend_port": cluster.spec.rgw_port},
        }
    for node_name in dict.fromkeys(osd.node for osd in cluster.osds):
        alike: dict[tuple[str, str], list[OsdLayout]] = {}
        for osd in cluster.osds_of(node_name):
            key = (osd.db.device, osd.db.size) if osd.db else ("", "")
            alike.setdefault(key, []).append(osd)
        for number, ((db, size), osds) in enumerate(alike.items()):
            beside = {"db_devices": {"paths": [db]}, "block_db_size": size} if db else {}
            yield {
                "service_type": "osd",
                "service_id": f"{node_name}-{number}" if number else node_name,
                "placement": {"hosts": [node_name]},
                "unmanaged": True,
                "spec": {"data_devices": {"paths": [one.device for one in osds]}, **beside},
            }
