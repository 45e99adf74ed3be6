"""A volume of single bricks: gluster calls it distributed, and knows no copies or healing of it."""

from __future__ import annotations

from pathlib import Path

from generator import pipeline
from verify.serialization import load_manifest

SPEC = Path(__file__).parents[1] / "live/vm/site.yaml"


def test_its_creation_names_no_replica() -> None:
    assert "volume\twp\tdistribute\t0\t0\t0\t0\n" in text("rootfs/etc/stook/gluster.tsv")


def test_its_expectations_are_those_of_one_copy(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text("manifest.json"))
    manifest = load_manifest(tmp_path / "manifest.json")
    wants = {one.id.split("/")[1]: one.want for one in manifest.expectations}
    assert wants["gluster_volume"]["type"] == "Distribute"
    assert wants["gluster_volume"]["replica"] == 1
    assert "cluster.quorum-type" not in wants["gluster_volume"]["options"]
    assert "gluster_heal" not in wants
    assert wants["gluster_status"]["shd"] == []


def text(path: str) -> str:
    rendered = pipeline.run(SPEC).rendered
    assert rendered
    files = {file.path: file.content for file in rendered.files["node-gfs1"]}
    return files[path].decode()
