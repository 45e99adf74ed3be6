"""Placement groups under the real crushtool, where it is installed: `stook check` asks it.

Without it nothing is asked and nothing is said. Which group lies where depends on numbers that
hosts get when their first OSD starts; how many copies a group has does not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryDirectory

from generator.claims import Claims
from generator.components.ceph.layout import Layout, OsdLayout, PoolLayout, rule_name
from generator.components.ceph.placement import copies
from generator.language.findings import Finding, Rule
from generator.planning.site import Site

OTHERWISE = Rule(
    "C118",
    "groups that CRUSH places otherwise",
    "The real crushtool gives some placement groups fewer copies than there are failure "
    "domains for. With few domains of very unequal size CRUSH gives up before it has found "
    "them all (choose_total_tries); anything else is a bug of Stook's.",
    "spread the OSDs more evenly over the hosts",
    source="docs.ceph.com, troubleshooting-pg, CRUSH gives up too soon",
)
RULES = (OTHERWISE,)
LIMIT = 60
# In the place of a chunk that has none (crush.h, CRUSH_ITEM_NONE).
NOWHERE = 0x7FFFFFFF
# Groups that are looked at where the autoscaler decides how many there are.
SOME = 32
# Those of 16.2 and 18.2 (`ceph osd crush show-tunables`, profile jewel).
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


def validate(site: Site, cluster: Layout, claims: Claims) -> Iterator[Finding]:
    """A finding for each pool whose groups do not all get the copies that are predicted."""
    program = shutil.which("crushtool")
    if program is None or not cluster.osds:
        return
    with TemporaryDirectory() as folder:
        made = f"{folder}/map"
        wrong = _run([program, "-c", "/dev/stdin", "-o", made], crush_map(cluster))
        if wrong.returncode:
            yield OTHERWISE.at(("ceph", "osd"), f"crushtool: {wrong.stdout.strip()}")
            return
        for pool in cluster.pools:
            placed = read(
                _run([program, "-i", made, *trial(pool, rule=rule(cluster, pool))]).stdout
            )
            counts, predicted = Counter(map(len, placed)), copies(cluster, pool)
            if set(counts) != {predicted}:
                message = f"pool `{pool.name}`: {_described(counts)}, and {predicted} predicted"
                yield OTHERWISE.at(pool.path, message, key=True)


def _run(command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def _described(counts: Counter[int]) -> str:
    parts = (f"{number} groups with {size} copies" for size, number in sorted(counts.items()))
    return ", ".join(parts) or "no group is placed"


def rule(cluster: Layout, pool: PoolLayout) -> int:
    """The number of a pool's rule: after the one for all come those of classes and of codes."""
    if pool.data:
        coded = [one.name for one in cluster.pools if one.data]
        return 1 + len(cluster.classes) + coded.index(pool.name)
    return ("", *cluster.classes).index(pool.device_class)


def trial(pool: PoolLayout, out: Iterable[int] = (), number: int = 1, rule: int = 0) -> list[str]:
    """The words that have crushtool place every group of a pool, with some OSDs out."""
    last = (pool.pg_num or SOME) - 1
    words = f"--test --show-mappings --rule {rule} --num-rep {pool.size} --pool-id {number}".split()
    weights = (word for osd in out for word in ("--weight", str(osd), "0"))
    return [*words, "--min-x", "0", "--max-x", str(last), *weights]


def read(printed: str) -> list[frozenset[int]]:
    """The OSDs of each group: `CRUSH rule 0 x 7 [2,0,1]`."""
    lines = (line for line in printed.splitlines() if line.startswith("CRUSH rule"))
    return [frozenset(json.loads(line[line.rindex("[") :])) - {NOWHERE} for line in lines]


def crush_map(cluster: Layout) -> str:
    """The map that the monitors of this cluster will have, as `crushtool -c` reads it.

    All OSDs weigh the same. Source: docs.ceph.com, crush-map-edits.
    """
    hosts = list(dict.fromkeys(osd.node for osd in cluster.osds))
    lines = [f"tunable {key} {value}" for key, value in TUNABLES.items()]
    lines += map(_device, sorted(cluster.osds, key=lambda osd: osd.id))
    lines += ["type 0 osd", "type 1 host", "type 11 root"]
    for number, host in enumerate(hosts):
        items = [f"item osd.{osd.id} weight 1.000" for osd in cluster.osds_of(host)]
        lines += _bucket(f"host {host}", -2 - number, items)
    sizes = {host: len(cluster.osds_of(host)) for host in hosts}
    roots = [f"item {host} weight {size}.000" for host, size in sizes.items()]
    lines += _bucket("root default", -1, roots)
    for number, one in enumerate(("", *cluster.classes)):
        lines += _rule(number, one, STEPS[cluster.spec.failure_domain])
    for pool in cluster.pools:
        if pool.data:
            lines += _coded(rule(cluster, pool), pool, STEPS[cluster.spec.failure_domain])
    return "\n".join([*lines, ""])


def _coded(number: int, pool: PoolLayout, choose: str) -> list[str]:
    """As the monitors make it with the pool (ErasureCode.cc, create_rule)."""
    own = f" class {pool.device_class}" if pool.device_class else ""
    tries = ("set_chooseleaf_tries 5", "set_choose_tries 100")
    words = (*tries, f"take default{own}", choose.replace("firstn", "indep"), "emit")
    head = (f"rule {pool.name} {{", f"id {number}", "type erasure", "min_size 1", "max_size 30")
    return [*head, *(f"step {step}" for step in words), "}"]


def _device(osd: OsdLayout) -> str:
    own = f" class {osd.device_class}" if osd.device_class else ""
    return f"device {osd.id} osd.{osd.id}{own}"


def _rule(number: int, device_class: str, choose: str) -> list[str]:
    own = f" class {device_class}" if device_class else ""
    steps = (f"step {step}" for step in (f"take default{own}", choose, "emit"))
    head = (f"rule {rule_name(device_class)} {{", f"id {number}", "type replicated")
    return [*head, "min_size 1", "max_size 10", *steps, "}"]


def _bucket(name: str, number: int, items: list[str]) -> list[str]:
    return [f"{name} {{", f"id {number}", "alg straw2", "hash 0", *items, "}"]
