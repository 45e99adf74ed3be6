"""Where Ceph's own algorithm puts each placement group of a cluster that does not exist yet."""

from __future__ import annotations

from collections.abc import Iterable

from generator.components.ceph import validation
from generator.components.ceph.layout import Layout
from tests.live.site import run
from verify.lab.site import Lab


def groups(lab: Lab, node: str, found: Layout, out: Iterable[int] = ()) -> list[frozenset[int]]:
    """The OSDs of each placement group of the only pool, with some OSDs out of the cluster."""
    (pool,) = found.pools
    script = (
        f"cat >/tmp/map.txt <<'END'\n{validation.crush_map(found)}END\n"
        "crushtool -c /tmp/map.txt -o /tmp/map && "
        f"crushtool -i /tmp/map {' '.join(validation.trial(pool, out))}"
    )
    return validation.read(run(lab, node, script))
