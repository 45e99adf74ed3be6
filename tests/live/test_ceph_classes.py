"""Pools of a class lie on its devices and go down with them; chunks stand what is planned."""

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
OSDS = {"fast": {0, 1, 2, 3}, "slow": {4, 5}, "archive": {0, 1, 2, 3}}
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
    change = "ceph osd crush rm-device-class osd.5 && ceph osd crush set-device-class {} osd.5"
    run(lab, MON, change.format("nvme"))
    report = verify("--no-wait", "--only", "stor2/ceph_osd/osd.5", folder=lab.folder)
    assert "class" in bad(report)["stor2/ceph_osd/osd.5"]
    run(lab, MON, change.format("hdd"))
    assert not bad(settled(folder=lab.folder))


def test_a_host_takes_down_the_pools_that_the_plan_names(lab: Lab) -> None:
    down = "node stor1"
    assert [planned(lab, pool, down) for pool in OSDS] == [True, False, True]
    lab.kill("stor1")
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 4, 60, "its OSDs are seen to be down")
    for pool in OSDS:
        assert writes(lab, pool) == planned(lab, pool, down), pool
    lab.start("stor1")
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 6, 120, "its OSDs are back")
    assert not bad(settled("--active", folder=lab.folder))


def test_of_four_chunks_two_may_go_and_none_is_lost(lab: Lab) -> None:
    """With two hosts down the pool waits, as too few chunks would be written; then all is there."""
    run(lab, MON, "echo kept | rados -p archive put stook-kept -")
    for name in ("stor3", "stor4"):
        lab.kill(name)
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 4, 60, "their OSDs are seen to be down")
    assert not writes(lab, "archive")
    lab.start("stor3")
    until(lambda: ask(lab, "osd stat")["num_up_osds"] == 5, 120, "one of them is back")
    assert run(lab, MON, "timeout 60 rados -p archive get stook-kept -", 70) == "kept\n"
    lab.start("stor4")
    assert not bad(settled("--active", folder=lab.folder))


def test_a_folder_keeps_its_files_in_chunks(lab: Lab) -> None:
    """`--active` has written a file to each pool; one that is lost to the file system is seen."""
    report = verify("--active", "--only", "mon1/ceph_file/*", folder=lab.folder)
    asked = {verdict["id"]: verdict["status"] for verdict in report["verdicts"]}
    assert asked == {"mon1/ceph_file/home": "pass", "mon1/ceph_file/home/films": "pass"}
    run(lab, MON, "ceph fs rm_data_pool home films")
    report = verify("--no-wait", "--only", "mon1/ceph_fs/all", folder=lab.folder)
    assert "pools of home" in bad(report)["mon1/ceph_fs/all"]
    run(lab, MON, "systemctl restart stook-ceph")
    assert not bad(settled("--active", folder=lab.folder))


def test_an_image_keeps_its_data_in_chunks(lab: Lab) -> None:
    """What is there is written over, which a coded pool must have been told."""
    image = "rbd create fast/disk --data-pool archive --size 16M && rbd bench --io-type write"
    run(lab, MON, f"{image} --io-total 8M fast/disk && rbd rm fast/disk", 120)
