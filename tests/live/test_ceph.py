"""Two first clusters of Ceph: each is exactly as degraded as predicted, and so is what follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from generator.components.ceph.predictions import copies, outage
from tests.live.placement import groups
from tests.live.site import ROOT, bad, run, settled, shows_exactly, until
from tests.unit.test_ceph_predictions import cluster
from verify.lab import faults
from verify.lab.site import Lab

pytestmark = pytest.mark.live
MON, STOR = "ceph-mon-01", "ceph-stor-01"
ASK = "ceph --connect-timeout 5 -f json"
# What waits is given up after so many seconds; what is served is served at once.
PATIENCE = 6
NODES = (MON, STOR)
FAULTS = {name: fault for name, fault in faults.load_all().items() if fault.site == "ceph-starter"}


def build(site: str, folder: Path, third: bool) -> None:
    """A reference site with one disk more, and an OSD on it; states are told of a minute sooner."""
    spec = yaml.safe_load((ROOT / "bundles" / site / "site.yaml").read_text())
    disk = dict(spec["disks"]["storage02"])
    spec["disks"]["storage03"] = disk | {"device": "/dev/vdz", "mount": "/ceph/storage03"}
    spec["ceph"]["settings"] |= {"mon_pg_stuck_threshold": 10}
    if third:
        spec["ceph"]["osd"][STOR].append("storage03")
        # what was accepted until the third OSD came
        spec["accept"] = [item for item in spec["accept"] if item["rule"] != "C01"]
    (folder / "site.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    built = pipeline.run(folder)
    pipeline.build(built, folder)
    assert not built.failed, built.findings


@contextmanager
def booted(site: str, folder: Path, **options: Any) -> Iterator[Lab]:
    """A site with one disk more than the reference, and the reference's own checks."""
    build(site, folder, third=False)
    made = Lab(folder, print)
    made.up(**options)
    try:
        yield made
    finally:
        made.down()


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Its nodes run and have none of their secrets; each test goes on from the last."""
    folder = tmp_path_factory.mktemp("ceph-starter")
    with booted("ceph-starter", folder, late=NODES, secretless=NODES) as lab:
        yield lab


def grow(lab: Lab, site: str) -> None:
    """The third OSD, as an admin brings it: into the spec, built, applied on each node."""
    build(site, lab.folder, third=True)
    for node in lab.names:
        lab.deliver(node, "/root/grown")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: run(lab, node, "/root/grown/apply", 120), lab.names))


def facts(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((lab.folder / "site.json").read_text())
    return found


def up(lab: Lab) -> int:
    done = lab.exec(MON, f"{ASK} osd stat", 20)
    return int(json.loads(done.out)["num_up_osds"]) if done.code == 0 else 0


def states(lab: Lab) -> set[str]:
    """The states of all placement groups; none where nobody tells."""
    done = lab.exec(MON, f"{ASK} pg dump pgs_brief 2>/dev/null", 20)
    groups = json.loads(done.out)["pg_stats"] if done.code == 0 else ()
    return {group["state"] for group in groups}


def writes(lab: Lab, node: str = STOR) -> bool:
    """Whether an object can be written through a node, or waits."""
    put = f"echo x | timeout {PATIENCE} rados -p rbd put stook-live - || exit 75"
    return lab.exec(node, put, PATIENCE + 10).code == 0


def waits(lab: Lab, node: str) -> set[str]:
    """The secrets that a node says it waits for."""
    said = lab.exec(node, "cat /var/log/cloud-init-output.log").out
    return {
        line.split("the secret ", 1)[1].split(":")[0]
        for line in said.splitlines()
        if "the secret " in line
    }


def calm(lab: Lab) -> bool:
    """Whether the cluster says of itself what is planned; the next fault's checks see the rest."""
    planned = facts(lab)["facts"]["ceph"]
    health, words = planned["health"], set(planned["pools"]["rbd"]["states"])
    done = lab.exec(MON, f"{ASK} health detail", 20)
    if done.code != 0:
        return False
    said, found = json.loads(done.out), states(lab)
    return (
        set(said["checks"]) - set(health["may"]) == set(health["must"])
        and not said["mutes"]
        and found != set()
        and all(words <= set(state.split("+")) for state in found)
    )


def serves(lab: Lab) -> Callable[[], bool]:
    return lambda: writes(lab)


def test_the_article_is_peered_and_stays_so(tmp_path: Path) -> None:
    with booted("ceph-article", tmp_path) as lab:
        assert not bad(settled("--active", folder=tmp_path))
        found = states(lab)
        assert found and all("peered" in state for state in found)
        assert not writes(lab)
        grow(lab, "ceph-article")
        until(lambda: up(lab) == 3, 60, "the third OSD is up")
        # what has come to the new OSD keeps a copy where it was, and serves; the rest still waits
        assert not bad(settled("--active", folder=tmp_path))
        assert any("peered" in state for state in states(lab))


def test_without_its_secrets_a_node_waits_and_says_which(starter: Lab) -> None:
    for node in NODES:
        starter.start(node)
    until(lambda: all(waits(starter, node) for node in NODES), 90, "they say what they wait for")
    mons = {"ceph-mon", "ceph-bootstrap-mgr"}
    assert waits(starter, STOR) == {"ceph-admin", "ceph-bootstrap-osd"}
    assert waits(starter, MON) == mons | waits(starter, STOR)
    for unit in ("ceph-osd@0", "ceph-osd@1", "stook-ceph"):
        assert starter.exec(STOR, f"systemctl is-active {unit}").out.strip() == "inactive"


def test_it_completes_by_itself_when_they_arrive(starter: Lab) -> None:
    for node in NODES:
        starter.give_secrets(node)
    until(lambda: up(starter) == 2, 60, "both OSDs are up")
    assert not bad(settled("--active", folder=starter.folder))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_exactly_its_checks_red(
    name: str, starter: Lab, record_property: Callable[[str, object], None]
) -> None:
    shows_exactly(starter, FAULTS[name], record_property, lambda: calm(starter))


def test_nothing_is_left_of_the_faults(starter: Lab) -> None:
    assert not bad(settled("--active", folder=starter.folder))


def test_with_an_osd_less_it_waits_as_planned(starter: Lab) -> None:
    stop_one(starter)


def test_a_third_osd_makes_it_clean(starter: Lab) -> None:
    grow(starter, "ceph-starter")
    until(lambda: states(starter) == {"active+clean"}, 90, "all is clean")
    assert not bad(settled("--active", folder=starter.folder))
    stop_one(starter)


@pytest.mark.parametrize(
    ("hosts", "domain", "pool"),
    [
        # what the article asks its reader to work out
        ([1, 1, 1, 1], "host", {"size": 3, "pg_num": 10}),
        ([2], "osd", {"size": 3, "pg_num": 64}),
        ([2], "host", {"size": 3, "pg_num": 64}),
        ([3], "osd", {"size": 3, "pg_num": 64}),
        ([1, 1, 1], "host", {"size": 3, "pg_num": 64}),
        ([2, 2, 2, 2], "host", {"size": 3, "pg_num": 512}),
        ([3, 3], "osd", {"size": 3, "pg_num": 512}),
        ([2, 2], "osd", {"size": 2, "pg_num": 256}),
        ([4, 4, 4], "host", {"size": 2, "pg_num": 512}),
    ],
)
def test_group_by_group_the_prediction_is_what_ceph_computes(
    hosts: list[int], domain: str, pool: dict[str, int], starter: Lab, tmp_path: Path
) -> None:
    found = cluster(tmp_path, hosts, domain, **pool)
    (planned,) = found.pools
    placed = groups(starter, MON, found)
    assert len(placed) == planned.pg_num
    assert {len(group) for group in placed} == {copies(found, planned)}
    osds = [(osd.id,) for osd in found.osds]
    hosts_down = {tuple(osd.id for osd in found.osds_of(name)) for name in found.nodes}
    hit = dict.fromkeys([*osds, *sorted(hosts_down - {(), tuple(range(len(osds)))})], 0)
    for down in hit:
        lost = outage(found, planned, down)
        touched = [group - set(down) for group in placed if group & set(down)]
        hit[down] = len(touched)
        assert min(map(len, touched)) == lost.least, down
        # one OSD has some groups more than another that weighs the same
        assert abs(len(touched) / len(placed) - float(lost.share)) < len(placed) ** -0.5, down
        # once they are out and all that can be copied is
        assert {len(group) for group in groups(starter, MON, found, down)} == {lost.later}, down
    share = outage(found, planned, osds[0]).share
    assert sum(hit[osd] for osd in osds) == share * len(placed) * len(osds)


def test_the_clusters_own_map_places_each_group_as_the_monitors_say(starter: Lab) -> None:
    """`osdmaptool` beside what the running daemons have agreed on."""
    script = (
        "ceph osd getmap -o /tmp/osdmap 2>/dev/null && osdmaptool /tmp/osdmap --test-map-pgs-dump"
    )
    lines = (line.split("\t") for line in run(starter, MON, script).splitlines())
    offline = {row[0]: json.loads(row[1]) for row in lines if len(row) > 2 and "." in row[0]}
    live = json.loads(run(starter, MON, f"{ASK} pg dump pgs_brief 2>/dev/null"))["pg_stats"]
    assert {group["pgid"]: group["up"] for group in live} == offline


def test_what_is_killed_or_loses_power_comes_back(starter: Lab) -> None:
    assert writes(starter)
    run(starter, STOR, "systemctl kill -s KILL ceph-osd@0")
    until(lambda: up(starter) == 3, 60, "the killed OSD is back")
    starter.kill(MON)
    assert not writes(starter)
    starter.kill(STOR)
    for node in NODES:
        starter.start(node)
    until(lambda: up(starter) == 3, 120, "all OSDs are up after power came back")
    until(lambda: states(starter) == {"active+clean"}, 60, "all is clean again")
    assert run(starter, STOR, "rados -p rbd get stook-live -") == "x\n"


def stop_one(lab: Lab) -> None:
    """The last OSD stopped: what is written then is what the plan has said of it."""
    rows = {row["down"]: row for row in facts(lab)["predictions"]}
    osds = [what for what in rows if what.startswith("osd.")]
    what = osds[-1]
    number = what.removeprefix("osd.")
    run(lab, STOR, f"systemctl stop ceph-osd@{number}")
    until(lambda: up(lab) == len(osds) - 1, 30, f"{what} is seen to be down")
    assert writes(lab) == rows[what]["write"], what
    run(lab, STOR, f"systemctl start ceph-osd@{number}")
    until(lambda: up(lab) == len(osds), 60, f"{what} is back")
    until(serves(lab), 60, "it serves again")
