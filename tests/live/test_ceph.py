"""Two first clusters of Ceph: each is exactly as degraded as predicted, and so is what follows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from generator.components.ceph.placement import copies, outage
from tests.live.cluster import (
    ASK,
    MON,
    STOR,
    booted,
    calm,
    facts,
    grow,
    lose_power,
    quorum,
    shows,
    states,
    stop_one,
    up,
    writes,
)
from tests.live.placement import groups
from tests.live.site import ROOT, bad, fault_groups, run, settled, shows_exactly, until
from tests.unit.test_ceph_predictions import cluster
from verify.lab.site import Lab

pytestmark = pytest.mark.live
NODES = (MON, STOR)
GROUPS = fault_groups(ROOT / "bundles/ceph-starter")


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Its nodes run and have none of their secrets; each test goes on from the last."""
    folder = tmp_path_factory.mktemp("ceph-starter")
    with booted("ceph-starter", folder, late=NODES, secretless=NODES) as lab:
        yield lab


def waits(lab: Lab, node: str) -> set[str]:
    """The secrets that a node says it waits for."""
    said = lab.exec(node, "cat /var/log/cloud-init-output.log").out
    return {
        line.split("the secret ", 1)[1].split(":")[0]
        for line in said.splitlines()
        if "the secret " in line
    }


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
    begun = time.monotonic()
    for code, seconds in facts(starter)["facts"]["ceph"]["health"]["within_seconds"].items():
        left = max(1, begun + seconds - time.monotonic())
        until(partial(shows, starter, code), left, f"{code} shows after {seconds} s")
    assert not bad(settled("--active", folder=starter.folder))


@pytest.mark.parametrize("name", GROUPS)
def test_faults_turn_exactly_their_checks_red(
    name: str, starter: Lab, record_property: Callable[[str, object], None]
) -> None:
    shows_exactly(starter, GROUPS[name], record_property, lambda: calm(starter))


def test_nothing_is_left_of_the_faults(starter: Lab) -> None:
    assert not bad(settled("--active", folder=starter.folder))


def test_what_is_never_clean_is_late_for_its_scrubs(starter: Lab) -> None:
    """As the plan says for days, with days made seconds."""
    late = {"PG_NOT_SCRUBBED", "PG_NOT_DEEP_SCRUBBED"}
    assert late <= set(facts(starter)["facts"]["ceph"]["health"]["may"])
    assert not any(shows(starter, code) for code in late)
    for name in ("osd_scrub_max_interval", "osd_deep_scrub_interval"):
        run(starter, MON, f"ceph config set global {name} 20")
    until(lambda: all(shows(starter, code) for code in late), 60, "its scrubs are late")
    for name in ("osd_scrub_max_interval", "osd_deep_scrub_interval"):
        run(starter, MON, f"ceph config rm global {name}")
    until(lambda: not any(shows(starter, code) for code in late), 60, "they are due in days again")


def test_with_an_osd_less_it_waits_as_planned(starter: Lab) -> None:
    stop_one(starter)


def test_a_third_osd_makes_it_clean(starter: Lab) -> None:
    grow(starter, "ceph-starter")
    until(lambda: states(starter) == {"active+clean"}, 90, "all is clean")
    assert not bad(settled("--active", folder=starter.folder))
    stop_one(starter)


def test_an_osd_whose_disk_was_replaced_says_what_to_do_and_comes_back(starter: Lab) -> None:
    """As the how-to has it: its files are gone, a person purges it, it is made anew by itself."""
    run(starter, STOR, "systemctl stop ceph-osd@2 && rm -r /ceph/storage03/osd")
    run(starter, STOR, "systemctl --no-block start ceph-osd@2")
    command = "ceph osd purge 2 --yes-i-really-mean-it"
    journal = "journalctl --boot --no-pager --output cat -u ceph-osd@2"
    until(lambda: command in run(starter, STOR, journal), 30, "its journal has the command")
    assert up(starter) == 2
    run(starter, MON, command)
    until(lambda: up(starter) == 3, 60, "the OSD is made anew")
    until(lambda: states(starter) == {"active+clean"}, 90, "all is clean")


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
    """`osdmaptool` beside what the running daemons report of themselves, some seconds later."""
    script = (
        "ceph osd getmap -o /tmp/osdmap 2>/dev/null && osdmaptool /tmp/osdmap --test-map-pgs-dump"
    )
    lines = (line.split("\t") for line in run(starter, MON, script).splitlines())
    offline = {row[0]: json.loads(row[1]) for row in lines if row[0][:1].isdigit()}
    assert len(offline) > 64

    def reported() -> dict[str, list[int]]:
        said = run(starter, MON, f"{ASK} pg dump pgs_brief 2>/dev/null")
        return {group["pgid"]: group["up"] for group in json.loads(said)["pg_stats"]}

    until(lambda: reported() == offline, 30, "every group is where osdmaptool places it")


def test_what_is_killed_or_loses_power_comes_back(starter: Lab) -> None:
    lose_power(starter)


def test_a_monitor_that_comes_later_joins(starter: Lab) -> None:
    """It takes the map of the one that is there, which is restarted meanwhile."""
    fsid = run(starter, MON, "ceph fsid")
    grow(starter, "ceph-starter", second=True)
    until(lambda: quorum(starter) == {MON, STOR}, 60, "both monitors are in the quorum")
    assert run(starter, STOR, "ceph fsid") == fsid
    assert not bad(settled("--active", folder=starter.folder))
    assert run(starter, STOR, "rados -p rbd get stook-live -") == "x\n"
