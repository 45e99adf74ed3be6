"""Two first clusters of Ceph: each is exactly as degraded as predicted, and so is what follows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from tests.live.site import ROOT, bad, run, settled, until
from verify.lab.site import Lab

pytestmark = pytest.mark.live
MON, STOR = "ceph-mon-01", "ceph-stor-01"
ASK = "ceph --connect-timeout 5 -f json"
# What waits is given up after so many seconds; what is served is served at once.
PATIENCE = 8


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
    build(site, folder, third=False)
    made = Lab(folder, print)
    made.up(**options)
    try:
        yield made
    finally:
        made.down()


def grow(lab: Lab, site: str) -> None:
    """The third OSD, as an admin brings it: into the spec, built, applied on each node."""
    build(site, lab.folder, third=True)
    for node in lab.names:
        lab.deliver(node, "/root/grown")
        run(lab, node, "/root/grown/apply", 120)


def facts(lab: Lab) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((lab.folder / "site.json").read_text())
    return found


def up(lab: Lab) -> int:
    done = lab.exec(MON, f"{ASK} osd stat", 20)
    return int(json.loads(done.out)["num_up_osds"]) if done.code == 0 else 0


def states(lab: Lab) -> set[str]:
    """The states of all placement groups."""
    found = json.loads(run(lab, MON, f"{ASK} pg dump pgs_brief 2>/dev/null"))["pg_stats"]
    return set(Counter(group["state"] for group in found))


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


def serves(lab: Lab) -> Callable[[], bool]:
    return lambda: writes(lab)


def test_the_starter_waits_forms_serves_and_grows(tmp_path: Path) -> None:
    nodes = (MON, STOR)
    with booted("ceph-starter", tmp_path, late=nodes, secretless=nodes) as lab:
        for node in nodes:
            lab.start(node)
        until(lambda: bool(waits(lab, STOR) and waits(lab, MON)), 90, "both say what they wait for")
        assert waits(lab, STOR) == {"ceph-admin", "ceph-bootstrap-osd"}
        assert waits(lab, MON) == {
            "ceph-admin",
            "ceph-mon",
            "ceph-bootstrap-mgr",
            "ceph-bootstrap-osd",
        }
        for unit in ("ceph-osd@0", "ceph-osd@1", "stook-ceph"):
            assert lab.exec(STOR, f"systemctl is-active {unit}").out.strip() == "inactive"
        for node in nodes:
            lab.give_secrets(node)
        took = until(lambda: up(lab) == 2, 60, "both OSDs are up")
        print(f"2 OSDs up {took:.0f} s after the secrets came")
        assert not bad(settled("--active", folder=tmp_path))

        outages(lab)
        grow(lab, "ceph-starter")
        until(lambda: states(lab) == {"active+clean"}, 90, "all is clean")
        assert not bad(settled("--active", folder=tmp_path))
        outages(lab)
        the_worked_example(lab)
        restarts(lab)


def outages(lab: Lab) -> None:
    """Each OSD and the manager stopped: what is written then is what the plan has said."""
    rows = {row["down"]: row for row in facts(lab)["predictions"]}
    down = [what for what in rows if what.startswith("osd.")][-2:]
    for what in down:
        number = what.removeprefix("osd.")
        run(lab, STOR, f"systemctl stop ceph-osd@{number}")
        all_up = len([row for row in rows if row.startswith("osd.")])
        until(lambda: up(lab) == all_up - 1, 30, f"{what} is seen to be down")  # noqa: B023
        assert writes(lab) == rows[what]["write"], what
        run(lab, STOR, f"systemctl start ceph-osd@{number}")
        until(lambda: up(lab) == all_up, 60, f"{what} is back")  # noqa: B023
    until(serves(lab), 60, "it serves again")


def restarts(lab: Lab) -> None:
    """A killed OSD is back by itself; without its only monitor nothing is served, then all is."""
    run(lab, STOR, "systemctl kill -s KILL ceph-osd@0")
    until(lambda: up(lab) == 3, 60, "the killed OSD is back")
    lab.kill(MON)
    assert not writes(lab)
    lab.kill(STOR)
    for node in (MON, STOR):
        lab.start(node)
    until(lambda: up(lab) == 3, 120, "all OSDs are up after power came back")
    until(lambda: states(lab) == {"active+clean"}, 60, "all is clean again")
    assert run(lab, STOR, "rados -p rbd get stook-live -") == "x\n"


def the_worked_example(lab: Lab) -> None:
    """4 OSDs, 3 copies, 10 placement groups: Ceph's own placement agrees with the arithmetic."""
    simple = "osdmaptool --createsimple 4 map --with-default-pool --pg-bits 2 --clobber"
    dump = "osdmaptool map --mark-up-in --test-map-pgs-dump-all --pool 1"
    said = run(lab, MON, f"cd /tmp && {simple} >/dev/null 2>&1; {dump} 2>/dev/null")
    groups = [
        json.loads(line.split("\t")[1]) for line in said.splitlines() if line.startswith("1.")
    ][:10]
    assert len(groups) == 10 and all(len(set(group)) == 3 for group in groups)
    hit = Counter(osd for group in groups for osd in group)
    assert sum(hit.values()) == 30 and sum(hit.values()) / 4 == 7.5
    # each group that has the failed OSD keeps two copies, and the third finds a place
    assert all(len(set(group) - {osd}) >= 2 for osd in range(4) for group in groups)


def test_the_article_is_peered_and_stays_so(tmp_path: Path) -> None:
    with booted("ceph-article", tmp_path) as lab:
        assert not bad(settled("--active", folder=tmp_path))
        assert all("peered" in state for state in states(lab))
        assert not writes(lab)
        grow(lab, "ceph-article")
        until(lambda: up(lab) == 3, 60, "the third OSD is up")
        assert not bad(settled("--active", folder=tmp_path))
        assert not writes(lab)
