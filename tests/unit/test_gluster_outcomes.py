"""What is predicted of a volume with some bricks gone; the daemons are held against the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator import pipeline
from generator.claims import Egress, Mount, Port
from generator.components.gluster import layout
from generator.components.gluster.model import Gluster
from generator.components.gluster.quorum import outcome
from generator.planning.plan import SitePlan
from tests.outcomes import Row, odd, rows, site
from verify.contract import Prediction

ROWS = {row.name: row for row in rows()}


def planned(folder: Path, spec: str) -> SitePlan:
    (folder / "site.yaml").write_text(spec, "utf-8")
    made = pipeline.run(folder)
    assert made.plan, made.findings
    return made.plan


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_is_predicted(row: Row, tmp_path: Path) -> None:
    plan = planned(tmp_path, site())
    spec = plan.site.spec.part(Gluster)
    assert spec
    spec.volumes[row.volume].options.update(row.options)
    pool = layout.resolve(plan.site)
    assert pool
    volume = next(one for one in pool.volumes if one.name == row.volume)
    seen = outcome(pool, volume, row.lost)
    assert (seen.read, seen.write) == (row.read, row.write), seen.why
    assert volume.healed == row.heals and ("not healed" in seen.why) == (not row.heals)


def predicted(folder: Path, spec: str, subject: str) -> dict[str, Prediction]:
    return {row.down: row for row in planned(folder, spec).predictions if row.subject == subject}


def test_any_two_of_a_dispersed_set_may_go_and_no_third(tmp_path: Path) -> None:
    spec = site().replace("10.84.0.13\n", "10.84.0.13\n", 1)
    more = "".join(f"  n{n}:\n    addresses:\n      internal: 10.84.0.1{n}\n" for n in (4, 5, 6))
    spec = spec.replace("admins:", f"{more}admins:", 1)
    spec = spec.replace("replica: 3", "replica: 3\n      nodes: ['n[1:3]']", 1)
    spec = spec.replace("arbiter: 1", "arbiter: 1\n      nodes: ['n[1:3]']", 1)
    spec = spec.replace("disperse: 3\n      redundancy: 1", "disperse: 6\n      redundancy: 2", 1)
    rows, six = predicted(tmp_path, spec, "parts"), "n1, n2, n3, n4 and 2 more"
    assert rows[f"any 2 of {six}"].write and rows[f"any 2 of {six}"].nodes == ("n1", "n2")
    assert not rows[f"any 3 of {six}"].read
    assert not [what for what in predicted(tmp_path, spec, "copies") if what.startswith("any ")]


def test_who_is_shut_down_is_not_waited_for(tmp_path: Path) -> None:
    rows = predicted(tmp_path, site(), "copies")
    silent, ended = rows["node n1"], rows["shutdown of n1"]
    assert (silent.write, ended.write) == (True, True)
    assert silent.stall_seconds > 0 == ended.stall_seconds
    # nobody waits for what does not come back, nor for a node without a brick
    assert not [row for row in rows.values() if row.down.startswith("shutdown") and not row.read]


def test_the_selector_decides_who_is_the_arbiter(tmp_path: Path) -> None:
    first = predicted(tmp_path, site(), "vote")
    assert "(the arbiter's)" in first["node n3"].why and "arbiter" not in first["node n2"].why
    spec = site().replace("arbiter: 1", "arbiter: 1\n      nodes: [n3, n1, n2]", 1)
    plan = planned(tmp_path, spec)
    rows = {row.down: row for row in plan.predictions if row.subject == "vote"}
    assert "(the arbiter's)" in rows["node n2"].why
    want = next(e for e in plan.expectations["n1"] if e.id == "n1/gluster_volume/vote").want
    assert [brick.partition(":")[0] for brick in want["bricks"]] == ["n3", "n1", "n2"]


@pytest.mark.parametrize(("count", "two_down"), [("0x1", True), ("1", True), ("0x2", False)])
def test_a_count_is_read_as_the_daemons_read_it(count: str, two_down: bool, tmp_path: Path) -> None:
    quorum = f"cluster.quorum-type: fixed\n        cluster.quorum-count: '{count}'\n        "
    spec = site().replace("network.ping-timeout", f"{quorum}network.ping-timeout", 1)
    rows = predicted(tmp_path, spec, "copies")
    assert ("any 2 of n1, n2, n3" in rows) == two_down


@pytest.mark.parametrize(("timeout", "stall"), [("5", 10), ("1min", 120), ("10s", 20)])
def test_clients_wait_for_a_brick_as_long_as_its_option_says(
    timeout: str, stall: int, tmp_path: Path
) -> None:
    spec = re.sub(r"(network.ping-timeout:) .5.", rf"\1 '{timeout}'", site(), count=1)
    assert predicted(tmp_path, spec, "copies")["node n1"].stall_seconds == stall


def test_nobody_waits_for_a_node_without_a_brick(tmp_path: Path) -> None:
    rows = predicted(tmp_path, odd("debian-12"), "copies")
    assert rows["node n1"].stall_seconds and not rows["node n4"].stall_seconds
    assert rows["node n4"].write and "no brick is there" in rows["node n4"].why


def test_who_only_mounts_has_the_client_alone(tmp_path: Path) -> None:
    plan = planned(tmp_path, odd())
    server, client = plan.packages("n4"), plan.packages("c1")
    assert "glusterfs-server" in server and "glusterfs-server" not in client
    assert "glusterfs-client" in client
    (mount,) = (one for one in plan.claims.of(Mount, "c1") if one.late)
    assert mount.source == "n1:/copies"
    assert "backup-volfile-servers=n2:n3:n4" in mount.options
    assert not [port for port in plan.claims.of(Port, "c1") if port.first in (24007, 49152)]
    assert {e.first for e in plan.claims.of(Egress, "c1")} == {24007, 49152}
    open_to = {p.first: p.allowed_from for p in plan.claims.of(Port, "n1")}
    assert "fd00:85::21" in open_to[24007] and "fd00:85::21" in open_to[49152]


def test_a_zone_takes_its_clients_along_and_a_client_is_hit_by_what_is_down(tmp_path: Path) -> None:
    spec = odd()
    for node in ("n1", "c1"):
        spec = spec.replace(f"  {node}:\n", f"  {node}:\n    zone: a\n", 1)
    rows = predicted(tmp_path, spec, "copies")
    assert rows["zone a"].nodes == ("n1", "c1") and rows["zone a"].write
    assert rows["node n2"].among == ("c1",)
    assert predicted(tmp_path, spec, "vote")["node n2"].among == ()


def test_without_a_quorum_none_is_kept(tmp_path: Path) -> None:
    spec = site().replace(
        "network.ping-timeout", "cluster.quorum-type: none\n        network.ping-timeout", 1
    )
    rows = predicted(tmp_path, spec, "copies")
    assert rows["any 2 of n1, n2, n3"].why.endswith("and there is no quorum to keep")
