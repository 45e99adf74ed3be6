"""What a node's ceph.conf says."""

from __future__ import annotations

from generator.components.ceph.daemons import daemons, entity
from generator.components.ceph.layout import PORTS, Layout, address, bracketed
from generator.planning.site import Node, Site


def conf(site: Site, node: Node, cluster: Layout) -> dict[str, str]:
    """The global part of a node's ceph.conf, in the order in which it is written.

    A daemon takes the first address of its node that is in the network, which need not be the one
    that the others know it by: so each is told its own (pick_addresses.cc).
    """
    homes = [bracketed(address(site.nodes[name], cluster.public_network)) for name in cluster.mons]
    made = {
        "fsid": cluster.fsid,
        "mon_initial_members": ",".join(cluster.mons),
        "mon_host": ",".join(f"[v2:{home}:{PORTS[0]},v1:{home}:{PORTS[1]}]" for home in homes),
        "public_network": ",".join(map(str, site.networks[cluster.public_network])),
    }
    if cluster.separate:
        made["cluster_network"] = ",".join(map(str, site.networks[cluster.cluster_network]))
    roles = daemons(node, cluster)
    if roles:
        made["public_addr"] = address(node, cluster.public_network)
    if "osd" in roles:
        made["cluster_addr"] = address(node, cluster.cluster_network)
    if any(home.startswith("[") for home in homes):
        made |= {"ms_bind_ipv4": "false", "ms_bind_ipv6": "true"}
    made |= {f"auth_{who}_required": "cephx" for who in ("cluster", "service", "client")}
    # 0 is osd and 1 host; the first monitor makes its rule of it when its store is made
    made["osd_crush_chooseleaf_type"] = "0" if cluster.spec.failure_domain == "osd" else "1"
    if any(pool.size == 1 for pool in cluster.pools):
        made["mon_allow_pool_size_one"] = "true"
    return made | dict(sorted(cluster.spec.settings.items()))


def gateway(node: Node, cluster: Layout) -> dict[str, str]:
    """What ceph.conf sets for the gateway of a node alone.

    Without a name of its own its socket has the number of its process in it.
    """
    if node.name not in cluster.rgws:
        return {}
    home = bracketed(address(node, cluster.public_network))
    return {
        "admin_socket": f"/run/ceph/ceph-{entity('rgw', f'rgw.{node.name}')}.asok",
        "rgw_frontends": f"beast endpoint={home}:{cluster.spec.rgw_port}",
    }
