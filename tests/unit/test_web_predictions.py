"""What is predicted of the web tier, beside its volume."""

from __future__ import annotations

from pathlib import Path

from generator import pipeline
from verify.contract import Prediction

TWO, THREE = (f"any {count} of node-gfs1, node-gfs2, node-gfs3" for count in (2, 3))
BUNDLES = Path(__file__).parents[2] / "bundles"


def rows(folder: Path, spec: str) -> dict[str, Prediction]:
    (folder / "site.yaml").write_text(spec, "utf-8")
    made = pipeline.run(folder)
    assert made.plan, made.findings
    return {row.down: row for row in made.plan.predictions if row.component == "web"}


def test_any_number_of_nodes_may_be_all_that_serve(tmp_path: Path) -> None:
    spec = (BUNDLES / "ha-wordpress" / "site.yaml").read_text("utf-8")
    options = "      options:\n"
    spec = spec.replace(options, f"{options}        cluster.quorum-type: none\n", 1)
    every = rows(tmp_path, spec)
    assert every[TWO].read and "at least 1 of 3 serve" in every[TWO].why
    assert "address of one that is down" in every[TWO].why
    two = rows(tmp_path, spec.replace("\nweb:\n", '\nweb:\n  nodes: "node-gfs[2:3]"\n', 1))
    assert not two[TWO].read and "no node may be left" in two[TWO].why


def apart() -> str:
    """The reference site with its web tier on nodes that are none of the pool."""
    spec = (BUNDLES / "ha-wordpress" / "site.yaml").read_text("utf-8")
    web = "".join(f"  web{n}: {{address: 10.77.0.2{n}, zone: us-east-1b}}\n" for n in (1, 2))
    for old, new in (
        ("\nadmins:", f"{web}\nadmins:"),
        ("\ngluster:\n", '\ngluster:\n  nodes: "node-gfs[1:3]"\n'),
        ("path: /var/www/html\n", 'path: /var/www/html\n        nodes: "web[1:2]"\n'),
        ("\nweb:\n", '\nweb:\n  nodes: "web[1:2]"\n'),
        ("    device: /dev/xvdf", '    nodes: "node-gfs[1:3]"\n    device: /dev/xvdf'),
    ):
        assert old in spec
        spec = spec.replace(old, new, 1)
    return spec


def test_a_tier_apart_follows_its_volume_and_falls_with_its_zone(tmp_path: Path) -> None:
    seen = rows(tmp_path, apart())
    one = seen["node node-gfs1"]
    assert one.read and one.stall_seconds and "web1, web2 serve" in one.why
    assert one.among == ("web1", "web2")
    assert seen["node web1"].why.startswith("web2 serves;") and not seen["node web1"].stall_seconds
    zone = seen["zone us-east-1b"]
    assert not zone.read and zone.nodes == ("node-gfs1", "web1", "web2")
    assert "no other node serves" in zone.why


def test_any_two_of_the_pool_are_none_of_a_tier_apart(tmp_path: Path) -> None:
    options = "      options:\n"
    seen = rows(
        tmp_path, apart().replace(options, f"{options}        cluster.quorum-type: none\n", 1)
    )
    assert seen[TWO].read and "at least 2 of 2 serve" in seen[TWO].why
    assert "address" not in seen[TWO].why


def test_a_zone_has_one_row_where_the_pool_has_more_of_it_than_the_tier(tmp_path: Path) -> None:
    spec = (BUNDLES / "ha-wordpress" / "site.yaml").read_text("utf-8")
    fourth = "  node-gfs4: {address: 10.77.0.14, zone: us-east-1d}\n"
    spec = spec.replace("\nadmins:", f"{fourth}\nadmins:", 1)
    spec = spec.replace("    wp:\n", '    wp:\n      nodes: "node-gfs[1:3]"\n', 1)
    spec = spec.replace("\nweb:\n", '\nweb:\n  nodes: "node-gfs[1:3]"\n', 1)
    (tmp_path / "site.yaml").write_text(spec, "utf-8")
    made = pipeline.run(tmp_path)
    assert made.plan, made.findings
    rows = [row for row in made.plan.predictions if row.down == "zone us-east-1d"]
    assert [(row.component, row.read) for row in rows] == [("gluster", False), ("web", False)]


def test_a_readme_has_every_row_that_its_node_is_concerned_by(tmp_path: Path) -> None:
    spec = (BUNDLES / "ha-wordpress" / "site.yaml").read_text("utf-8")
    options = "      options:\n"
    spec = spec.replace(options, f"{options}        cluster.quorum-type: none\n", 1)
    (tmp_path / "site.yaml").write_text(spec, "utf-8")
    made = pipeline.run(tmp_path)
    assert made.rendered, made.findings
    for node in ("node-gfs1", "node-gfs2", "node-gfs3"):
        (readme,) = (f for f in made.rendered.files[node] if f.path == "README.md")
        text = b"".join(readme.parts).decode()
        for down in (TWO, THREE, "database wp.example.internal"):
            assert f"* {down}: " in text
        assert "readable and writable after at most 84 s" in text
