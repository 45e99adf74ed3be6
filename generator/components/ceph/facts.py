"""What behaviour tests need to know of a cluster, as plain data."""

from __future__ import annotations

from collections.abc import Mapping

from generator.components.ceph.health import health, soon
from generator.components.ceph.layout import Layout, OsdLayout
from generator.components.ceph.placement import copies, serves, states
from generator.planning.site import Site


def _place(osd: OsdLayout) -> dict[str, str]:
    return {"disk": osd.disk.name} if osd.disk else {"device": osd.device}


def facts(site: Site, cluster: Layout) -> Mapping[str, object]:
    """Its daemons, disks and pools, and what it will say of itself."""
    seen = health(cluster)
    return {
        "ceph": {
            "fsid": cluster.fsid,
            "admins": list(cluster.admins),
            "mons": list(cluster.mons),
            "mgrs": list(cluster.mgrs),
            "osds": {str(o.id): {"node": o.node, **_place(o)} for o in cluster.osds},
            "pools": {
                pool.name: {
                    "size": pool.size,
                    "min_size": pool.min_size,
                    "states": list(states(pool, copies(cluster, pool))),
                    "serves": serves(pool, copies(cluster, pool)),
                }
                for pool in cluster.pools
            },
            "health": {
                "must": dict(seen.must),
                "may": dict(seen.may),
                "within_seconds": {code: soon(cluster, code) for code in seen.must},
            },
        }
    }
