"""Where Ceph's own algorithm puts each placement group of a cluster that does not exist yet."""

from __future__ import annotations

import json
from collections.abc import Iterable

from generator.components.ceph.layout import Layout
from tests.live.site import run
from verify.lab.site import Lab

POOL = 1
# Those of 16.2 (`ceph osd crush show-tunables`).
TUNABLES = {
    "choose_local_tries": 0,
    "choose_local_fallback_tries": 0,
    "choose_total_tries": 50,
    "chooseleaf_descend_once": 1,
    "chooseleaf_vary_r": 1,
    "chooseleaf_stable": 1,
    "straw_calc_version": 1,
    "allowed_bucket_algs": 54,
}
# What the monitors make of osd_crush_chooseleaf_type (CrushWrapper.cc, add_simple_rule_at).
STEPS = {"osd": "choose firstn 0 type osd", "host": "chooseleaf firstn 0 type host"}


def crush_map(found: Layout) -> str:
    """The map that the monitors of this cluster would have, as `crushtool -c` reads it."""
    hosts = list(dict.fromkeys(osd.node for osd in found.osds))
    lines = [f"tunable {key} {value}" for key, value in TUNABLES.items()]
    lines += [f"device {osd.id} osd.{osd.id}" for osd in found.osds]
    lines += ["type 0 osd", "type 1 host", "type 11 root"]
    for number, host in enumerate(hosts):
        items = "\n".join(f"item osd.{osd.id} weight 1.000" for osd in found.osds_of(host))
        lines.append(f"host {host} {{\nid {-2 - number}\nalg straw2\nhash 0\n{items}\n}}")
    sizes = {host: len(list(found.osds_of(host))) for host in hosts}
    items = "\n".join(f"item {host} weight {size}.000" for host, size in sizes.items())
    lines.append(f"root default {{\nid -1\nalg straw2\nhash 0\n{items}\n}}")
    step = STEPS[found.spec.failure_domain]
    lines.append(
        "rule replicated_rule {\nid 0\ntype replicated\nmin_size 1\nmax_size 10\n"
        f"step take default\nstep {step}\nstep emit\n}}"
    )
    return "\n".join([*lines, ""])


def groups(lab: Lab, node: str, found: Layout, out: Iterable[int] = ()) -> list[frozenset[int]]:
    """The OSDs of each placement group of the first pool, with some OSDs out of the cluster."""
    (pool,) = found.pools
    weights = " ".join(f"--weight {osd} 0" for osd in out)
    script = (
        f"cat >/tmp/map.txt <<'END'\n{crush_map(found)}END\n"
        "crushtool -c /tmp/map.txt -o /tmp/map && "
        f"crushtool -i /tmp/map --test --show-mappings --rule 0 --num-rep {pool.size} "
        f"--pool-id {POOL} --min-x 0 --max-x {pool.pg_num - 1} {weights}"
    )
    lines = run(lab, node, script).splitlines()
    return [frozenset(json.loads(line[line.rindex("[") :])) for line in lines if "CRUSH" in line]
