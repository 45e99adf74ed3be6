"""What the live tests of first clusters share: a site with a disk more, and its cluster's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.live.site import ROOT, build, run, running, until
from tests.pace import limit
from verify.lab.site import Lab

MON, STOR = "ceph-mon-01", "ceph-stor-01"
ASK = "ceph --connect-timeout 5 -f json"
# What waits is given up after so many seconds; what is served is served at once.
PATIENCE = 6


def build_with_disk(site: str, folder: Path, third: bool, second: bool = False) -> None:
    """A reference site with one disk more, and an OSD on it; states are told of a minute sooner.

    `second` makes the storage node a monitor as well.
    """
    spec = yaml.safe_load((ROOT / "bundles" / site / "site.yaml").read_text())
    disk = dict(spec["disks"]["storage02"])
    spec["disks"]["storage03"] = disk | {"device": "/dev/vdz", "mount": "/ceph/storage03"}
    spec["ceph"]["settings"] |= {"mon_pg_stuck_threshold": 10}
    if third:
        spec["ceph"]["osd"][STOR].append("storage03")
        # what was accepted until the third OSD came
        spec["accept"] = [item for item in spec["accept"] if item["rule"] != "C01"]
    if second:
        spec["ceph"]["mon"] = [MON, STOR]
    build(folder, yaml.safe_dump(spec, sort_keys=False))


@contextmanager
def booted(site: str, folder: Path, **options: Any) -> Iterator[Lab]:
    """A site with one disk more than the reference, and the reference's own checks."""
    build_with_disk(site, folder, third=False)
    with running(folder, **options) as lab:
        yield lab


def grow(lab: Lab, site: str, second: bool = False) -> None:
    """The third OSD, as an admin brings it: into the spec, built, applied on each node.

    `second` brings a second monitor, with the key that it needs.
    """
    build_with_disk(site, lab.folder, third=True, second=second)
    if second:
        key, path = lab.secret("ceph-mon"), "/var/lib/stook/secrets/ceph-mon"
        run(lab, STOR, f"umask 077 && echo '{key}' >{path}")
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


def quorum(lab: Lab) -> set[str]:
    """The monitors that are in it; none where nobody tells."""
    done = lab.exec(MON, f"{ASK} quorum_status", 20)
    return set(json.loads(done.out)["quorum_names"]) if done.code == 0 else set()


def shows(lab: Lab, code: str) -> bool:
    """Whether the cluster's health has a code."""
    return code in json.loads(run(lab, MON, f"{ASK} health"))["checks"]


def states(lab: Lab) -> set[str]:
    """The states of all placement groups; none where nobody tells."""
    done = lab.exec(MON, f"{ASK} pg dump pgs_brief 2>/dev/null", 20)
    groups = json.loads(done.out)["pg_stats"] if done.code == 0 else ()
    return {group["state"] for group in groups}


def writes(lab: Lab, node: str = STOR) -> bool:
    """Whether an object can be written through a node, or waits."""
    patience = int(limit(PATIENCE))
    put = f"echo x | timeout {patience} rados -p rbd put stook-live - || exit 75"
    return lab.exec(node, put, PATIENCE + 10).code == 0


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
        and all(words <= set(state.split("+")) <= words | {"degraded"} for state in found)
    )


def serves(lab: Lab) -> Callable[[], bool]:
    return lambda: writes(lab)


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


def lose_power(lab: Lab) -> None:
    """A killed OSD and a loss of power everywhere: nothing is lost, and all is clean again."""
    assert writes(lab)
    run(lab, STOR, "systemctl kill -s KILL ceph-osd@0")
    until(lambda: up(lab) == 3, 60, "the killed OSD is back")
    lab.kill(MON)
    assert not writes(lab)
    lab.kill(STOR)
    for node in lab.names:
        lab.start(node)
    until(lambda: up(lab) == 3, 120, "all OSDs are up after power came back")
    until(lambda: states(lab) == {"active+clean"}, 60, "all is clean again")
    assert run(lab, STOR, "rados -p rbd get stook-live -") == "x\n"
