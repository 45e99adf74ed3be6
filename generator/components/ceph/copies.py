"""Where the copies of each pool lie, as people are told."""

from __future__ import annotations

from collections.abc import Iterator

from generator.components.ceph import placement
from generator.components.ceph.layout import Layout, PoolLayout
from generator.planning.component import Copies, Store
from generator.planning.site import Site


def copies(site: Site, cluster: Layout) -> Iterator[Copies]:
    """Every pool, also those that the spec does not name, with the OSDs that it may lie on."""
    for pool in (*cluster.pools, *placement.unplanned(cluster)):
        stores = tuple(
            Store(
                osd.node,
                f"osd.{osd.id}",
                osd.disk.mount if osd.disk else osd.device,
                f"class {pool.device_class}" if pool.device_class else pool.noun,
            )
            for osd in cluster.holders(pool)
        )
        yield Copies(pool.name, pool.path, _rule(cluster, pool), stores)


def _rule(cluster: Layout, pool: PoolLayout) -> str:
    if pool.data:
        rule = f"each object in {pool.data}+{pool.size - pool.data} chunks"
    else:
        rule = f"{pool.size} copies of each object"
    domain = {"osd": "OSD", "host": "host"}[cluster.spec.failure_domain]
    rule += f", each on another {domain}" if pool.size > 1 else ""
    count = placement.copies(cluster, pool)
    return rule if count >= pool.size else f"{rule}; {count or 'none'} of {pool.size} find a place"
