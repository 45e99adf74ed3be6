"""The same cluster as a service specification of cephadm: to be read beside it, not run here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.components.ceph.layout import Layout, address
from generator.planning.site import Site
from generator.rendering.userdata import dump_yaml

NAME = "cephadm.yaml"
HEAD = """\
# Written by Stook: this cluster as a service specification of cephadm, as far as one can say it.
# Not run by Stook and not checked by it; the nodes' own bundles do not use it. A cluster is made by
# one of the two, never by both.
"""
# Form: docs.ceph.com, cephadm/services (placement, service types host, mon, mgr, mds, osd).


def files(site: Site, found: Layout) -> Mapping[str, str]:
    """`cephadm.yaml` of a site with a cluster."""
    sayings = "".join(f"#  - {line}\n" for line in _unsaid(site, found))
    parts = [f"{HEAD}# What a service specification cannot say of it:\n{sayings}"]
    parts += [dump_yaml(one) for one in _services(site, found)]
    return {NAME: "---\n".join(parts)}


def _unsaid(site: Site, found: Layout) -> Iterator[str]:
    """A sentence for everything of the spec that has no place in a service specification."""
    first = address(site.nodes[found.mons[0]], found.public)
    cluster = ",".join(map(str, site.networks[found.cluster]))
    network = f" --cluster-network {cluster}" if found.separate else ""
    yield (
        f"identity and networks: cephadm bootstrap --fsid {found.fsid} --mon-ip {first}{network} "
        "--config FILE --skip-firewalld"
    )
    if any(osd.disk for osd in found.osds):
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
    if found.spec.failure_domain != "host":
        yield (
            f"failure_domain {found.spec.failure_domain}: osd_crush_chooseleaf_type = 0 in "
            "bootstrap's --config FILE, before the first monitor makes its rule"
        )
    for key, value in sorted(found.spec.settings.items()):
        yield f"the setting {key} = {value}: in bootstrap's --config FILE"
    if found.pools:
        names = ", ".join(pool.name for pool in found.pools)
        yield f"pools ({names}): ceph osd pool create, and size, min_size and application for each"
    for name, filesystem in found.spec.filesystems.items():
        yield f"file system {name}: ceph fs new {name} {filesystem.metadata} {filesystem.data}"
    if found.mdss and not found.spec.filesystems:
        yield "metadata servers without a file system: a service of type mds is named after one"
    if found.spec.sudo:
        yield "the account ceph with its rights: cephadm comes as root, or as --ssh-user"


def _services(site: Site, found: Layout) -> Iterator[dict[str, Any]]:
    for name in found.nodes:
        node = site.nodes[name]
        # the orchestrator comes over ssh, from wherever the active manager is
        host = {"hostname": name, "addr": address(node, found.public)}
        labels = {"labels": ["_admin"]} if name in found.admins else {}
        yield {"service_type": "host", **host, **labels}
    for role, names in (("mon", found.mons), ("mgr", found.mgrs)):
        yield {"service_type": role, "placement": {"hosts": list(names)}}
    for filesystem in found.spec.filesystems:
        yield {
            "service_type": "mds",
            "service_id": filesystem,
            "placement": {"hosts": list(found.mdss)},
        }
    if found.rgws:
        yield {
            "service_type": "rgw",
            "service_id": "default",
            "placement": {"hosts": list(found.rgws)},
            "spec": {"rgw_frontend_port": found.spec.rgw_port},
        }
    for node_name in dict.fromkeys(osd.node for osd in found.osds):
        yield {
            "service_type": "osd",
            "service_id": node_name,
            "placement": {"hosts": [node_name]},
            "unmanaged": True,
            "spec": {"data_devices": {"paths": [o.device for o in found.osds_of(node_name)]}},
        }
