"""A site of one node: with it down nothing is left, and each row says just that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import pipeline
from verify.contract import Prediction

CEPH = {
    "mon": "n1",
    "mgr": "n1",
    "osd": {"n1": ["b1", "b2", "b3"]},
    "failure_domain": "osd",
    "pools": {"rbd": {"size": 3, "min_size": 2, "pg_num": 32, "application": "rbd"}},
    "settings": {"auth_allow_insecure_global_id_reclaim": False},
}
GLUSTER = {"volumes": {"copies": {"brick": "b1/gv"}}}
WEB = {
    "wordpress": {"root": "/var/www/html", "url": "http://www.example.com"},
    "database": {
        "host": "wp.example.internal",
        "name": "wordpress",
        "user": "wp",
        "password": {"secret": "db-password"},
    },
}
# What says nothing where there is no other node.
VACUOUS = ("0 other", "any 0", "no other", "goes on for a while", "quorum", "0 of 1")


def rows(folder: Path, **parts: Any) -> dict[str, Prediction]:
    """Its predictions by what is down."""
    spec = {
        "stook": 1,
        "site": "one",
        "identity": "6f1c0f5e-6c1b-4b0e-9d57-0c9a6b7f2d11",
        "platform": "debian-12",
        "networks": {"internal": "10.77.0.0/24"},
        "nodes": {"n1": {"address": "10.77.0.11", "zone": "a"}},
        "time": {"servers": ["ntp.example.internal"]},
        "disks": {
            f"b{n}": {"nodes": "n1", "device": f"/dev/xvd{'fgh'[n - 1]}", "mount": f"/bricks/b{n}"}
            for n in (1, 2, 3)
        },
        "accept": [
            {"rule": rule, "where": where, "reason": "one", "by": "ops", "until": "2099-01-01"}
            for rule, where in (("G106", "gluster.volumes.copies"),)
            if "gluster" in parts
        ],
        **parts,
    }
    (folder / "site.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    this = pipeline.run(folder)
    assert this.plan, [finding.message for finding in this.findings]
    return {row.down: row for row in this.plan.predictions}


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"ceph": CEPH}, "nothing of the cluster is left"),
        ({"gluster": GLUSTER}, "no brick is left: clients get ENOTCONN until enough are back"),
        ({"web": WEB}, "n1 alone serves"),
    ],
    ids=["ceph", "gluster", "web"],
)
def test_with_the_only_node_down_nothing_is_left(
    parts: dict[str, Any], why: str, tmp_path: Path
) -> None:
    have = rows(tmp_path, **parts)
    one = have["node n1"]
    assert (one.read, one.write, one.stall_seconds if one.read else 0) == (False, False, 0)
    assert one.why == why
    assert not [row for row in have.values() for word in VACUOUS if word in row.down + row.why]


def test_an_osd_or_a_manager_of_it_may_still_go(tmp_path: Path) -> None:
    have = rows(tmp_path, ceph=CEPH)
    assert have["osd.0"].write and "2 of 3 copies" in have["osd.0"].why
    assert have["mgr on n1"].write
