"""What is predicted of the web tier, beside its volume."""

from __future__ import annotations

from pathlib import Path

from generator import pipeline
from verify.contract import Prediction

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
    assert every["any 2 nodes"].read and "at least 1 of 3 serve" in every["any 2 nodes"].why
    assert "address of one that is down" in every["any 2 nodes"].why
    two = rows(tmp_path, spec.replace("\nweb:\n", '\nweb:\n  nodes: "node-gfs[2:3]"\n', 1))
    assert not two["any 2 nodes"].read and "no node may be left" in two["any 2 nodes"].why


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
        for down in ("any 2 nodes", "any 3 nodes", "database wp.example.internal"):
            assert f"* {down} down: " in text
        assert "readable and writable after at most 84 s" in text
