"""Disks that differ from node to node: each node's own device and UUID, wherever they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator import pipeline
from generator.claims import Disk, Mount
from generator.components.gluster.layout import resolve
from generator.language.findings import Path as Place
from generator.language.findings import dotted
from generator.planning import per_node
from tests.outcomes import site

UUID = "0fc63daf-8483-4772-8e79-3d69d8477de4"
NODES = ("n1", "n2", "n3")


def run(folder: Path, old: str, new: str) -> pipeline.Run:
    text = site()
    assert old in text
    (folder / "site.yaml").write_text(text.replace(old, new), "utf-8")
    return pipeline.run(folder)


@pytest.fixture
def different(tmp_path: Path) -> pipeline.Run:
    return run(
        tmp_path,
        "device: /dev/sdb",
        f'device: {{n1: /dev/disk/by-id/scsi-a1, "n[2:3]": /dev/xvdf}}\n    uuid: {{n2: {UUID}}}',
    )


def test_each_node_formats_its_own_device_and_mounts_its_own_uuid(different: pipeline.Run) -> None:
    assert different.plan
    claims = different.plan.claims
    devices = {node: one.device for node in NODES for one in claims.of(Disk, node)}
    assert devices == {"n1": "/dev/disk/by-id/scsi-a1", "n2": "/dev/xvdf", "n3": "/dev/xvdf"}
    uuids = {node: one.uuid for node in NODES for one in claims.of(Disk, node)}
    assert uuids["n2"] == UUID and len(set(uuids.values())) == 3
    for node in NODES:
        (mount,) = (one for one in claims.of(Mount, node) if one.path == "/bricks/data")
        assert mount.source == f"UUID={uuids[node]}"
    assert {one.rule for one in different.findings} == {"N154"}


def test_a_renamed_node_may_be_given_the_uuids_that_it_has(tmp_path: Path) -> None:
    pipeline.build(run(tmp_path, "site: outcomes", "site: outcomes"), tmp_path)
    new = site().replace("n2:", "m2:")
    (tmp_path / "site.yaml").write_text(new, "utf-8")
    (one,) = (f for f in pipeline.run(tmp_path).findings if f.rule == "N150")
    (had,) = re.findall("[0-9a-f-]{36}", one.message)
    given = new.replace("device: /dev/sdb", f"device: /dev/sdb\n    uuid: {{m2: {had}}}")
    (tmp_path / "site.yaml").write_text(given, "utf-8")
    (one,) = (f for f in pipeline.run(tmp_path).findings if f.rule == "N150")
    assert not re.findall("[0-9a-f-]{36}", one.message)


@pytest.mark.parametrize(
    ("device", "place", "says"),
    [
        ("sdb", "disks.data.device", "must be an absolute path of letters"),
        ("{n1: sdb}", "disks.data.device.n1", "must be an absolute path of letters"),
        ("[/dev/sdb]", "disks.data.device", "must be text or a mapping of keys, not a list"),
        ("{n1: /dev/sdb}", "disks.data.device", "`device` has no entry for `n2`, `n3`"),
        ('{"n[1:4]": /dev/sdb}', "disks.data.device.n[1:4]", "no node is called `n4`"),
        ('{"n[1:3]": /dev/sdb, n2: /dev/sdc}', "disks.data.device.n2", "a second entry for `n2`"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(
    device: str, place: str, says: str, tmp_path: Path
) -> None:
    found = run(tmp_path, "device: /dev/sdb", f"device: {device}").findings
    assert [one for one in found if dotted(one.path) == place and says in one.message], found


def test_bricks_stand_in_the_order_of_the_volume_s_nodes(tmp_path: Path) -> None:
    bricks = '{"n[1:2]": [data/a, data/b], n3: [data/c, data/d]}'
    this = run(tmp_path, "brick: data/copies", f"brick: {bricks}\n      nodes: [n3, n1, n2]")
    assert this.site
    pool = resolve(this.site)
    assert pool
    copies = next(one for one in pool.volumes if one.name == "copies")
    wanted = [("n3", "c"), ("n1", "a"), ("n2", "a"), ("n3", "d"), ("n1", "b"), ("n2", "b")]
    assert [(one.node, one.directory) for one in copies.bricks] == wanted
    assert [len(one) for one in copies.sets] == [3, 3]
    assert copies.type == "Distributed-Replicate"


def spread(given: str | Mapping[str, str], *nodes: str) -> dict[str, tuple[str, Place]]:
    return per_node.spread(given, nodes, ("p",))


def test_names_without_a_value_are_left_out() -> None:
    first = ("a", ("p", "n[1:2]"))
    given = {"n[1:2]": "a", "n2": "b", "x": "c", "n[3": "d"}
    assert spread(given, "n2", "n1", "n3") == {"n2": first, "n1": first}
    assert spread("z", "n1") == {"n1": ("z", ("p",))}
