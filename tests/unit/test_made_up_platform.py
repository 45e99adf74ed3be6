"""A platform and a package family are data: with made-up ones all components still build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import pipeline, platforms
from generator.components import TABLE
from generator.language.findings import Severity
from tests.unit import madeup
from tests.unit.node import GROUP, ME, NOTE, Node

ROOT = madeup.ROOT
PLATFORMS = (*platforms.names(), madeup.NAME)
# What the real platforms call things, and what the made-up one does not.
THEIRS = re.compile(r"debian|www-data|\badm\b|apt-get|dpkg|vcache|/etc/php/|php8")


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with madeup.copied(tmp_path_factory.mktemp("platforms")) as copy:
        madeup.add(copy)
        yield


def example(spec: Path) -> str:
    return f"{spec.parent.parent.name}-{spec.parent.name}"


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.module.rpartition(".")[2])
def test_it_has_what_every_component_needs(entry: object) -> None:
    needs = entry.load().platform  # type: ignore[attr-defined]
    assert not list(platforms.lacking(platforms.load(madeup.NAME), needs))


@pytest.mark.parametrize("spec", madeup.EXAMPLES, ids=example)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_example_is_built_or_refused_in_its_place(
    spec: Path, platform: str, tmp_path: Path
) -> None:
    text = madeup.on(platform, spec)
    (tmp_path / "site.yaml").write_text(text)
    run = pipeline.run(tmp_path)
    wrong = [f for f in run.findings if f.severity is Severity.ERROR and not f.accepted]
    assert bool(run.rendered) != bool(wrong), [f.message for f in wrong]
    for finding in wrong:
        # a platform that is not enough, or a component's own rule: no stage of ours has failed
        components = {rule.id for entry in TABLE for rule in entry.load().rules}
        assert finding.rule == "P102" or finding.rule in components, finding.message
        assert finding.path and finding.span, finding.message


def test_every_component_builds_on_it(tmp_path: Path) -> None:
    found: set[str] = set()
    for spec in madeup.EXAMPLES:
        (tmp_path / "site.yaml").write_text(madeup.on(madeup.NAME, spec))
        run = pipeline.run(tmp_path)
        if run.rendered and not run.failed:
            assert run.plan
            claims = run.plan.claims
            every = (
                c for n in run.plan.site.nodes for t in claims.types() for c in claims.of(t, n)
            )
            found |= {claim.component for claim in every}
    assert {entry.load().name for entry in TABLE} <= found


@pytest.mark.parametrize("name", ["ha-wordpress", "ceph-starter"])
def test_nothing_of_another_platform_is_in_what_is_built(name: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        madeup.on(madeup.NAME, ROOT / "bundles" / name / "site.yaml")
    )
    run = pipeline.run(tmp_path)
    assert run.rendered and not run.failed, [f.message for f in run.findings]
    for node, files in run.rendered.files.items():
        for file in files:
            found = THEIRS.search(file.content.decode("utf-8", "replace"))
            assert not found or file.path.endswith(".gz"), f"{node}/{file.path}: {found}"


DNF = {
    "rpm": 'for p; do :; done; grep -qx "$p" "$NODE_NOTES/installed" && echo 1-1',
    "dnf": NOTE
    + """
        [ ! -e "$NODE_NOTES/offline" ] || { echo "Error: no network"; exit 1; }
        case "$*" in *--downloadonly*) ;; *" install "*)
            for p in ${*##* install }; do echo "$p" >>"$NODE_NOTES/installed"; done ;;
        esac""",
}
OTHERS = ("apt-get", "dpkg", "dpkg-query")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with dnf and the bundle of a site that is nothing but the base."""
    (tmp_path / "site.yaml").write_text(
        madeup.on(madeup.NAME, ROOT / "tests/unit/architecture/base.yaml")
    )
    run = pipeline.run(tmp_path / "site.yaml")
    assert run.rendered and not run.failed
    node = Node(tmp_path / "node")
    for file in (file for file in run.rendered.files["n1"] if file.committed):
        place = node.bundle / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content)
    plan = node.bundle / "plan.tsv"
    # who runs the tests owns what others would
    mine = rf"\1\t{ME}\t{GROUP}\t"
    plan.write_text(re.sub(r"^(file\t\S+\t\d+)\t\S+\t\S+\t", mine, plan.read_text(), flags=re.M))
    node.sums()
    node.write("etc/os-release", 'ID=madeup\nVERSION_ID="1"\n')
    for name, body in DNF.items() | dict.fromkeys(OTHERS, f"{NOTE}exit 97").items():
        command = node.path / "bin" / name
        command.write_text(f"#!/bin/sh\n{body}\n")
        command.chmod(0o755)
    return node


def test_its_bundle_is_applied_by_its_own_package_manager(node: Node) -> None:
    done = node.apply(seal=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [call for call in node.calls if call.startswith(OTHERS)]
    (wanted,) = (call for call in node.calls if " install " in call and "download" not in call)
    assert {"ssh-daemon", "chrony", "firewalld"} <= set(wanted.split())
    assert "server 192.0.2.1" in node.read("etc/chrony.conf")
    again = node.apply(seal=False)
    assert again.returncode == 0 and "nothing to do" in again.stdout, again.stdout


def test_what_its_package_manager_says_is_told(node: Node) -> None:
    (node.notes / "offline").touch()
    done = node.apply(seal=False)
    assert done.returncode == 75
    assert "all of it is in" in done.stdout and "dnf.log" in done.stdout
    assert "Error: no network" in done.stdout
