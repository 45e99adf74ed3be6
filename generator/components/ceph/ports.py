"""The ports that Ceph's daemons listen on."""

from __future__ import annotations

from collections.abc import Iterator

from generator.claims import Connection, Port
from generator.components.ceph.daemons import daemons, unit
from generator.components.ceph.layout import PORTS, Layout, address, bracketed
from generator.planning.site import Node, Site

SPEC = ("ceph",)
PROCESSES = {"rgw": "radosgw"}
# Both messenger versions for each: clients; an OSD also replication and two kinds of heartbeats.
SOCKETS = {"osd": 8, "mgr": 2, "mds": 2}


def ports(site: Site, node: Node, cluster: Layout) -> Iterator[Port]:
    public = tuple(map(str, site.networks.get(cluster.public_network, ())))
    own = bracketed(address(node, cluster.public_network))
    roles = daemons(node, cluster)
    for number in PORTS if "mon" in roles else ():
        yield _port(node, "mon", node.name, (number, number), public, (own,), 1)
    if "rgw" in roles:
        number = cluster.spec.rgw_port
        yield _port(node, "rgw", roles["rgw"][0], (number, number), public, (own,), 1)
    others = [role for role in SOCKETS if role in roles]
    if not others:
        return
    allowed_from: tuple[str, ...] = public
    addresses: tuple[str, ...] = (own,)
    if "osd" in roles and cluster.separate:
        allowed_from = (*public, *map(str, site.networks.get(cluster.cluster_network, ())))
        addresses = (own, bracketed(address(node, cluster.cluster_network)))
    first = others[0]
    # one check of a listener is of one process, and a manager that stands by does not listen
    sure = len(others) == 1 and not (first == "mgr" and len(cluster.mgrs) > 1)
    count = len(roles[first]) * SOCKETS[first] if sure else 0
    yield _port(node, first, roles[first][0], cluster.release.ports, allowed_from, addresses, count)


def connections(node: Node, cluster: Layout) -> Iterator[Connection]:
    """What daemons connect to, under an account of their own, on whichever node the other is."""
    for first, last in (*((number, number) for number in PORTS), cluster.release.ports):
        yield Connection(node=node.name, spec=SPEC, role="ceph/daemons", first=first, last=last)


def _port(
    node: Node,
    role: str,
    instance: str,
    span: tuple[int, int],
    allowed_from: tuple[str, ...],
    addresses: tuple[str, ...],
    count: int,
) -> Port:
    return Port(
        node=node.name,
        spec=(*SPEC, role),
        role=f"ceph/{role}",
        protocol="tcp",
        first=span[0],
        last=span[1],
        allowed_from=allowed_from,
        addresses=addresses,
        process=PROCESSES.get(role, f"ceph-{role}") if count else "",
        unit=unit(node, role, instance),
        count=count,
        phase="clustered",
    )
