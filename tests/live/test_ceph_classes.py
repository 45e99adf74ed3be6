"""Pools of a class lie on its devices and go down with them, as planned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.cluster import ASK
from tests.live.site import bad, build, run, running, settled, until, verify
from tests.pace import limit
from verify.lab.site import Lab

pytestmark = pytest.mark.live
SPEC = Path(__file__).parent / "classes/site.yaml"
MON = "mon1"
# OSDs by class: those of the first line of `osd` come first.
OSDS = {"fast": {0, 1, 2}, "slow": {3, 4}}
# What waits is given up after so many seconds; what is served is served at once.
PATIENCE = 8


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("classes")
    build(folder, SPEC.read_text("utf-8"))
    with running(folder) as made:
        yield made


def ask(lab: Lab, words: str) -> Any:
    return json.loads(run(lab, MON, f"{ASK} {words}"))


def writes(lab: Lab, pool: str) -> bool:
    """Whether an object can be written, or waits."""
    put = f"echo x | timeout {int(limit(PATIENCE))} rados -p {pool} put stook-live - || exit 75"
    return lab.exec(MON, put, PATIENCE + 10).code == 0


def planned(lab: Lab, pool: str, down: str) -> bool:
    rows = json.loads((lab.folder / "site.json").read_text())["predictions"]
    (row,) = (one for one in rows if (one["subject"], one["down"]) == (pool, down))
    return bool(row["write"])


def test_each_pool_lies_on_the_devices_of_its_class(lab: Lab) -> None:
    assert not bad(settled("--active", folder=lab.folder))
    for pool, osds in OSDS.items():
        groups = ask(lab, f"pg ls-by-pool {pool}")["pg_stats"]
        assert groups and all(set(group["up"]) <= osds for group in groups), pool


def test_an_osd_of_another_class_is_seen(lab: Lab) -> None:
    change = "ceph osd crush rm-device-class osd.4 && ceph osd crush set-device-class {} osd.4"
    run(lab, MON, change.format("nvme"))
    report = verify("--no-wait", "--only", "stor2/ceph_osd/osd.4", folder=lab.folder)
    assert "class" in bad(report)["stor2/ceph_osd/osd.4"]
    run(lab, MON, change.format("hdd"))
    assert not bad(settled(folder=lab.folder))


def test_a_host_takes_down_the_pools_that_the_plan_names(lab: Lab) -> None:
    down = "node stor1"
    assert [planned(lab, pool, down) for pool in OSDS] == [True, False]
    lab.kill("stor1")
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 3, 60, "its OSDs are seen to be down")
    for pool in OSDS:
        assert writes(lab, pool) == planned(lab, pool, down), pool
    lab.start("stor1")
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 5, 120, "its OSDs are back")
    assert not bad(settled("--active", folder=lab.folder))
