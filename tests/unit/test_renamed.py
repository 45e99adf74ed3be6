"""A node that is called otherwise than in the bundles beside its spec is a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import pipeline
from generator.language.findings import Finding
from generator.planning.site import derived
from tests.outcomes import site

ID = "6d1c0b52-7c6a-4d0e-9a53-2f5a3c1be0a7"


def findings(folder: Path, spec: str) -> list[Finding]:
    (folder / "site.yaml").write_text(spec, "utf-8")
    return [one for one in pipeline.run(folder).findings if one.rule == "N150"]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assert not findings(tmp_path, site())
    pipeline.build(pipeline.run(tmp_path), tmp_path)
    return tmp_path


def test_a_renamed_node_is_named_with_what_its_disks_are(built: Path) -> None:
    (one,) = findings(built, site().replace("n2:", "m2:"))
    assert one.path == ("nodes", "m2")
    assert "address of `n2`" in one.message and derived(ID, "disk", "n2", "data") in one.message


def test_a_node_more_or_less_or_elsewhere_is_none(built: Path) -> None:
    assert not findings(built, site())
    assert not findings(built, site().replace("n2:", "m2:").replace("10.84.0.12", "10.84.0.22"))
    assert not findings(built, site().replace("10.84.0.12", "10.84.0.22"))


@pytest.mark.parametrize("text", ["", "[]", '{"nodes": []}', '{"nodes": {"n1": 1}}'])
def test_what_is_no_site_says_nothing(built: Path, text: str) -> None:
    (built / "site.json").write_text(text, "utf-8")
    assert not findings(built, site().replace("n2:", "m2:"))


def test_the_handbook_does_not_hang_on_what_was_built_before(built: Path) -> None:
    (built / "site.yaml").write_text(site().replace("n2:", "m2:"), "utf-8")
    first = pipeline.run(built)
    pipeline.build(first, built)
    again = pipeline.run(built)
    assert first.rendered and again.rendered
    assert first.rendered.files[""] == again.rendered.files[""]
